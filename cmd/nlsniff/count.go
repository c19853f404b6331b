package main

import (
	"errors"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

// justCounts says whether all that is asked for is how many messages match a
// filter that finds its answer in the bytes of each, cheaply enough that
// copying frames to other cores would cost more.
func (r *reader) justCounts() bool {
	f, s := r.flags, r.sel
	if !s.count || f.stats != "" || f.exchanges || f.tail {
		return false
	}
	return s.filter.Needs() == filter.NeedHeader || s.filter.Needs() == filter.NeedAttrs && (!s.filter.NeedsNames() || s.filter.Local())
}

// counter asks a filter of frames, one after the other.
type counter struct {
	m  *filter.Matcher
	d  *dissect.Dissector
	ev render.Event
	matches
}

// matches is how much was read, and how much of it matches.
type matches struct{ read, frames, messages int }

func (t *matches) add(o matches) {
	t.read += o.read
	t.frames += o.frames
	t.messages += o.messages
}

// count takes one more frame.
func (c *counter) count(in *dissect.Input) {
	c.read++
	n, known := c.m.Quick(in, &c.ev)
	if !known {
		c.ev.Tree = c.d.Frame(in)
		n, _ = c.m.Frame(&c.ev)
	}
	if n > 0 {
		c.frames++
		c.messages += n
	}
}

// countMessages counts in one loop over the file, or, as soon as what a frame
// means does not depend on those before it, in parts side by side.
func (r *reader) countMessages(src *pcapng.Reader) error {
	var (
		s     = r.sel
		c     = counter{m: s.quick, d: dissect.New(r.db)}
		j     pipeline.Job
		names = s.filter.NeedsNames() // else nothing has to be learned
		parts = s.filter.Local() && !r.flags.twoPass && r.flags.count == 0
		first int64
		last  int64
	)
	for r.flags.count == 0 || c.read < r.flags.count {
		if err := src.Next(&j.Frame); err != nil {
			var corrupt *capture.CorruptError
			switch {
			case errors.As(err, &corrupt):
				r.corrupt = append(r.corrupt, corrupt)
				continue
			case err == io.EOF:
				return r.counted(c.matches)
			}
			return err
		}
		f := &j.Frame
		if c.read == 0 {
			first, last = f.Time, f.Time
		}
		j.Delta, j.Since, last = f.Time-last, f.Time-first, f.Time
		j.Input = dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		if names {
			r.session.Prepare(&j.Input, f.Stream())
			r.prepared(&j)
		} else {
			r.session.Glance(&j.Input, f.Stream())
		}
		s.setEvent(&c.ev, &j)
		c.count(&j.Input)
		if parts && r.session.Settled() {
			parts = false
			if rest, ok := r.countParts(src, f.Number); ok {
				c.add(rest)
				return r.counted(c.matches)
			}
		}
	}
	return r.counted(c.matches)
}

// counted reports the numbers.
func (r *reader) counted(t matches) error {
	r.sel.read.Store(int64(t.read))
	r.sel.frames.Store(int64(t.frames))
	r.sel.messages.Store(int64(t.messages))
	if err := r.finish(); err != nil {
		return err
	}
	return r.out.Flush()
}
