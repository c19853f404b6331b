package dissect

import (
	"bytes"

	"github.com/nlsniff/nlsniff/families"
)

// controllerFrame is a copy of one that the controller of generic families
// takes part in.
type controllerFrame struct {
	number, section int
	dir             Dir
	data            []byte
}

// maxSaid bounds the bytes of these that a branch keeps.
const maxSaid = 1 << 20

// Branch returns a session for a part of the capture that is read beside others.
// It has learned nothing but the byte orders that s knows.
func (s *Session) Branch() *Session {
	b := &Session{DB: s.DB, order: s.order, sections: make(map[int]*section, len(s.sections))}
	for no, sec := range s.sections {
		b.sections[no] = &section{big: sec.big, sure: sec.sure, ids: &families.Registry{}, links: &Links{}, sets: &Sets{}}
	}
	return b
}

// HearFamilies keeps the frame that Glance has just seen if it is about generic
// families, for JoinFamilies: what it is worth depends on frames before the
// part. It reports false if there are too many of them.
func (s *Session) HearFamilies(in *Input) bool {
	walk := Scan(in)
	if walk.proto != families.ProtoGeneric {
		return true
	}
	for h := (Header{}); walk.Next(&h); {
		if h.Type != genlCtrl {
			continue
		}
		if s.saidLen += len(in.Data); s.saidLen > maxSaid {
			return false
		}
		s.said = append(s.said, controllerFrame{in.Number, s.lastNo, in.Dir, bytes.Clone(in.Data)})
		return true
	}
	return true
}

// JoinFamilies takes over what another session knows of families, and learns
// from what a branch has heard behind the frames of s: its frame 1 is frame
// after+1.
func (s *Session) JoinFamilies(o *Session, after int) {
	for no, sec := range o.sections {
		if s.sections[no] != nil || no < 0 {
			into := s.section(no)
			into.big, into.sure = sec.big, sec.sure
			into.ids.Append(sec.ids, after)
		}
	}
	if o.frames > 0 {
		s.asked, s.frames, s.names = o.asked, o.frames, o.names
	}
	for _, f := range o.said {
		in := Input{Number: after + f.number, Data: f.data, OrigLen: len(f.data), Dir: f.dir}
		s.Glance(&in, f.section)
		s.learnFamilies(&in)
	}
}

// learnFamilies takes what a frame says of generic families; Prepare does as
// much and more.
func (s *Session) learnFamilies(in *Input) {
	s.frames++
	s.dir = in.Dir
	walk := Scan(in)
	for h := (Header{}); walk.Next(&h); {
		switch {
		case h.Type != genlCtrl:
		case h.Flags&flagRequest != 0:
			s.ask(in, walk.proto, h.Off, h.End)
		default:
			s.learnFamily(in, s.seen, &h)
		}
	}
}
