package main

import (
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/internal/count"
)

// justCounts says whether all that is asked for is how many messages match a
// filter, and that is cheap.
func (r *reader) justCounts() bool {
	f, s := r.flags, r.sel
	return s.count && f.stats == "" && !f.exchanges && !f.tail && count.Cheap(s.filter)
}

// countMessages counts them and says how many there are.
func (r *reader) countMessages(src *pcapng.Reader) error {
	n, err := count.Messages(&count.Config{
		Source: src, Session: r.session, DB: r.db, Filter: r.sel.filter, Limit: r.flags.count, Sequential: r.flags.twoPass,
		Prepared: r.prepared, Event: r.sel.setEvent,
		Corrupt: func(e *capture.CorruptError) { r.corrupt = append(r.corrupt, e) },
	})
	if err != nil {
		return err
	}
	r.sel.read.Store(int64(n.Read))
	r.sel.frames.Store(int64(n.Frames))
	r.sel.messages.Store(int64(n.Messages))
	if err := r.finish(); err != nil {
		return err
	}
	return r.out.Flush()
}
