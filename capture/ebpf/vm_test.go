//go:build linux

package ebpf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/vmtest"
)

func TestInKernel(t *testing.T) {
	vmtest.Run(t, vmtest.Test{
		Modules:  []string{"nlmon", "dummy", "crypto_user", "ib_core", "scsi_transport_iscsi"},
		Programs: []string{"ip", "python3"},
		Timeout:  15 * time.Minute,
		Guest: func(t *testing.T) {
			t.Run("what nlmon sees", func(t *testing.T) { guestAgrees(t, Options{}) })
			t.Run("receivers", func(t *testing.T) { guestReceivers(t, Options{}) })
			t.Run("next hook", guestNextHook)
			t.Run("protocols", guestProtocols)
			t.Run("modules", guestModules)
			t.Run("large", guestLarge)
			t.Run("overrun", guestOverrun)
			t.Run("short read", guestShortRead)
			t.Run("words", guestWords)
			t.Run("refused send", guestRefusedSend)
			t.Run("wanted", guestWanted)
			t.Run("leaves nothing", guestLeavesNothing)
		},
	})
}

// during captures while act runs. What it did at the last moment is awaited by
// a message of its own.
func during(t *testing.T, act func()) []capture.Frame { return duringOptions(t, Options{}, act) }

func duringOptions(t *testing.T, o Options, act func()) []capture.Frame {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if facts := s.Unknown(); len(facts) > 0 {
		t.Errorf("not known: %q", facts)
	}
	list := collect(t, s)
	act()
	s.Stop()
	frames := <-list
	if c := s.Counters(); c.Dropped != 0 {
		t.Errorf("%+v", c)
	}
	return frames
}

// collect reads a source to its end.
func collect(t *testing.T, s capture.Source) <-chan []capture.Frame {
	done := make(chan []capture.Frame, 1)
	go func() {
		var list []capture.Frame
		for {
			var f capture.Frame
			err := s.Next(&f)
			if err != nil {
				if !errors.Is(err, io.EOF) {
					t.Error(err)
				}
				done <- list
				return
			}
			f.Data = bytes.Clone(f.Data)
			list = append(list, f)
		}
	}()
	return done
}

// start starts a program; it is killed when the test ends.
func start(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(name, args...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	if name == "python3" || name == os.Args[0] {
		if _, err := out.Read(make([]byte, 1)); err != nil { // it is ready
			t.Fatal(err)
		}
	}
	return c
}

// run runs a program to its end and returns which process it was.
func run(t *testing.T, args ...string) uint32 {
	t.Helper()
	c := exec.Command(args[0], args[1:]...)
	if out, err := c.CombinedOutput(); err != nil && !strings.Contains(string(out), "Unknown device type") {
		t.Errorf("%q: %v: %s", args, err, out)
	}
	return uint32(c.Process.Pid)
}

// copies is how many sockets got a frame.
func copies(f *capture.Frame) (n int) {
	if f.Delivery == nil || len(f.Delivery.Receivers) == 0 {
		return 1
	}
	for _, r := range f.Delivery.Receivers {
		if !r.Overrun {
			n++
		}
	}
	return n
}

func name(f *capture.Frame) string {
	return fmt.Sprintf("%d %x", f.Data[15], f.Data[capture.CookedLen:])
}
