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
// filter that finds its answer in the bytes of each. Then nothing has to be
// learned, copied or handed to another core.
func (r *reader) justCounts() bool {
	f := r.flags
	return r.sel.count && f.stats == "" && !f.exchanges && !f.tail && r.sel.filter.Needs() <= filter.NeedAttrs && !r.sel.filter.NeedsNames()
}

// countMessages counts in one loop over the file.
func (r *reader) countMessages(src *pcapng.Reader) error {
	var (
		s     = r.sel
		d     = dissect.New(r.db)
		j     pipeline.Job
		first int64
		last  int64
	)
	read, frames, messages := 0, 0, 0
	for r.flags.count == 0 || read < r.flags.count {
		err := src.Next(&j.Frame)
		var corrupt *capture.CorruptError
		if errors.As(err, &corrupt) {
			r.corrupt = append(r.corrupt, corrupt)
			continue
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		f := &j.Frame
		if read == 0 {
			first, last = f.Time, f.Time
		}
		j.Delta, j.Since, last = f.Time-last, f.Time-first, f.Time
		read++
		j.Input = dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		r.session.Glance(&j.Input, f.Stream())
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
	s.read.Store(int64(read))
	s.frames.Store(int64(frames))
	s.messages.Store(int64(messages))
	if err := r.finish(); err != nil {
		return err
	}
	return r.out.Flush()
}
