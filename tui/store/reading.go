package store

import (
	"bytes"
	"errors"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/render"
)

// waitForMore is how long a source that has nothing yet is left alone.
const waitForMore = 20 * time.Millisecond

// readAll takes the frames of a source in order until it ends.
func (s *Store) readAll(src capture.Source) {
	d := dissect.New(s.opt.DB)
	var l loaded
	var err error
	for n := 0; (s.opt.Limit == 0 || n < s.opt.Limit) && !s.stopping(); {
		err = src.Next(&l.frame)
		if errors.Is(err, capture.ErrTryAgain) {
			if err = s.atEnd(); err != nil {
				break
			}
			select {
			case <-s.stop:
			case <-time.After(waitForMore):
			}
			err = nil
			continue
		}
		if err != nil {
			var goOn bool
			if goOn, err = s.trouble(err); goOn {
				continue
			}
			break
		}
		l.input = input(&l.frame)
		s.mu.Lock()
		s.state.Following = false
		s.take(d, n, &l)
		if s.lost == nil { // what is asked any time need not be asked here
			s.state.Lost = src.Stats().Dropped
		}
		if s.progress != nil {
			s.state.Read = s.progress()
		}
		s.mu.Unlock()
		n++
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Err, s.state.Done, s.state.Lost = err, true, src.Stats().Dropped
	s.state.Following = false
	if s.progress != nil && err == nil {
		s.state.Read = s.progress()
	}
	if s.session.Unnamed() || !s.state.Live {
		s.state.Gen++ // what had no name may have one now, and what had no socket
	}
	s.session.Complete()
	s.tracker.Close()
}

// atEnd takes note that a file has nothing more for now. It returns what became of the
// file if it is no longer the one that was read.
func (s *Store) atEnd() error {
	if s.opt.Follow == nil || s.state.Live {
		return nil
	}
	s.mu.Lock()
	if s.progress != nil {
		s.state.Read = s.progress()
		s.state.Size = max(s.state.Size, s.state.Read)
	}
	if !s.state.Following && s.session.Unnamed() {
		s.state.Gen++ // what had no name may have one now
	}
	s.state.Following = true
	read := s.state.Read
	s.mu.Unlock()
	return s.opt.Follow(read)
}

// maxIntroduced bounds the bytes of frames that are kept to introduce what is
// saved.
const maxIntroduced = 8 << 20

// introduce learns names from frames that are not shown. What fails there only
// leaves numbers without a name.
func (s *Store) introduce() {
	if s.opt.Introduce == nil {
		return
	}
	room := maxIntroduced
	_ = s.opt.Introduce(func(f *capture.Frame) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		in := input(f)
		s.session.Prepare(&in, f.Stream())
		if room -= f.Size(); room >= 0 {
			own := *f
			own.Data = bytes.Clone(f.Data)
			s.introduced = append(s.introduced, own)
		}
		return nil
	})
}

// take adds a frame. s.mu is held.
func (s *Store) take(d *dissect.Dissector, n int, l *loaded) {
	happened := l.frame.Event != nil
	if !happened {
		s.session.Prepare(&l.input, l.frame.Stream())
	}
	if n == 0 {
		s.state.Start, s.state.Last = l.frame.Time, l.frame.Time
	}
	s.state.Last = l.frame.Time
	s.state.Frames++
	row := s.rows.end()
	refs := s.track(l, row)
	messages := 0
	render.AddTrouble(&s.stats.total.Troubles, &l.frame)
	if happened {
		s.state.Events++
	}
	if !happened {
		s.stats.frame(l, row, refs)
		if s.state.Live {
			s.samples.add(l, row, s.stats.fresh)
		}
		messages = dissect.MessageCount(&l.input)
	}
	gone := s.backing.add(n, l, messages)
	s.rows.add(messages, refs)
	if s.rows.drop(gone) > 0 {
		s.exchanges.dropTo(s.rows.first(), s.rows.end()-s.rows.first())
	}
}
