package machine

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree makes files below a new root.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestFindKernel(t *testing.T) {
	root := tree(t, map[string]string{
		"boot/vmlinuz-6.1.0-9-amd64":                         "",
		"boot/vmlinuz-6.1.0-56-amd64":                        "",
		"boot/vmlinuz-6.12.9-amd64":                          "",
		"boot/vmlinuz-6.12.10-rt-amd64":                      "",
		"boot/vmlinuz-6.12.99-cloud-amd64":                   "",
		"boot/vmlinuz-6.13.0":                                "no modules",
		"lib/modules/6.1.0-9-amd64/modules.dep":              "",
		"lib/modules/6.1.0-56-amd64/modules.dep":             "",
		"lib/modules/6.12.9-amd64/modules.dep":               "",
		"lib/modules/6.12.10-rt-amd64/modules.dep":           "",
		"lib/modules/6.12.99-cloud-amd64/modules.dep":        "",
		"boot/vmlinuz-7.3.4+deb13-amd64":                     "",
		"lib/modules/7.3.4+deb13-amd64/modules.dep":          "",
		"lib/modules/6.14.0-1-generic/modules.dep":           "no image",
		"lib/modules/6.15.3-200.fc42.x86_64/modules.dep":     "",
		"lib/modules/6.15.3-200.fc42.x86_64/modules.builtin": "",
		"lib/modules/6.15.3-200.fc42.x86_64/vmlinuz":         "",
	})
	for version, want := range map[string]string{
		"6.1":   "6.1.0-56-amd64", // not 6.12, and 56 is more than 9
		"6.12":  "6.12.9-amd64",   // an ordinary one before newer variants
		"6.13":  "",
		"6.14":  "",
		"6.15":  "6.15.3-200.fc42.x86_64",
		"7.0":   "",
		"7.3.4": "7.3.4+deb13-amd64",
		"7.3":   "7.3.4+deb13-amd64",
	} {
		k, err := FindKernel(root, version)
		if want == "" {
			if err == nil || !strings.Contains(err.Error(), "no kernel "+version) {
				t.Errorf("%s: %v", version, err)
			}
			continue
		}
		if err != nil || k.Release != want {
			t.Errorf("%s: %v, %v; want %s", version, k, err, want)
		}
	}
}

func TestLoadOrder(t *testing.T) {
	root := tree(t, map[string]string{
		"boot/vmlinuz-7.0.1": "",
		"lib/modules/7.0.1/modules.dep": "kernel/fs/9p/9p.ko.xz: kernel/net/9p/9pnet.ko.xz kernel/fs/netfs/netfs.ko.xz\n" +
			"kernel/net/9p/9pnet.ko.xz:\nkernel/fs/netfs/netfs.ko.xz:\n" +
			"kernel/net/9p/9pnet_virtio.ko.xz: kernel/net/9p/9pnet.ko.xz\n" +
			"kernel/drivers/net/xfrm-user.ko.zst:\n",
		"lib/modules/7.0.1/modules.builtin": "kernel/drivers/virtio/virtio_pci.ko\n",
	})
	k, err := FindKernel(root, "7.0")
	if err != nil {
		t.Fatal(err)
	}
	got, err := k.LoadOrder("virtio-pci", "9p", "9pnet_virtio", "xfrm_user")
	want := []string{"kernel/fs/netfs/netfs.ko.xz", "kernel/net/9p/9pnet.ko.xz", "kernel/fs/9p/9p.ko.xz",
		"kernel/net/9p/9pnet_virtio.ko.xz", "kernel/drivers/net/xfrm-user.ko.zst"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	if _, err := k.LoadOrder("nosuch"); err == nil || err.Error() != "kernel 7.0.1 has no module nosuch" {
		t.Errorf("error %v", err)
	}
}
