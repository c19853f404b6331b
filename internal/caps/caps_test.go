//go:build linux

package caps

import (
	"errors"
	"runtime"
	"testing"
)

// TestPause: nothing is left meanwhile, on other threads neither, and all is back
// behind it.
func TestPause(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := Effective()
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := func() (s Set) {
		done := make(chan struct{})
		go func() { // this thread is locked, so it is another
			defer close(done)
			s, _ = Effective()
		}()
		<-done
		return s
	}
	resume, err := Pause()
	if errors.Is(err, ErrThreads) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	here, there := mustEffective(t), elsewhere()
	resume()
	if here != 0 || there != 0 {
		t.Errorf("%x here and %x on another thread", here, there)
	}
	if here, there := mustEffective(t), elsewhere(); here != before || there != before {
		t.Errorf("%x here and %x on another thread, want %x", here, there, before)
	}
	if before == 0 {
		t.Log("this process has no capabilities: nothing was shown")
	}
}

func mustEffective(t *testing.T) Set {
	t.Helper()
	s, err := Effective()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
