//go:build linux && (amd64 || arm64)

package trace

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLaunchFails: a command that cannot begin says why, and nothing of the attempt
// stays open.
func TestLaunchFails(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	w.Close()
	text := t.TempDir() + "/text"
	if err := os.WriteFile(text, []byte("no program"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		opt  Options
		want error
	}{
		{"output that is closed", Options{Command: []string{"true"}, Stdout: w}, unix.EBADF},
		{"no program", Options{Command: []string{text}}, unix.ENOEXEC},
	} {
		t.Run(tt.name, func(t *testing.T) {
			try := func() {
				src, err := Open(tt.opt)
				var e *LaunchError
				if !errors.As(err, &e) || !errors.Is(err, tt.want) {
					t.Fatalf("%v, %v", src, err)
				}
			}
			try()
			before := openFiles(t)
			for range 5 {
				try()
			}
			if after := openFiles(t); after > before {
				t.Errorf("%d files are open, %d were before", after, before)
			}
		})
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}
