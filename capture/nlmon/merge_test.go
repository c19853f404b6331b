//go:build linux

package nlmon

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
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

func TestMerge(t *testing.T) {
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
			q := newQueue(1<<20, len(tt.rings))
			m := newMerger(q, len(tt.rings))
			go func() {
				for i, blocks := range tt.rings {
					for _, b := range blocks {
						q.push(i, timed(b...))
					}
				}
				for i := range tt.rings {
					q.end(i)
				}
			}()
			var got []int64
			for b := m.next(); b != nil; b = m.next() {
				var f capture.Frame
				if !b.frame(&f) {
					t.Fatal("a block without a frame")
				}
				got = append(got, f.Time/1e9)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("times %v, want %v", got, tt.want)
			}
			if q.bytes != 0 {
				t.Errorf("%d bytes are taken for full", q.bytes)
			}
		})
	}
}

// TestMergeDoesNotWaitForEver: a ring that is silent does not hold up another.
func TestMergeDoesNotWaitForEver(t *testing.T) {
	q := newQueue(1<<20, 2)
	m := newMerger(q, 2)
	q.push(0, timed(1))
	done := make(chan *block)
	go func() { done <- m.next() }()
	select {
	case b := <-done:
		if b == nil || b.from != 0 {
			t.Errorf("block %+v", b)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("still waiting")
	}
}

// TestQueueIsBounded: push waits for room, and close lets it go.
func TestQueueIsBounded(t *testing.T) {
	q := newQueue(1000, 1)
	pushed := make(chan int)
	go func() {
		for i := range 4 {
			q.push(0, make([]byte, 400))
			pushed <- i
		}
		close(pushed)
	}()
	<-pushed
	<-pushed
	select {
	case <-pushed:
		t.Fatal("more than there is room for")
	case <-time.After(50 * time.Millisecond):
	}
	b, _ := q.pop(0)
	q.free(b)
	<-pushed
	q.close()
	<-pushed // without effect
	if _, ended := q.pop(0); ended {
		t.Error("what was pushed is lost")
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
