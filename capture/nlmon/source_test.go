//go:build linux

package nlmon

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

func TestFramesAreWhole(t *testing.T) {
	n := newTestnet(t)
	s := n.open(Options{})
	before := time.Now()
	n.send(n.a.index, unix.NETLINK_GENERIC, 40, 0)
	n.send(n.a.index, unix.NETLINK_ROUTE, 1500, 1)
	f, err := next(t, s) // comes without Stop: a block is not kept until it is full
	n.must(err)
	wantHeader := []byte{0, unix.PACKET_OUTGOING, 0x03, 0x38, 0, byte(f.Data[5]), f.Data[6], f.Data[7], f.Data[8], f.Data[9], f.Data[10], f.Data[11], f.Data[12], f.Data[13], 0, unix.NETLINK_GENERIC}
	if !bytes.Equal(f.Data[:capture.CookedLen], wantHeader) {
		t.Errorf("cooked header % x", f.Data[:capture.CookedLen])
	}
	if !bytes.Equal(f.Data[capture.CookedLen:], datagram(40, 0)) || f.OrigLen != 40+capture.CookedLen {
		t.Errorf("% x, original length %d", f.Data, f.OrigLen)
	}
	if d := f.Timestamp().Sub(before); d < -time.Minute || d > time.Minute {
		t.Errorf("time is off by %v", d)
	}
	if f.Number != 1 || f.Flags != 0 || f.Dir != capture.DirUnknown || f.Process.NetNS != 0 {
		t.Errorf("frame %+v", f)
	}
	f, err = next(t, s)
	n.must(err)
	if !bytes.Equal(f.Data[capture.CookedLen:], datagram(1500, 1)) || f.Data[15] != unix.NETLINK_ROUTE || f.Number != 2 {
		t.Errorf("second frame: number %d, %d bytes", f.Number, len(f.Data))
	}
}

// TestOneFrameIsNotLost: what came right before the end is there.
func TestOneFrameIsNotLost(t *testing.T) {
	n := newTestnet(t)
	for range 5 {
		s := n.open(Options{})
		n.send(n.a.index, 0, 100, 7)
		s.Stop()
		frames, err := rest(t, s)
		if err != nil || len(frames) != 1 {
			t.Fatalf("%d frames, %v", len(frames), err)
		}
		if st := s.Stats(); st != (capture.Stats{Frames: 1}) {
			t.Errorf("stats %+v", st)
		}
		n.must(s.Close())
	}
}

func TestManyFramesInOrder(t *testing.T) {
	n := newTestnet(t)
	s := n.open(Options{})
	const count = 20000
	n.send(n.a.index, 0, 300, seqs(count)...)
	s.Stop()
	frames, err := rest(t, s)
	n.must(err)
	if len(frames) != count {
		t.Fatalf("%d frames of %d, %+v", len(frames), count, s.Counters())
	}
	for i, f := range frames {
		if !bytes.Equal(f.Data[capture.CookedLen:], datagram(300, uint32(i))) {
			t.Fatalf("frame %d is % x", i, f.Data)
		}
	}
}

// TestLargeFrames: up to what an interface can carry here, whole, whatever the
// ring's size, and among the others.
func TestLargeFrames(t *testing.T) {
	n := newTestnet(t)
	lo, _ := n.link("lo")
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], uint32(lo.index))
	body = appendAttr(body, unix.IFLA_MTU, binary.NativeEndian.AppendUint32(nil, 1<<20))
	n.must(n.c.do(unix.RTM_NEWLINK, unix.NLM_F_ACK, body, func(message) {}))
	n.must(n.c.setUp(lo.index, true))
	for _, o := range []Options{{Interface: "lo"}, {Interface: "lo", RingSize: MinRing}, {Interface: "lo", SnapLen: 5000}, {Interface: "lo", SnapLen: 100_000}, {Interface: "lo", Filter: everything}} {
		s := n.open(o)
		sizes := []int{100, 500_000, 200, s.shape.largest, s.shape.largest + 1, 300, 20_000}
		for i, size := range sizes {
			n.send(lo.index, 0, size, uint32(i))
		}
		s.Stop()
		frames, err := rest(t, s)
		n.must(err)
		// What is sent over lo is also received.
		if len(frames) != 2*len(sizes) {
			t.Errorf("%+v: %d frames", o, len(frames))
			continue
		}
		for i, f := range frames {
			size, kept, flags := sizes[i/2], sizes[i/2], capture.Flags(0)
			if o.SnapLen > 0 && size+capture.CookedLen > o.SnapLen {
				kept, flags = o.SnapLen-capture.CookedLen, capture.FlagTruncated
			}
			if !bytes.Equal(f.Data[capture.CookedLen:], datagram(size, uint32(i/2))[:kept]) || f.OrigLen != size+capture.CookedLen || f.Flags != flags {
				t.Errorf("%+v: frame %d has %d of %d bytes, flags %b; want %d of %d", o, i, len(f.Data), f.OrigLen, f.Flags, kept, size)
			}
		}
		if c := s.Counters(); c.Dropped != 0 || s.InterfaceStats(0).Frames != uint64(len(frames)) {
			t.Errorf("%+v: %+v, %+v", o, c, s.InterfaceStats(0))
		}
	}
}

// TestLossIsCounted: when nobody reads, what does not fit is counted.
func TestLossIsCounted(t *testing.T) {
	n := newTestnet(t)
	s := n.open(Options{RingSize: MinRing})
	const count = 5000
	n.send(n.a.index, 0, 1000, seqs(count)...)
	s.Stop()
	frames, err := rest(t, s)
	n.must(err)
	c := s.Counters()
	if c.Dropped == 0 || len(frames) == 0 || c.Dropped+uint64(len(frames)) != count || c.Captured != uint64(len(frames)) || c.Full == 0 {
		t.Errorf("%d frames of %d, %+v", len(frames), count, c)
	}
	if st := s.InterfaceStats(0); st.Frames != c.Captured || st.Dropped != c.Dropped {
		t.Errorf("interface %+v, source %+v", st, c)
	}
}

func TestSnapLenFilterAndKeep(t *testing.T) {
	seqAtLeast := func(min uint32) []bpf.RawInstruction {
		// nlmsg_seq as the machine stores it; the test's numbers fit a byte.
		at := uint32(8)
		if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
			at = 11
		}
		prog, err := bpf.Assemble([]bpf.Instruction{
			bpf.LoadAbsolute{Off: at, Size: 1},
			bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: min, SkipFalse: 1},
			bpf.RetConstant{Val: 1 << 18},
			bpf.RetConstant{Val: 0},
		})
		if err != nil {
			t.Fatal(err)
		}
		return prog
	}
	tests := []struct {
		name     string
		opt      Options
		want     []uint32
		data     int
		filtered uint64
	}{
		{"snap length", Options{SnapLen: 64}, []uint32{0, 1, 2, 3}, 64, 0},
		{"longer than the frames", Options{SnapLen: 1000}, []uint32{0, 1, 2, 3}, 200 + capture.CookedLen, 0},
		{"filter", Options{Filter: seqAtLeast(2)}, []uint32{2, 3}, 200 + capture.CookedLen, 0},
		{"filter and snap length", Options{Filter: seqAtLeast(3), SnapLen: 40}, []uint32{3}, 40, 0},
		{"keep", Options{Keep: func(f *capture.Frame) bool {
			return f.Data[capture.CookedLen+8] != 2 && f.Data[capture.CookedLen+11] != 2
		}}, []uint32{0, 1, 3}, 200 + capture.CookedLen, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := newTestnet(t)
			s := n.open(tt.opt)
			n.send(n.a.index, 0, 200, 0, 1, 2, 3)
			s.Stop()
			frames, err := rest(t, s)
			n.must(err)
			if len(frames) != len(tt.want) {
				t.Fatalf("%d frames", len(frames))
			}
			for i, f := range frames {
				if seq := binary.NativeEndian.Uint32(f.Data[capture.CookedLen+8:]); seq != tt.want[i] || f.Number != i+1 {
					t.Errorf("frame %d has seq %d, want %d", f.Number, seq, tt.want[i])
				}
				if cut := f.Flags == capture.FlagTruncated; len(f.Data) != tt.data || f.OrigLen != 200+capture.CookedLen || cut != (tt.data < f.OrigLen) {
					t.Errorf("%d of %d bytes, flags %b", len(f.Data), f.OrigLen, f.Flags)
				}
			}
			if c := s.Counters(); c.Filtered != tt.filtered {
				t.Errorf("%+v", c)
			}
		})
	}
}

// TestInterfaceGoes: what ends a capture is told apart, and what came before
// is delivered.
func TestInterfaceGoes(t *testing.T) {
	for _, down := range []bool{false, true} {
		n := newTestnet(t)
		s := n.open(Options{})
		n.send(n.a.index, 0, 100, 1)
		want := "interface va was deleted during the capture"
		if down {
			want = "interface va was set down during the capture"
			n.must(n.c.setUp(n.a.index, false))
		} else {
			n.must(n.c.remove(n.a.index))
		}
		frames, err := rest(t, s)
		var gone *GoneError
		if !errors.As(err, &gone) || err.Error() != want || gone.IsDown() != down {
			t.Errorf("error %v", err)
		}
		if len(frames) != 1 {
			t.Errorf("%d frames", len(frames))
		}
	}
}

// TestNamedInterface: it has to be there and of the right kind, and is left
// as it was found.
func TestNamedInterface(t *testing.T) {
	n := newTestnet(t)
	_, err := Open(Options{Interface: "nope"})
	var none *NoInterfaceError
	if !errors.As(err, &none) || err.Error() != "no interface called nope" {
		t.Errorf("missing interface: %v", err)
	}
	_, err = Open(Options{Interface: "va"})
	var other *NotNlmonError
	if !errors.As(err, &other) || err.Error() != "va is not an nlmon interface but veth" {
		t.Errorf("other interface: %v", err)
	}
	n.must(n.c.setUp(n.a.index, false))
	s := n.open(Options{})
	if l, _ := n.link("va"); !l.up {
		t.Error("va was not set up")
	}
	if i := s.Interfaces(); len(i) != 1 || i[0].Name != "va" || i[0].Created || i[0].NetNS == 0 {
		t.Errorf("interfaces %+v", i)
	}
	n.must(s.Close())
	if l, _ := n.link("va"); l.up {
		t.Error("va was not set down again")
	}
	n.must(s.Close()) // once more does nothing
	var f capture.Frame
	if err := s.Next(&f); err != io.EOF {
		t.Errorf("after Close: %v", err)
	}
}
