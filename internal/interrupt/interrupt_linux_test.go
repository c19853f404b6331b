package interrupt

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// children are what this program does when a test starts it again.
var children = map[string]func(ch chan os.Signal){
	// The signal comes before anybody asked for it.
	"early": func(ch chan os.Signal) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
		Notify(ch, syscall.SIGINT)
		fmt.Println(<-ch)
	},
	"later": func(ch chan os.Signal) {
		Notify(ch, syscall.SIGINT)
		_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
		fmt.Println(<-ch)
	},
	"left": func(chan os.Signal) {
		Leave()
		_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
		status, _ := os.ReadFile("/proc/self/status")
		fmt.Println(strings.Contains(string(status), "\nSigIgn:\t0000000000000002\n"))
	},
	"hangup": func(ch chan os.Signal) {
		Notify(ch, syscall.SIGHUP, syscall.SIGTERM)
		_ = syscall.Kill(os.Getpid(), syscall.SIGHUP)
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		fmt.Println(<-ch)
	},
}

func TestMain(m *testing.M) {
	if do := children[os.Getenv("INTERRUPT")]; do != nil {
		time.AfterFunc(time.Minute, func() { panic("no signal came") })
		do(make(chan os.Signal, 1))
		os.Exit(0)
	}
	// What nohup or a shell's background left ignored is not for the children.
	for _, sig := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
	os.Exit(m.Run())
}

func TestSignals(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ ignored, child, want string }{
		{"INT", "early", "interrupt"},
		{"INT", "later", "interrupt"},
		{"INT", "left", "true"},
		{"HUP", "later", "interrupt"},
		{"HUP", "hangup", "terminated"},
		{"USR1", "hangup", "hangup"},
		{"USR1", "early", ""}, // it ended the process
	}
	for _, tt := range tests {
		t.Run(tt.child+" with "+tt.ignored+" ignored", func(t *testing.T) {
			c := exec.Command("sh", "-c", `trap "" `+tt.ignored+`; exec "$0"`, self)
			c.Env = append(os.Environ(), "INTERRUPT="+tt.child)
			out, err := c.CombinedOutput()
			if got := strings.TrimSpace(string(out)); got != tt.want || (err != nil) != (tt.want == "") {
				t.Errorf("%v: %q, want %q", err, got, tt.want)
			}
		})
	}
}
