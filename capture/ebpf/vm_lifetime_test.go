//go:build linux

package ebpf

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/cilium/ebpf"
)

// programIDs are the eBPF programs that the kernel has.
func programIDs(t *testing.T) (n int) {
	for id, err := ebpf.ProgramGetNextID(0); ; id, err = ebpf.ProgramGetNextID(id) {
		if err != nil {
			if !errors.Is(err, os.ErrNotExist) {
				t.Error(err)
			}
			return n
		}
		n++
	}
}

const holdVar = "NLSNIFF_EBPF_HOLD"

// TestHold is the program that guestLeavesNothing kills.
func TestHold(t *testing.T) {
	if os.Getenv(holdVar) == "" {
		t.Skip("for another test")
	}
	if _, err := Open(Options{}); err != nil {
		t.Fatal(err)
	}
	fmt.Println("open")
	time.Sleep(time.Hour)
}

// attachTimes is how often programs are attached and taken away. A hundred times is
// a minute and more in an emulated machine, and shows nothing else.
const attachTimes = 10

func guestLeavesNothing(t *testing.T) {
	before := programIDs(t)
	for i := range attachTimes {
		s, err := Open(Options{RingSize: 1 << 16})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 { // two at once
			other, err := Open(Options{RingSize: 1 << 16})
			if err != nil {
				t.Fatal(err)
			}
			if err := other.Close(); err != nil {
				t.Error(err)
			}
		}
		if n := programIDs(t); n <= before {
			t.Errorf("%d programs, and %d before", n, before)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Setenv(holdVar, "1")
	held := start(t, os.Args[0], "-test.run=^TestHold$")
	_ = held.Process.Kill()
	_ = held.Wait()
	// The kernel frees them a little later.
	for end := time.Now().Add(30 * time.Second); programIDs(t) != before; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d programs, and %d before", programIDs(t), before)
		}
	}
}
