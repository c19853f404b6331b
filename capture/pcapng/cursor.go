package pcapng

import (
	"fmt"
	"io"
	"math"

	"github.com/nlsniff/nlsniff/capture"
)

// cursorWindow is the size of a Cursor's buffer in bytes.
const cursorWindow = 64 << 10

// Cursor reads frames of an Index that mostly stand one behind the other. It is
// for one goroutine.
type Cursor struct {
	x     *Index
	br    *BlockReader
	kept  keeper
	next  int64 // offset of the block that br reads next
	start int64 // of the section it is in
	base  int64 // where br started
	block Block
}

// Cursor returns a new one.
func (x *Index) Cursor() *Cursor { return &Cursor{x: x} }

// Frame reads frame i, counted from 0, as Index.Frame does, but f.Data is valid
// until the next call. It costs little if i is one more than before.
func (c *Cursor) Frame(i int, f *capture.Frame) error {
	at, number, start, s, err := c.x.locate(i)
	if err != nil {
		return err
	}
	if c.br == nil || c.next != at || c.start != start {
		c.seek(at, start, s)
	}
	b, in := &c.block, c.br.in
	defer func() {
		if in.settle(f) {
			c.br = nil
		}
	}()
	if err := c.br.next(b); err != nil {
		c.br = nil
		return fmt.Errorf("frame %d at offset %d: the file has changed: %w", number, at, err)
	}
	c.next = c.base + c.br.in.off
	b.Offset = at
	ok, err := false, error(nil)
	switch {
	case b.IsPacket():
		ok, err = s.fill(f, b, &c.kept)
	case isEvent(b):
		ok, err = true, s.fillEvent(f, b, &c.kept)
	}
	if !ok {
		c.br = nil
		return fmt.Errorf("frame %d at offset %d: the file has changed: %w", number, at, orNotNetlink(err))
	}
	f.Number = number
	return nil
}

func orNotNetlink(err error) error {
	if err == nil {
		return errNotNetlink
	}
	return err
}

// seek goes to the block at an offset, which is in section s.
func (c *Cursor) seek(at, start int64, s section) {
	in := io.NewSectionReader(c.x.in, at, 1<<62)
	var w *window
	if c.br != nil {
		w = c.br.in
		*w = window{src: in, buf: w.buf, spare: &c.x.large}
	} else {
		w = newWindow(in, cursorWindow, false)
		w.spare = &c.x.large
	}
	c.br = &BlockReader{
		opt: Options{MaxBlock: math.MaxInt32}, in: w, format: s.format, e: s.e, started: true, single: true,
		pcap: pcapState{past: true, nano: true},
	}
	c.base, c.start = at, start
}
