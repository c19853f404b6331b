//go:build linux && (amd64 || arm64)

package trace

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/need"
)

const privilegedEnv = "NLSNIFF_TRACE_PRIVILEGED"

func init() {
	// It says whose privileges it has, and talks.
	programs["whoami"] = func() error {
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			return err
		}
		who := fmt.Sprintf("%d %d %s", os.Geteuid(), os.Getegid(), strings.TrimLeft(statusText(string(status), "CapEff:"), "0"))
		if want := os.Getenv("NLSNIFF_TRACE_WHO"); who != want {
			return fmt.Errorf("it runs as %q, not as %q", who, want)
		}
		fd, err := route()
		if err != nil {
			return err
		}
		return talk(fd, 1)
	}
}

// privileged are programs whose files give them something.
var privileged = []struct {
	name string
	give func(path string) error
	says string // where they do not get it
}{
	{"setuid", func(path string) error { return os.Chmod(path, 0o755|os.ModeSetuid) },
		"it is setuid, and runs without the privileges of its file while it is traced"},
	{"setgid", func(path string) error { return os.Chmod(path, 0o755|os.ModeSetgid) },
		"it runs without the privileges of its file while it is traced"},
	{"capability", func(path string) error {
		// struct vfs_cap_data of linux/capability.h, revision 2: CAP_NET_ADMIN, permitted and effective.
		b := []byte{1, 0, 0, 2, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
		return unix.Setxattr(path, "security.capability", b, 0)
	}, "it runs without the privileges of its file while it is traced"},
}

// TestPrivilegedProgram: an ordinary user's tracer takes away what a program's
// file would give, and says so and what to do.
func TestPrivilegedProgram(t *testing.T) {
	need.Need(t, os.Getuid() == 0, "only root can make files of somebody else's")
	dir, err := os.MkdirTemp("/tmp", "nlsniff")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	tester := filepath.Join(dir, "tester")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(tester, self, 0o755), os.Chmod(tester, 0o755)); err != nil {
		t.Fatal(err)
	}
	for _, p := range privileged {
		path := filepath.Join(dir, p.name)
		if err := errors.Join(os.WriteFile(path, self, 0o755), os.Chmod(path, 0o755), p.give(path)); err != nil {
			t.Skip(err) // a file system without them
		}
	}
	c := exec.Command(lookPath(t, "setpriv"), "--reuid", "65534", "--regid", "65534", "--clear-groups", tester, "-test.run=^TestPrivilegedInner$", "-test.v")
	c.Env = append(os.Environ(), privilegedEnv+"="+dir)
	c.Dir = "/"
	out, err := c.CombinedOutput()
	if err != nil || strings.Count(string(out), "--- PASS: TestPrivilegedInner/") != len(privileged) {
		t.Errorf("%v\n%s", err, out)
	}

	// Root's tracer takes nothing away, and so says nothing.
	path := filepath.Join(dir, "setuid")
	if err := errors.Join(os.Chown(path, 65534, 65534), os.Chmod(path, 0o755|os.ModeSetuid)); err != nil {
		t.Fatal(err)
	}
	t.Setenv(programEnv, "whoami")
	t.Setenv("NLSNIFF_TRACE_WHO", "65534 0 ")
	if s := collect(t, Options{Command: []string{path}}); s.code != 0 || len(s.frames) != 2 || strings.Contains(s.unseen(), "privileges") {
		t.Errorf("as root: exit code %d, %d datagrams, %q", s.code, len(s.frames), s.unseen())
	}
}

func TestPrivilegedInner(t *testing.T) {
	dir := os.Getenv(privilegedEnv)
	if dir == "" {
		t.Skip("part of TestPrivilegedProgram")
	}
	t.Setenv(programEnv, "whoami")
	t.Setenv("NLSNIFF_TRACE_WHO", "65534 65534 ")
	for _, p := range privileged {
		t.Run(p.name, func(t *testing.T) {
			s := collect(t, Options{Command: []string{filepath.Join(dir, p.name)}})
			if s.code != 0 || len(s.frames) != 2 {
				t.Errorf("exit code %d, %d datagrams", s.code, len(s.frames))
			}
			e := s.event(capture.EventUnseen)
			if e == nil || e.Text != p.says || e.Hint != "run nlsniff as root, or use nlsniff capture" {
				t.Errorf("%+v, want %q", e, p.says)
			}
		})
	}
}
