package export

import (
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/replay"
)

// requests is a source of so many requests of so many bytes each.
type requests struct{ n, size int }

func (s *requests) Next(f *capture.Frame) error {
	if s.n--; s.n < 0 {
		return io.EOF
	}
	b := make([]byte, capture.CookedLen, capture.CookedLen+s.size)
	b[1], b[2], b[3] = 4, 3, 0x38
	b = binary.LittleEndian.AppendUint32(b, uint32(s.size))
	b = append(b, 18, 0, 1, 0, byte(s.n), byte(s.n>>8), 0, 0, 7, 0, 0, 0) // RTM_GETLINK
	b = append(b, make([]byte, 16)...)
	for at := 32; at < s.size; at += 0x8000 {
		a := make([]byte, min(0x8000, s.size-at))
		binary.LittleEndian.PutUint16(a, uint16(len(a)))
		a[2] = 200 // no attribute
		b = append(b, a...)
	}
	*f = capture.Frame{Number: 1000 - s.n, Data: b, OrigLen: len(b)}
	return nil
}
func (s *requests) Stats() capture.Stats { return capture.Stats{} }
func (s *requests) Close() error         { return nil }

// asked is a source of one dump with so many replies.
type asked struct{ n, at int }

func (s *asked) Next(f *capture.Frame) error {
	if s.at++; s.at > s.n {
		return io.EOF
	}
	b := make([]byte, capture.CookedLen)
	b[1], b[2], b[3] = 4, 3, 0x38
	body := make([]byte, 16)
	typ, flags := byte(18), byte(1) // RTM_GETLINK
	if s.at > 1 {
		typ, flags = 16, 2 // RTM_NEWLINK, NLM_F_MULTI
		for range 500 {
			body = append(body, 8, 0, 4, 0, byte(s.at), 5, 0, 0) // IFLA_MTU
		}
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(16+len(body)))
	b = append(b, typ, 0, flags, 3*(typ&2)/2, 1, 0, 0, 0, 7, 0, 0, 0)
	b = append(b, body...)
	*f = capture.Frame{Number: s.at, Data: b, OrigLen: len(b), Dir: capture.DirFromKernel}
	if s.at == 1 {
		f.Dir = capture.DirToKernel
	}
	return nil
}
func (s *asked) Stats() capture.Stats { return capture.Stats{} }
func (s *asked) Close() error         { return nil }

// TestTooMuchHeard: so are the answers of the capture.
func TestTooMuchHeard(t *testing.T) {
	for n, fits := range map[int]bool{20: true, 500: false} {
		c, err := replay.Load(&asked{n: n}, families.Embedded(), dissect.OrderLittle)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := c.Plan(nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := New("x", c, plan, false)
		if (err == nil) != fits || err != nil && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d replies: %v", n, err)
		}
		if err == nil && len(p.Requests[0].Replies) != n-1 {
			t.Errorf("%d replies of %d", len(p.Requests[0].Replies), n-1)
		}
	}
}

// TestAllHeardCounts: a reply counts though nothing is in it, and so does what a
// generic family's header says; behind the bound no more are read.
func TestAllHeardCounts(t *testing.T) {
	c, err := replay.Load(&asked{n: 20}, families.Embedded(), dissect.OrderLittle)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	for left, want := range map[int]int{0: 0, partSize: 1, 2*partSize - 1: 1} {
		p := &Program{IDs: map[replay.Learn]int{}, heard: maxHeard - left}
		r := Request{Request: plan.Requests[0]}
		if p.answers(c, &r, true); len(r.Replies) != want || p.heard <= maxHeard {
			t.Errorf("%d bytes left: %d replies, %d of %d bytes", left, len(r.Replies), p.heard, maxHeard)
		}
	}
	p := &Program{IDs: map[replay.Learn]int{}}
	tree, m := c.Message(flow.MsgRef{Frame: 1})
	m.HasGenl = true
	sum := 0
	for _, x := range p.reply(&c.Frames[1], tree, m, render.Options{}).Parts {
		sum += partSize + len(x.Bytes) + len(x.Path) + len(x.Text)
	}
	if p.heard != sum {
		t.Errorf("%d bytes are counted of %d", p.heard, sum)
	}
}

// TestIDs: what the kernel chose is numbered once.
func TestIDs(t *testing.T) {
	p := &Program{IDs: map[replay.Learn]int{}}
	for i, want := range []int{0, 1, 0, 2} {
		if got := p.slot([]string{"a", "b", "a", "a"}[i], []uint64{1, 1, 1, 2}[i]); got != want {
			t.Errorf("%d: %d, want %d", i, got, want)
		}
	}
	for _, x := range []struct {
		f    replay.Rewrite
		want int
	}{
		{replay.Rewrite{Kind: replay.RewriteID, Name: "b", Value: 1}, 1},
		{replay.Rewrite{Kind: replay.RewriteID, Name: "b", Value: 2}, -1},
		{replay.Rewrite{Kind: replay.RewriteGen, Name: "b", Value: 1}, -1},
	} {
		if got := p.slotOf(&x.f); got != x.want {
			t.Errorf("%+v: %d", x.f, got)
		}
	}
}

// TestTooLarge: a program is made of what can be held in memory.
func TestTooLarge(t *testing.T) {
	for _, x := range []struct {
		n, size int
		fits    bool
	}{{10, 64, true}, {2, 400_000, true}, {4, 400_000, false}} {
		c, err := replay.Load(&requests{x.n, x.size}, families.Embedded(), dissect.OrderLittle)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := c.Plan(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = New("x", c, plan, false); (err == nil) != x.fits || err != nil && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d requests of %d bytes: %v", x.n, x.size, err)
		}
	}
}
