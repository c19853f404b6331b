// Package capturetest runs the command in virtual machines, as root on kernels that
// have nlmon.
package capturetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nlsniff/nlsniff/internal/vmtest"
)

// TestCaptureInVM runs testdata/vm/*.txtar as root, one after the other, on
// kernels that have nlmon. In them nlsniff is the static binary.
func TestCaptureInVM(t *testing.T) {
	vmtest.Run(t, vmtest.Test{
		Kernels:  []string{"6.1", "7"}, // the oldest and the newest; internal/livetest has all
		Modules:  []string{"nlmon", "dummy"},
		Programs: []string{"ip", "pkill", "python3", "script", "setcap", "setpriv", "stat", "stty", "tmux", "tcpdump", "tshark", "wg"},
		Timeout:  15 * time.Minute,
		Before: func(t *testing.T, dir string) {
			for _, p := range []struct{ name, dir, arch string }{
				{"nlsniff", "../../cmd/nlsniff", runtime.GOARCH},
				{"getlink32", "../../capture/trace/testdata/getlink", "386"},
			} {
				build := exec.Command("go", "build", "-o", filepath.Join(dir, p.name), p.dir)
				build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+p.arch)
				if out, err := build.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v: %s", p.name, err, out)
				}
			}
		},
		Guest: func(t *testing.T) {
			// Programs run much faster from memory than from the host's files.
			bin := filepath.Join(t.TempDir(), "bin")
			if out, err := exec.Command("sh", "-c", "mkdir "+bin+" && cp "+vmtest.Dir()+"/nlsniff "+vmtest.Dir()+"/getlink32 "+bin+" && chmod -R a+rx "+t.TempDir()+"/..").CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			testscript.RunT(serial{t}, testscript.Params{
				Dir: "testdata/vm",
				Setup: func(e *testscript.Env) error {
					// What a script left that failed is not to make others fail.
					exec.Command("sh", "-c", "pkill -x nlsniff; ip -all netns del; ip link del cap0").Run()
					e.Setenv("PATH", bin+":"+e.Getenv("PATH"))
					e.Setenv("BIN", bin)
					e.Setenv("TZ", "UTC")
					return nil
				},
				Condition: func(cond string) (bool, error) {
					version, ok := strings.CutPrefix(cond, "kernel:")
					if !ok {
						return false, fmt.Errorf("no condition %s", cond)
					}
					release, err := os.ReadFile("/proc/sys/kernel/osrelease")
					return strings.HasPrefix(string(release), version+"."), err
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){"until": cmdUntil},
			})
		},
	})
}

// cmdUntil is the script command "until COMMAND [ARG]...": it runs a command
// again and again until it succeeds, or with "!" until it fails.
func cmdUntil(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: until COMMAND [ARG]...")
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err := ts.Exec(args[0], args[1:]...); (err == nil) != neg {
			return
		}
	}
	ts.Fatalf("a minute is over, and %s has not changed", strings.Join(args, " "))
}

// serial runs scripts one after the other: there is one machine.
type serial struct{ *testing.T }

func (s serial) Parallel() {}

func (s serial) Verbose() bool { return testing.Verbose() }

func (s serial) Run(name string, f func(testscript.T)) {
	s.T.Run(name, func(t *testing.T) { f(serial{t}) })
}
