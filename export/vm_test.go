//go:build linux

package export

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/vmtest"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/replay"
)

// inVM are the captures whose programs run as root on the kernel that they are
// from. Those in Go are few, as its compiler takes long.
var inVM = []struct {
	name string
	run  []string
}{
	{"route_links", []string{"c", "python"}},
	{"route_addrs", []string{"c", "python", "go"}},
	{"tc_all", []string{"c", "python"}},
	{"nft_all", []string{"c", "python"}},
	{"wireguard", []string{"c", "python", "go"}},
	{"ethtool_all", []string{"c", "python"}},
	{"conntrack_all", []string{"c", "python", "go"}},
	{"ipset", []string{"c", "python"}},
	{"xfrm", []string{"c", "python", "go"}},
	{"strongswan", []string{"c", "python"}},
}

// TestProgramsInVM: as root, too, programs say what a replay says.
func TestProgramsInVM(t *testing.T) {
	vmtest.Run(t, vmtest.Test{
		Kernels:  []string{"6.12"},
		Modules:  []string{"nlmon", "dummy"},
		Programs: []string{"python3"},
		Timeout:  15 * time.Minute,
		Before:   buildPrograms,
		Guest: func(t *testing.T) {
			for _, x := range inVM {
				t.Run(x.name, func(t *testing.T) { runPrograms(t, x.name, x.run) })
			}
		},
	})
}

// planned is a capture, what is sent of it with what was there before, and the
// program of that.
func planned(t *testing.T, file string) (*replay.Capture, *replay.Plan, *Program) {
	t.Helper()
	c := load(t, file)
	plan, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Before(plan)
	p, err := New(file, c, plan, true)
	if err != nil {
		t.Fatal(err)
	}
	return c, plan, p
}

func buildPrograms(t *testing.T, dir string) {
	for _, x := range inVM {
		_, _, p := planned(t, x.name+".pcap")
		for _, kind := range x.run {
			src := filepath.Join(t.TempDir(), "r."+kind)
			if kind == "python" {
				src = filepath.Join(dir, x.name+".py")
			}
			if err := os.WriteFile(src, []byte(written(t, p, kind)), 0o600); err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(dir, x.name+"."+kind)
			var build *exec.Cmd
			switch kind {
			case "c":
				build = exec.Command(need.Tool(t, "cc"), "-Wall", "-Wextra", "-Werror", "-o", out, src)
			case "go":
				build = exec.Command(need.Tool(t, "go"), "build", "-o", out, src)
			default:
				continue
			}
			if out, err := build.CombinedOutput(); err != nil || len(out) > 0 {
				t.Fatalf("%s in %s: %v: %s", x.name, kind, err, out)
			}
		}
	}
}

// runPrograms runs a capture's programs, each in a network namespace of its own.
func runPrograms(t *testing.T, name string, kinds []string) {
	c, plan, _ := planned(t, name+".pcap")
	db := families.Embedded()
	var rep *replay.Report
	// The first time loads modules, some of which make interfaces in every later
	// namespace.
	for range 2 {
		inside(t, func() {
			res, err := replay.Run(t.Context(), plan, db)
			if err != nil {
				t.Error(err)
				return
			}
			if rep, err = replay.Compare(c, plan, res, render.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	if t.Failed() {
		return
	}
	want := 0
	if rep.Differ > 0 {
		want = 3
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			path := filepath.Join(vmtest.Dir(), name)
			args := []string{path + "." + kind, "--here"}
			if kind == "python" {
				args = []string{"python3", path + ".py", "--here"}
			}
			var out []byte
			var err error
			inside(t, func() {
				before := *plan // what a program makes itself where it is not told to be here
				before.Requests = nil
				if _, err = replay.Run(t.Context(), &before, db); err == nil {
					out, err = exec.Command(args[0], args[1:]...).Output()
				}
			})
			code := 0
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				code = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if code != want {
				t.Errorf("it ended with %d, a replay ends with %d", code, want)
			}
			compareWith(t, rep, read(string(out)))
		})
	}
}

// inside calls f in a fresh network namespace, which ends with f's thread.
func inside(t *testing.T, f func()) {
	t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
