package slice

import (
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

const (
	// maxJoined bounds the exchanges that are known, and maxNoted the frames of
	// which is known whose they are.
	maxJoined = 1 << 20
	maxNoted  = 1 << 23
)

// joined knows which frames of a capture are of one exchange. Of a request whose
// answers are left out, a part of the capture would say that nothing came.
type joined struct {
	exchanges, frames int // that are known, at the most
	// blind is the first frame of which something is not known; 0 for none.
	blind int32

	tracker *flow.Tracker
	of      []uint32         // the exchange that a frame is of, by its number; 0 for none
	more    map[int][]uint32 // further ones
	list    []exchange       // by number
	marked  numbers
}

// exchange is where a request is, and what ended it; 0 for nothing.
type exchange struct {
	question            question
	request, first, end int32
}

// cannot notes a frame of which something is not known.
func (j *joined) cannot(frame int32) {
	if j.blind == 0 || frame < j.blind {
		j.blind = frame
	}
}

func (j *joined) see(db *families.DB, f *capture.Frame, in *dissect.Input) {
	if j.tracker == nil {
		j.tracker, j.more = flow.NewTracker(db, flow.Options{NoOrphans: true}), map[int][]uint32{}
		j.tracker.OnClosed(j.closed)
	}
	if f.Event != nil {
		pipeline.Happened(f, j.tracker)
		return
	}
	ff := flow.Frame{Input: in}
	pipeline.Tracked(f, &ff)
	for _, r := range j.tracker.Observe(&ff) {
		if r.Exchange == 0 || r.Role == flow.Notification || r.Role == flow.Copy {
			continue // nobody waits for these
		}
		j.note(f.Number, r)
	}
}

// note takes a message that is of an exchange.
func (j *joined) note(frame int, r flow.Ref) {
	if frame > j.frames || r.Exchange > uint64(j.exchanges) {
		j.cannot(int32(frame))
		return
	}
	for len(j.of) <= frame {
		j.of = append(j.of, 0)
	}
	switch id := uint32(r.Exchange); {
	case j.of[frame] == 0:
		j.of[frame] = id
	case j.of[frame] != id:
		j.more[frame] = append(j.more[frame], id)
	}
}

// closed takes an exchange when it is known whose the answers were.
func (j *joined) closed(e *flow.Exchange) {
	if e.ID > uint64(j.exchanges) {
		return // its frames were noted
	}
	for uint64(len(j.list)) <= e.ID {
		j.list = append(j.list, exchange{})
	}
	q := question{stream: int32(e.Section), seq: e.Seq, proto: e.Proto}
	if e.Proto == families.ProtoGeneric {
		q.family = e.Type
	}
	j.list[e.ID] = exchange{q, int32(e.Request.Frame), int32(e.First.Frame), int32(e.Answer.Frame)}
}

// each calls do with all frames and the exchanges that they are of.
func (j *joined) each(do func(frame int, id uint32)) {
	for frame, id := range j.of {
		if id != 0 && int(id) < len(j.list) {
			do(frame, id)
		}
		for _, id := range j.more[frame] {
			if int(id) < len(j.list) {
				do(frame, id)
			}
		}
	}
}

// settle has come along what tells the exchanges apart that can be taken for each
// other, and what ended a request that comes along itself. It marks the requests of
// which something is left out all the same.
func (j *joined) settle(n *Needs) {
	if n.all || j.tracker == nil {
		return
	}
	j.tracker.Close()
	written := func(frame int32) bool {
		return n.kept.has(int(frame)) || n.asking.has(int(frame)) || n.naming[int(frame)] != ""
	}
	for _, x := range j.list {
		if written(x.request) && !n.kept.has(int(x.request)) {
			n.asking.add(int(x.first))
			n.asking.add(int(x.end))
		}
	}
	touched := make([]bool, len(j.list))
	among := map[question]*group{} // of those that are touched
	j.each(func(frame int, id uint32) {
		if written(int32(frame)) {
			touched[id] = true
			g := among[j.list[id].question]
			if g == nil {
				g = &group{}
				among[j.list[id].question] = g
			}
			g.answered = g.answered || int32(frame) != j.list[id].request
		}
	})
	for id, x := range j.list {
		if touched[id] {
			among[x.question].touched++
		}
	}
	for id, x := range j.list {
		if g := among[x.question]; touched[id] && g.answered && g.touched > 1 {
			for _, frame := range [...]int32{x.request, x.first, x.end} {
				n.asking.add(int(frame))
			}
		}
	}
	partial := make([]bool, len(j.list))
	j.each(func(frame int, id uint32) {
		if !written(int32(frame)) {
			partial[id] = true
		}
	})
	for id, x := range j.list {
		partial[id] = partial[id] || x.first != 0 && !written(x.first) || x.end != 0 && !written(x.end) || j.unknown(x)
		if g := among[x.question]; g != nil {
			g.partial = g.partial || partial[id]
		}
	}
	for id, x := range j.list {
		if g := among[x.question]; written(x.request) && (partial[id] || x.end != 0 && g != nil && g.partial) {
			j.marked.add(int(x.request))
		}
	}
}

// unknown says whether an exchange has, or may have, frames of which is not known
// that they are its own.
func (j *joined) unknown(x exchange) bool {
	return j.blind != 0 && (x.end == 0 || x.end >= j.blind)
}

// group is what is known of exchanges that can be taken for each other.
type group struct {
	touched  int  // of so many, a frame is kept
	answered bool // of one, an answer is
	partial  bool // of one, a frame is left out
}

// marks says whether a frame is to be marked as one whose answers are left out.
func (n *Needs) marks(f *capture.Frame) bool {
	j := &n.joined
	return j.marked.has(f.Number) || j.blind != 0 && !n.all && f.Event == nil && int32(f.Number) >= j.blind
}
