package dissect

import (
	"slices"

	"github.com/nlsniff/nlsniff/families"
)

const (
	// maxNames bounds the names and sets that a session remembers, all
	// sections together.
	maxNames = 1 << 17
	// keptFrames is how many of the latest frames keep their names whatever it
	// takes: so many may be on their way to who shows them.
	keptFrames = 1 << 13
)

// memory is how much a session remembers.
type memory struct {
	count   int // names, or more where one took another's place
	retry   int // no room is made before the session's frame of that number
	before  int // the frames that names were forgotten of, 0: none
	refused int // names that there was no room for
}

// room says whether one more name can be remembered. If there are too many, the
// older half is forgotten; where that is all too young, the name is refused. It
// depends on nothing but the frames so far, so each run shows the same.
func (s *Session) room(frame int, name string) bool {
	m, n := &s.names, families.Weight(name)
	if m.count < maxNames {
		m.count += n
		return true
	}
	if s.frames < m.retry {
		m.refused++
		return false
	}
	m.retry = s.frames + keptFrames/8
	s.forget(frame)
	if m.count >= maxNames {
		m.refused++
		return false
	}
	m.count += n
	return true
}

// forget drops the older half of the names: first those that something else has
// taken the place of, then, if that is not enough, those in force too.
func (s *Session) forget(frame int) {
	var starts []int
	for _, sec := range s.sections {
		starts = sec.sets.Starts(sec.links.Starts(sec.ids.Starts(starts)))
	}
	slices.Sort(starts)
	if len(starts) == 0 {
		return
	}
	before := min(starts[len(starts)/2]+1, frame-keptFrames)
	if before <= 0 {
		return
	}
	for _, all := range []bool{false, true} {
		s.names.count = 0
		for _, sec := range s.sections {
			sec.ids.Forget(before, all)
			sec.links.Forget(before, all)
			sec.sets.Forget(before, all)
			s.names.count += sec.ids.Size() + sec.links.Size() + sec.sets.Size()
		}
		s.names.before = max(s.names.before, before)
		if s.names.count < maxNames*3/4 {
			return
		}
	}
}

// Forgotten says what the bound on names did: those of frames before that
// number may be gone, and so many were not learned.
func (s *Session) Forgotten() (before, refused int) { return s.names.before, s.names.refused }
