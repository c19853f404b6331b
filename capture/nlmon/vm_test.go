//go:build linux

package nlmon

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/vmtest"
)

// TestOnNlmon is what veth cannot stand in for.
func TestOnNlmon(t *testing.T) {
	vmtest.Run(t, vmtest.Test{
		Modules: []string{"nlmon", "dummy", "veth"},
		Guest: func(t *testing.T) {
			t.Run("large datagrams", guestLarge)
			t.Run("introduction", guestIntroduction)
			// What does not need nlmon must hold on these kernels too.
			t.Run("whole", TestFramesAreWhole)
			t.Run("one", TestOneFrameIsNotLost)
			t.Run("many", TestManyFramesInOrder)
			t.Run("large", TestLargeFrames)
			t.Run("loss", TestLossIsCounted)
			t.Run("filter", TestSnapLenFilterAndKeep)
			t.Run("gone", TestInterfaceGoes)
			t.Run("named", TestNamedInterface)
			t.Run("merged", TestNamespacesInOrder)
		},
	})
}

// open captures on an nlmon interface that Open makes.
func openNlmon(t *testing.T, o Options) *Source {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if i := s.Interfaces(); len(i) != 1 || !i[0].Created || !isOwn(i[0].Name) {
		t.Errorf("interfaces %+v", i)
	}
	return s
}

// guestLarge sends the kernel datagrams that it passes over, up to the largest
// that it can hand to nlmon.
func guestLarge(t *testing.T) {
	sizes := []int{1000, 100_000, 1_000_000, 2_000_000, maxDatagram - 1000}
	for _, o := range []Options{{}, {RingSize: MinRing}} {
		s := openNlmon(t, o)
		got := map[int]bool{}
		stop := make(chan error)
		go func() {
			err := trySendNoops(sizes)
			s.Stop()
			stop <- err
		}()
		list, err := rest(t, s)
		if err != nil {
			t.Fatal(err)
		}
		if err := <-stop; err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			payload := f.Data[capture.CookedLen:]
			if f.Data[15] != unix.NETLINK_ROUTE || len(payload) < 16 || binary.NativeEndian.Uint16(payload[4:]) != unix.NLMSG_NOOP {
				continue
			}
			size := f.OrigLen - capture.CookedLen
			if !bytes.Equal(payload, noop(size, binary.NativeEndian.Uint32(payload[8:]))) || f.Flags != 0 {
				t.Errorf("%d of %d bytes, flags %b", len(f.Data), f.OrigLen, f.Flags)
			}
			got[size] = true
		}
		// From some size on it is luck whether the kernel finds the memory
		// for its copy.
		for _, size := range sizes {
			t.Logf("%d bytes: %v", size, got[size])
			if !got[size] && size <= 1_000_000 {
				t.Errorf("no datagram of %d bytes", size)
			}
		}
		if n := s.Counters(); n.Dropped != 0 {
			t.Errorf("%+v", n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// noop is a message that the kernel ignores.
func noop(size int, seq uint32) []byte {
	m := datagram(size, seq)
	binary.NativeEndian.PutUint16(m[4:], unix.NLMSG_NOOP)
	return m
}

func trySendNoops(sizes []int) error {
	c, err := dial(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer c.close()
	if err := unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, 16<<20); err != nil {
		return err
	}
	for i, size := range sizes {
		if err := c.send(noop(size, uint32(i))); err != nil {
			return fmt.Errorf("%d bytes: %w", size, err)
		}
	}
	return nil
}

// guestIntroduction: the questions and answers are whole, and the ring's
// copies of them are left out, unlike the questions of others.
func guestIntroduction(t *testing.T) {
	s := openNlmon(t, Options{})
	var types []uint16
	families := 0
	err := s.Introduce(func(f *capture.Frame) error {
		dir := capture.DirFromKernel
		for _, m := range messages(f.Data[capture.CookedLen:]) {
			types = append(types, m.typ)
			if m.flags&unix.NLM_F_REQUEST != 0 {
				dir = capture.DirToKernel
			}
			if m.typ == unix.GENL_ID_CTRL && dir == capture.DirFromKernel {
				families++
			}
		}
		if f.Dir != dir || f.OrigLen != len(f.Data) || f.Time == 0 || f.Comment == "" || f.Data[3] != capture.ARPHRDNetlink&0xff {
			t.Errorf("frame %+v", f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, typ := range types {
		if typ == unix.NLMSG_DONE {
			done++
		}
	}
	if families < 3 || done != 2 || types[0] != unix.GENL_ID_CTRL {
		t.Errorf("%d families, messages %v", families, types)
	}
	other, err := newAsker()
	if err != nil {
		t.Fatal(err)
	}
	defer other.close()
	want := 0
	if err := other.introduce(func(*capture.Frame) error { want++; return nil }); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	list, err := rest(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != want {
		t.Errorf("%d frames, want the %d of the other", len(list), want)
		for _, f := range list {
			t.Logf("% x", f.Data[:min(len(f.Data), 48)])
		}
	}
}
