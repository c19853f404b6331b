// Package vmtest runs tests inside a virtual machine, as root and on a kernel
// of one's choice: some things happen only there, and none of it should happen
// on a developer's own machine.
//
// A test that needs it is an ordinary one:
//
//	func TestCapture(t *testing.T) {
//		vmtest.Run(t, vmtest.Test{
//			Modules: []string{"nlmon", "dummy"},
//			Guest: func(t *testing.T) {
//				t.Run("link", func(t *testing.T) { … })
//			},
//		})
//	}
//
// Run boots each installed kernel under QEMU, which starts the same test binary
// again; there Guest runs, and what becomes of its subtests is reported here,
// one by one, as TestCapture/6.1/link. The machine sees the host's files; it
// cannot change them.
//
// It needs qemu-system-x86_64, busybox-static and the kernels' packages, and no
// privileges. A start takes some seconds: put many checks in one Guest.
package vmtest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/internal/machine"
	"github.com/nlsniff/nlsniff/internal/need"
)

// Kernels are the versions that tests run on: one that long-term distributions
// have, the newest that Debian builds for its stable release, and the newest that
// it builds at all.
var Kernels = []string{"6.1", "6.12", "7"}

// Test is a test that runs in a virtual machine, once for each kernel.
type Test struct {
	Kernels  []string      // versions; none: all of the package's Kernels
	Modules  []string      // loaded first; parameters may follow a name: "mac80211_hwsim radios=3"
	Programs []string      // that have to be installed
	Memory   int           // of the machine, in MiB; 0: 1024
	Timeout  time.Duration // for one machine; 0: five minutes

	// Before prepares dir, which the machine sees as Dir().
	Before func(t *testing.T, dir string)
	// Guest runs in the machine, as root. Its subtests must not be parallel.
	Guest func(t *testing.T)
	// After gets what Guest left in Dir(). It does not run if Guest failed.
	After func(t *testing.T, dir string)
}

// The variable that tells a test binary that it runs in a machine: the
// kernel's version as the test has it.
const guestVar = "NLSNIFF_VMTEST"

// Guest reports whether this process runs in a machine.
func Guest() bool { return os.Getenv(guestVar) != "" }

// Dir is the folder of a machine whose files the host has, before and after.
// It is a network file system: writes are slow, and a full one looks different.
func Dir() string { return machine.OutDir }

// Run runs a test in virtual machines. It skips the test, or fails it where
// everything is required, if there is something that it needs and lacks.
func Run(t *testing.T, test Test) {
	t.Helper()
	if strings.Contains(t.Name(), "/") {
		t.Fatal("vmtest: not for subtests")
	}
	if Guest() {
		test.Guest(t)
		return
	}
	if testing.Short() {
		t.Skip("starts virtual machines")
	}
	if machine.Race {
		// What runs in the machine is a program of its own, which this binary
		// does not watch, and everything takes ten times as long.
		t.Skip("virtual machines are for the run without the race detector")
	}
	kernels := test.Kernels
	if kernels == nil {
		kernels = Kernels
	}
	for _, version := range kernels {
		t.Run(version, func(t *testing.T) { runOn(t, test, version) })
	}
}

func runOn(t *testing.T, test Test, version string) {
	// The test binary has to run in there as well.
	need.Need(t, runtime.GOOS == "linux" && runtime.GOARCH == "amd64", "the virtual machines are for linux/amd64")
	need.Tool(t, machine.QEMU)
	_, err := machine.StaticBusybox()
	need.Need(t, err == nil, fmt.Sprint(err))
	programs := test.Programs
	if len(test.Modules) > 0 {
		programs = append([]string{"modprobe"}, programs...)
	}
	for _, p := range programs {
		need.Need(t, installed(p), p+" is not installed")
	}
	k, err := machine.FindKernel("/", version)
	need.Need(t, err == nil, fmt.Sprint(err))
	for _, m := range test.Modules {
		name, _, _ := strings.Cut(m, " ")
		need.Need(t, k.Has(name), fmt.Sprintf("kernel %s has no module %s", k.Release, name))
	}

	dir := t.TempDir()
	if test.Before != nil {
		test.Before(t, dir)
	}
	top, _, _ := strings.Cut(t.Name(), "/")
	guest(t, k, top, machine.Command{
		Env:     []string{guestVar + "=" + version, "NLSNIFF_REQUIRE=" + os.Getenv("NLSNIFF_REQUIRE"), "TZ=" + os.Getenv("TZ")},
		Modules: test.Modules,
		Out:     dir,
		Memory:  test.Memory,
	}, test.Timeout)
	if test.After != nil && !t.Failed() && !t.Skipped() {
		test.After(t, dir)
	}
}

// installed reports whether a machine will find a program. The host's own PATH
// may well lack what only root runs.
func installed(program string) bool {
	return slices.ContainsFunc(filepath.SplitList(machine.Path), func(dir string) bool {
		_, err := exec.LookPath(filepath.Join(dir, program))
		return err == nil
	})
}

// guest runs the top-level test of a name in a machine, by starting this
// binary again, and reports what becomes of it as t and its subtests.
func guest(t *testing.T, k *machine.Kernel, name string, c machine.Command, timeout time.Duration) {
	if timeout == 0 {
		timeout = 5 * time.Minute
	}
	end := time.Now().Add(timeout)
	// The end of the whole run, less the time to say what happened.
	if d, ok := t.Deadline(); ok && d.Add(-time.Minute).Before(end) {
		end = d.Add(-5 * time.Second)
	}
	ctx, cancel := context.WithDeadlineCause(t.Context(), end, fmt.Errorf("no end after %s", timeout))
	defer cancel()

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	c.Dir = wd
	c.Say = func(text string) { t.Log(text) }
	c.Args = []string{self, "-test.v=test2json", "-test.run=" + guestPattern(name), "-test.timeout=" + timeout.String()}

	events, w := newEvents()
	done := make(chan error, 1)
	go func() {
		status, err := machine.Boot(ctx, k, c, w)
		if err == nil && status != 0 {
			err = errStatus(status)
		}
		w.Close()
		done <- err
	}()
	events.report(t, name)
	events.drain(t)
	err = <-done
	// A status that the tests explain says nothing more; what became of the
	// machine does.
	if _, status := err.(errStatus); err != nil && !(status && t.Failed()) {
		t.Error(err)
	}
}

// errStatus says that the test binary ended with a status other than 0.
type errStatus int

func (e errStatus) Error() string { return fmt.Sprintf("the test binary ended with status %d", int(e)) }

// guestPattern is what -test.run has to be for the machine, where the level of
// the kernel's version is missing.
func guestPattern(name string) string {
	pattern := "^" + name + "$"
	if f := flag.Lookup("test.run"); f != nil {
		if levels := strings.SplitN(f.Value.String(), "/", 3); len(levels) == 3 {
			pattern += "/" + levels[2]
		}
	}
	return pattern
}
