package machine

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
)

// machine returns what starts one machine in a test of Boot itself.
func machine(t *testing.T) *Kernel {
	t.Helper()
	if testing.Short() || Race {
		t.Skip("starts a virtual machine")
	}
	need.Tool(t, QEMU)
	_, err := StaticBusybox()
	need.Need(t, err == nil, "there is no static busybox")
	k, err := FindKernel("/", "6.1")
	need.Need(t, err == nil, "a kernel is missing")
	return k
}

// TestBootStatus: a command's words reach the machine as they are, and its
// output and exit status come back.
func TestBootStatus(t *testing.T) {
	k := machine(t)
	var out bytes.Buffer
	status, err := Boot(t.Context(), k, Command{
		Args: []string{"sh", "-c", `printf '%s|' "$@" "$PWD" "$V"; echo wrong >&2; exit 3`, "sh", "a b", "it's", `$HOME "x"`},
		Dir:  "/usr",
		Env:  []string{"V=1 'two' $3"},
		Out:  t.TempDir(),
	}, &out)
	if want := `a b|it's|$HOME "x"|/usr|1 'two' $3|wrong` + "\n"; err != nil || status != 3 || out.String() != want {
		t.Errorf("status %d, %v, output %q; want 3 and %q", status, err, out.String(), want)
	}
}

// TestBootCrash: a machine that dies is an error with what it said last, and
// what it had printed is there.
func TestBootCrash(t *testing.T) {
	k := machine(t)
	var out bytes.Buffer
	_, err := Boot(t.Context(), k, Command{
		Args: []string{"sh", "-c", "echo last words; echo c > /proc/sysrq-trigger"},
		Out:  t.TempDir(),
	}, &out)
	if err == nil || !strings.Contains(err.Error(), "Kernel panic - not syncing: sysrq triggered crash") {
		t.Errorf("error %v", err)
	}
	if out.String() != "last words\n" {
		t.Errorf("output %q", out.String())
	}
}

// TestBootTimeout: a machine that hangs is killed, and says why and what it did.
func TestBootTimeout(t *testing.T) {
	k := machine(t)
	errSlow := errors.New("too slow")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	out := writer(func() { cancel(errSlow) })
	_, err := Boot(ctx, k, Command{Args: []string{"sh", "-c", "echo up; while :; do :; done"}, Out: t.TempDir()}, out)
	if !errors.Is(err, errSlow) {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{"CPU#0 RIP=", "CPU#1 RIP=", "Show backtrace of all active CPUs", "Comm: sh", "Show Blocked State"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

// writer runs a function when something is written to it.
type writer func()

func (w writer) Write(p []byte) (int, error) {
	w()
	return len(p), nil
}
