package main

import (
	"errors"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// justCounts says whether all that is asked for is how many messages match a
// filter that finds its answer in the bytes of each, cheaply enough that
// copying frames to other cores would cost more.
func (r *reader) justCounts() bool {
	f, s := r.flags, r.sel
	if !s.count || f.stats != "" || f.exchanges || f.tail {
		return false
	}
	return s.filter.Needs() == filter.NeedHeader || s.filter.Needs() == filter.NeedAttrs && !s.filter.NeedsNames()
}

// countMessages counts in one loop over the file.
func (r *reader) countMessages(src *pcapng.Reader) error {
	var (
		s     = r.sel
		d     = dissect.New(r.db)
		j     pipeline.Job
		names = s.filter.NeedsNames() // else nothing has to be learned
		first int64
		last  int64
	)
	read, frames, messages := 0, 0, 0
	for r.flags.count == 0 || read < r.flags.count {
		if err := src.Next(&j.Frame); err != nil {
			var corrupt *capture.CorruptError
			switch {
			case errors.As(err, &corrupt):
				r.corrupt = append(r.corrupt, corrupt)
				continue
			case err == io.EOF:
				return r.counted(read, frames, messages)
			}
			return err
		}
		f := &j.Frame
		if read == 0 {
			first, last = f.Time, f.Time
		}
		j.Delta, j.Since, last = f.Time-last, f.Time-first, f.Time
		read++
		j.Input = dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		if names {
			r.session.Prepare(&j.Input, f.Stream())
			r.prepared(&j)
		} else {
			r.session.Glance(&j.Input, f.Stream())
		}
		s.setEvent(&s.ev, &j)
		n, known := s.quick.Quick(&j.Input, &s.ev)
		if !known {
			s.ev.Tree = d.Frame(&j.Input)
			n, _ = s.quick.Frame(&s.ev)
		}
		if n > 0 {
			frames++
			messages += n
		}
	}
	return r.counted(read, frames, messages)
}

// counted reports the numbers.
func (r *reader) counted(read, frames, messages int) error {
	r.sel.read.Store(int64(read))
	r.sel.frames.Store(int64(frames))
	r.sel.messages.Store(int64(messages))
	if err := r.finish(); err != nil {
		return err
	}
	return r.out.Flush()
}
