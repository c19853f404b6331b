//go:build linux

package nlmon

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// timed is a block whose frames have these seconds as their times.
func timed(seconds ...uint32) []byte {
	payloads := make([][]byte, len(seconds))
	for i, s := range seconds {
		payloads[i] = binary.NativeEndian.AppendUint32(nil, s)
	}
	b := blockBytes(payloads...)
	blk := &block{data: b}
	blk.begin()
	for _, s := range seconds {
		blk.header().Sec = s
		var f capture.Frame
		blk.frame(&f)
	}
	return b
}

// testFeeds makes rings whose blocks the kernel has given up, with frames of these
// seconds. Nothing more comes into them.
func testFeeds(t *testing.T, rings ...[][]uint32) *reader {
	t.Helper()
	descriptor := func() int {
		fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(fd) })
		return fd
	}
	r, err := newReader(descriptor(), nil, new(atomic.Bool))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.waiter.close)
	for _, blocks := range rings {
		k := &ring{fd: descriptor(), large: &large{fd: descriptor()}}
		k.shape = shape{block: 4096, blocks: len(blocks) + 1, retire: retireWatched}
		k.mem = make([]byte, k.block*k.blocks)
		for i, times := range blocks {
			copy(k.mem[i*k.block:], timed(times...))
			blockHeader(k.mem[i*k.block:]).Block_status = unix.TP_STATUS_USER
		}
		if err := r.add(k, func(error) {}); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestOrder(t *testing.T) {
	tests := []struct {
		name  string
		rings [][][]uint32 // of blocks of times
		want  []int64
	}{
		{"one ring", [][][]uint32{{{5, 6}, {3}, {}, {9}}}, []int64{5, 6, 3, 9}},
		{"two rings", [][][]uint32{{{1, 4}, {7}}, {{2, 3, 5}, {6, 8}}}, []int64{1, 2, 3, 4, 5, 6, 7, 8}},
		{"equal times", [][][]uint32{{{1, 2}}, {{1, 2}}}, []int64{1, 1, 2, 2}},
		{"an empty ring", [][][]uint32{{}, {{1}, {2}}, {}}, []int64{1, 2}},
		{"nothing", [][][]uint32{{}, {}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := testFeeds(t, tt.rings...)
			for _, k := range r.feeds {
				k.stopped.Store(true)
			}
			var got []int64
			var f capture.Frame
			for r.next(&f) >= 0 {
				got = append(got, f.Time/1e9)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("times %v, want %v", got, tt.want)
			}
			for i, k := range r.feeds {
				for b := range k.blocks {
					if h := blockHeader(k.mem[b*k.block:]); h.Block_status != unix.TP_STATUS_KERNEL {
						t.Errorf("ring %d: block %d was not given back", i, b)
					}
				}
			}
		})
	}
}

// TestOrderDoesNotWaitForEver: a block that the kernel does not give up holds
// frames of other rings up for its time, and no longer.
func TestOrderDoesNotWaitForEver(t *testing.T) {
	r := testFeeds(t, [][]uint32{{2}}, nil)
	blockHeader(r.feeds[1].mem).Num_pkts = 1
	begun := time.Now()
	var f capture.Frame
	if from := r.next(&f); from != 0 {
		t.Errorf("a frame of ring %d", from)
	}
	if d := time.Since(begun); d < retireWatched {
		t.Errorf("after %v: what the open block has may be earlier", d)
	}
}

// TestFramesStay: a block is not given back while its last frame is in use.
func TestFramesStay(t *testing.T) {
	r := testFeeds(t, [][]uint32{{1}, {2}})
	var f capture.Frame
	for i := range 2 {
		r.next(&f)
		if h := blockHeader(r.feeds[0].mem[i*r.feeds[0].block:]); h.Block_status != unix.TP_STATUS_USER {
			t.Errorf("block %d is the kernel's while its frame is read", i)
		}
	}
}

// TestShapes: as many bytes as were asked for, in as many blocks as there can be.
func TestShapes(t *testing.T) {
	for _, size := range []int{MinRing, 1 << 20, 5_000_000, DefaultRing, 1 << 30} {
		for _, watched := range []bool{false, true} {
			s := newShape(size, watched)
			total := s.block * s.blocks
			if total < size || total > size+size/32+s.block || s.block&(s.block-1) != 0 || s.block%unix.Getpagesize() != 0 {
				t.Errorf("%d bytes: %+v", size, s)
			}
			if s.largest < 1500 || s.largest > s.block/2 {
				t.Errorf("%d bytes: frames of up to %d in blocks of %d", size, s.largest, s.block)
			}
			want := 50 * time.Second
			if watched {
				want = 15 * time.Second
			}
			if stall := time.Duration(s.blocks) * s.retire; size >= DefaultRing && stall < want {
				t.Errorf("%d bytes: lost after %v", size, stall)
			}
		}
	}
}

// TestSameNamespaceTwice: under two names it is one.
func TestSameNamespaceTwice(t *testing.T) {
	n := newTestnet(t)
	place := fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid())
	s := n.open(Options{Namespaces: []string{place, fmt.Sprintf("pid:%d", unix.Gettid()), place}})
	if list := s.Interfaces(); len(list) != 1 || list[0].Namespace != place {
		t.Errorf("interfaces %+v", list)
	}
	n.send(n.a.index, 0, 64, 1)
	s.Stop()
	frames, err := rest(t, s)
	n.must(err)
	if len(frames) != 1 || frames[0].Namespace != place {
		t.Errorf("%d frames", len(frames))
	}
}

// TestNamespacesInOrder captures in two namespaces, which take turns.
func TestNamespacesInOrder(t *testing.T) {
	type place struct {
		n    *testnet
		path string
	}
	home := newTestnet(t)
	places := make(chan place)
	var turns [2]chan uint32
	for i := range turns {
		turns[i] = make(chan uint32)
		go func() {
			// Skips and failures are for the test's own goroutine.
			runtime.LockOSThread()
			p := place{path: fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid())}
			p.n, _ = tryTestnet(home.t)
			places <- p
			if p.n == nil {
				return
			}
			for seq := range turns[i] {
				p.n.send(p.n.a.index, 0, 64, seq)
				places <- p
			}
		}()
		defer close(turns[i])
	}
	var paths []string
	for range turns {
		p := <-places
		if p.n == nil {
			t.Skip("no more network namespaces")
		}
		paths = append(paths, p.path)
	}
	s, err := Open(Options{Namespaces: paths, Interface: "va", AnyLink: true})
	var c *CapabilityError
	if errors.As(err, &c) {
		t.Skip(err)
	}
	home.must(err)
	defer s.Close()
	const count = 60
	for i := range count {
		turns[i%2] <- uint32(i)
		<-places
	}
	s.Stop()
	frames, err := rest(t, s)
	home.must(err)
	if len(frames) != count {
		t.Fatalf("%d frames", len(frames))
	}
	ns := [2]uint64{s.Interfaces()[0].NetNS, s.Interfaces()[1].NetNS}
	if ns[0] == ns[1] || ns[0] == 0 {
		t.Errorf("namespaces %v", ns)
	}
	for i, f := range frames {
		if seq := binary.NativeEndian.Uint32(f.Data[capture.CookedLen+8:]); seq != uint32(i) {
			t.Fatalf("frame %d has number %d", i, seq)
		}
		if f.Process.NetNS != ns[f.Interface] || f.Interface == frames[(i+1)%count].Interface {
			t.Errorf("frame %d is from interface %d, namespace %d", i, f.Interface, f.Process.NetNS)
		}
	}
}
