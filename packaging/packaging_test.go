// Package packaging makes what a release consists of; its tests build it, compare
// it with itself, install it and use it.
package packaging

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
)

// tag is the version that the tests release.
const tag = "v0.1.0"

// checkout makes a repository of what is in this one's working tree, whose only
// commit has the tag, and is the same wherever it is.
func checkout(t *testing.T) string {
	t.Helper()
	need.Tool(t, "git")
	dir := t.TempDir()
	list := run(t, "..", nil, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	for name := range strings.SplitSeq(strings.TrimRight(list, "\x00"), "\x00") {
		b, err := os.ReadFile(filepath.Join("..", name))
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted, and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		st, err := os.Stat(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, st.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null"}
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		env = append(env, "GIT_"+who+"_NAME=x", "GIT_"+who+"_EMAIL=x@example.org", "GIT_"+who+"_DATE=2026-01-02T03:04:05Z")
	}
	run(t, dir, env, "git", "init", "-q")
	run(t, dir, env, "git", "add", "-A", "-f")
	run(t, dir, env, "git", "commit", "-q", "-m", "all")
	run(t, dir, env, "git", "tag", tag)
	return dir
}

// run returns what a command prints.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), env...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", c, err, out, stderr.Bytes())
	}
	return string(out)
}

// TestMain removes what the tests share.
func TestMain(m *testing.M) {
	code := m.Run()
	if shared.dir != "" {
		os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// shared is a release for this processor, which is built once.
var shared struct {
	sync.Once
	dir string
}

func release(t *testing.T) string {
	t.Helper()
	shared.Do(func() {
		dir, err := os.MkdirTemp("", "nlsniff-release")
		if err != nil {
			t.Fatal(err)
		}
		shared.dir = dir
		build(t, dir)
	})
	return shared.dir
}

func build(t *testing.T, dir string, env ...string) {
	t.Helper()
	need.Need(t, runtime.GOOS == "linux", "releases are built on Linux")
	run(t, checkout(t), env, "packaging/build", dir, runtime.GOARCH)
}

// TestTwice: the same commit gives the same bytes, in another folder, for another
// user in another time zone.
func TestTwice(t *testing.T) {
	t.Parallel()
	one, two := release(t), t.TempDir()
	// A home without settings, but with the caches of Go.
	env := []string{"TZ=Asia/Kathmandu", "LANG=de_DE.UTF-8", "HOME=" + t.TempDir()}
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
		env = append(env, name+"="+strings.TrimSpace(run(t, ".", nil, "go", "env", name)))
	}
	build(t, two, env...)
	var names []string
	for _, e := range entries(t, one) {
		names = append(names, e)
		a, b := read(t, one, e), read(t, two, e)
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs: %d bytes and %d", e, len(a), len(b))
		}
	}
	if got := entries(t, two); !slices.Equal(got, names) {
		t.Errorf("%v and %v", names, got)
	}
	// The names say the version, which is the tag's.
	v := strings.TrimPrefix(tag, "v")
	for _, kind := range []string{".deb", ".rpm", ".apk", ".tar.gz", ".cdx.json"} {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, kind) && strings.Contains(n, v) }) {
			t.Errorf("no %s of %s in %v", kind, v, names)
		}
	}
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// find is the one file of a folder whose name ends so.
func find(t *testing.T, dir, end string) string {
	t.Helper()
	list, _ := filepath.Glob(filepath.Join(dir, "*"+end))
	if len(list) != 1 {
		t.Fatalf("%d files *%s in %s", len(list), end, dir)
	}
	return list[0]
}

// TestContents: each kind of package has what it should, where its system looks.
func TestContents(t *testing.T) {
	t.Parallel()
	dir := release(t)
	lists := map[string]func(*testing.T) string{
		"deb": func(t *testing.T) string {
			need.Tool(t, "dpkg-deb")
			return run(t, dir, nil, "dpkg-deb", "-c", find(t, dir, ".deb"))
		},
		"rpm": func(t *testing.T) string {
			need.Tool(t, "rpm")
			return run(t, dir, nil, "rpm", "-qlvp", "--nosignature", find(t, dir, ".rpm"))
		},
		"apk": func(t *testing.T) string {
			return run(t, dir, nil, "tar", "-tvzf", find(t, dir, ".apk"), "--warning=no-unknown-keyword", "--ignore-zeros")
		},
	}
	everywhere := []string{
		"-rwxr-xr-x*usr/bin/nlsniff", "-rw-r--r--*usr/share/man/man1/nlsniff-capture.1.gz",
		"-rw-r--r--*usr/share/bash-completion/completions/nlsniff", "-rw-r--r--*usr/share/fish/vendor_completions.d/nlsniff.fish",
		"-rw-r--r--*usr/share/doc/nlsniff/copyright", "-rw-r--r--*usr/share/doc/nlsniff/licenses.gz",
	}
	own := map[string][]string{
		"deb": {"l*usr/lib/*-linux-gnu*/wireshark/extcap/nlsniff -> /usr/bin/nlsniff", "*usr/share/zsh/vendor-completions/_nlsniff", "*usr/lib/systemd/system/nlsniff@.service"},
		"rpm": {"l*usr/lib*/wireshark/extcap/nlsniff -> /usr/bin/nlsniff", "*usr/share/zsh/site-functions/_nlsniff", "*usr/lib/systemd/system/nlsniff@.service"},
		"apk": {"l*usr/lib/wireshark/extcap/nlsniff -> /usr/bin/nlsniff", "*usr/share/zsh/site-functions/_nlsniff"},
	}
	for kind, list := range lists {
		t.Run(kind, func(t *testing.T) {
			got := list(t)
			lines := strings.Split(got, "\n")
			for _, want := range append(own[kind], everywhere...) {
				pattern := glob(want)
				if !slices.ContainsFunc(lines, pattern.MatchString) {
					t.Errorf("no %s in\n%s", want, got)
				}
			}
			for _, l := range lines {
				if strings.Contains(l, "root") != (l != "") && !strings.Contains(l, "0/0") && kind != "apk" {
					t.Errorf("not root's: %s", l)
				}
			}
		})
	}
}

// TestExtcapFolder: tshark finds the link of the package that is for this system.
func TestExtcapFolder(t *testing.T) {
	t.Parallel()
	need.Tool(t, "tshark")
	need.Tool(t, "dpkg-deb")
	_, folder, _ := strings.Cut(run(t, ".", nil, "tshark", "-G", "folders"), "Extcap path:")
	folder, _, _ = strings.Cut(strings.TrimSpace(folder), "\n")
	list := run(t, ".", nil, "dpkg-deb", "-c", find(t, release(t), ".deb"))
	if want := "." + folder + "/nlsniff -> /usr/bin/nlsniff"; folder == "" || !strings.Contains(list, want) {
		t.Errorf("no %s in\n%s", want, list)
	}
}

// glob is a pattern for a whole line, where * is anything.
func glob(s string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(s), `\*`, ".*") + "$")
}

// TestSBOM: the list of what is in the program names the modules that the program
// says it has, and Go.
func TestSBOM(t *testing.T) {
	t.Parallel()
	dir := release(t)
	var bom struct {
		BOMFormat string `json:"bomFormat"`
		Metadata  struct {
			Component struct{ Name, Version string }
		}
		Components []struct{ Name, Version, PURL string }
	}
	if err := json.Unmarshal(read(t, dir, filepath.Base(find(t, dir, ".cdx.json"))), &bom); err != nil {
		t.Fatal(err)
	}
	if bom.BOMFormat != "CycloneDX" || bom.Metadata.Component.Version != tag {
		t.Errorf("%s of %+v", bom.BOMFormat, bom.Metadata.Component)
	}
	got := map[string]string{}
	for _, c := range bom.Components {
		got[c.Name] = c.Version
	}
	info, err := buildinfo.Read(bytes.NewReader(program(t, dir)))
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Deps) < 10 || got["std"] == "" {
		t.Errorf("%d modules, Go %q", len(info.Deps), got["std"])
	}
	for _, d := range info.Deps {
		if got[d.Path] != d.Version {
			t.Errorf("%s %s is in it; the list has %q", d.Path, d.Version, got[d.Path])
		}
	}
	licenses := string(unzip(t, member(t, dir, "licenses.gz")))
	for _, d := range info.Deps {
		if !strings.Contains(licenses, d.Path+" "+d.Version+"\n") {
			t.Errorf("no licence of %s", d.Path)
		}
	}
}

// program is the one in the archive.
func program(t *testing.T, dir string) []byte { return member(t, dir, "nlsniff") }

func unzip(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// member is a file of the archive.
func member(t *testing.T, dir, name string) []byte {
	t.Helper()
	r := tar.NewReader(bytes.NewReader(unzip(t, read(t, dir, filepath.Base(find(t, dir, ".tar.gz"))))))
	for {
		h, err := r.Next()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if filepath.Base(h.Name) == name && h.Typeflag == tar.TypeReg {
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
}
