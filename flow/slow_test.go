package flow_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// slow joins the messages of a capture as someone would with pencil and paper:
// all frames lie on the table, and certain pairs are made first, whatever
// stands between. It shares nothing with the Tracker but who sent a frame.
type slow struct {
	frames []capture.Frame
	asked  []*question
	at     map[[2]int]*question // of each message of a request
	home   map[[2]int]*question // of each answer
}

// question is a request or a batch.
type question struct {
	frame, msg int
	m          *dissect.Msg
	bytes      []byte
	inner      []*dissect.Msg // of a batch
	innerBytes [][]byte
	portid     uint32 // 0: not known
	reports    map[uint32]bool
	data       int
	multi      bool // data came in parts
	ended      int  // the frame that ended it, 0 for none
	done       bool
}

func newSlow(frames []capture.Frame, own [][]dissect.Msg) *slow {
	s := &slow{frames: frames, at: map[[2]int]*question{}, home: map[[2]int]*question{}}
	for i := range own {
		var batch *question
		over := false
		for k := range own[i] {
			m := &own[i][k]
			if m.Dir != dissect.DirToKernel || m.Datagram || !flow.Asks(m.Proto) {
				continue
			}
			b := s.body(i, m)
			if batch != nil {
				batch.inner, batch.innerBytes = append(batch.inner, m), append(batch.innerBytes, b)
				s.at[[2]int{i + 1, k}] = batch
				if m.Type == 0x11 {
					batch, over = nil, true
				}
				continue
			}
			q := &question{frame: i + 1, msg: k, m: m, bytes: b, reports: map[uint32]bool{}, done: over}
			s.asked = append(s.asked, q)
			s.at[[2]int{i + 1, k}] = q
			if m.Proto == families.ProtoNetfilter && m.Type == 0x10 && (k == 0 || over) {
				q.inner, q.innerBytes = []*dissect.Msg{m}, [][]byte{b}
				batch = q
			}
		}
	}
	return s
}

func (s *slow) body(i int, m *dissect.Msg) []byte {
	d := s.frames[i].Data
	return d[m.Off:min(len(d), int(m.Off+m.Len))]
}

// before yields the questions that were asked before a frame, the latest
// first.
func (s *slow) before(frame int, proto uint8, yield func(*question) bool) {
	for i := len(s.asked) - 1; i >= 0; i-- {
		if q := s.asked[i]; q.frame < frame && q.m.Proto == proto && !q.done && !yield(q) {
			return
		}
	}
}

// name notes whose a question is, and with it all that its frame holds.
func (s *slow) name(q *question, portid uint32) {
	for _, o := range s.asked {
		if o.frame == q.frame && o.portid == 0 {
			o.portid = portid
		}
	}
}

// errors pairs what repeats its request.
func (s *slow) errors(own [][]dissect.Msg, whole bool) {
	for i := range own {
		for k := range own[i] {
			m := &own[i][k]
			b := s.body(i, m)
			at := [2]int{i + 1, k}
			if m.Dir != dissect.DirFromKernel || m.Type != 2 || m.Datagram || len(b) < 36 || s.home[at] != nil || !flow.Asks(m.Proto) {
				continue
			}
			echo := b[20:]
			n := int(dissect.Uint(echo[:4], false))
			full := m.Flags&0x100 == 0 && n > 16 && len(echo) >= n
			if full != whole {
				continue
			}
			size := 16
			if full {
				size = n
			}
			var first *question // of several in one frame
			for q := range func(yield func(*question) bool) { s.before(i+1, m.Proto, yield) } {
				if first != nil && q.frame != first.frame {
					break
				}
				if q.portid != 0 && q.portid != m.PortID {
					continue
				}
				for x, in := range append([][]byte{q.bytes}, q.innerBytes...) {
					key := uint32(x)
					if x == 1 {
						key = 0 // BATCH_BEGIN stands there twice
					}
					if len(in) >= size && bytes.Equal(in[:size], echo[:size]) && !q.reports[key] {
						first = q
						break
					}
				}
			}
			if first == nil {
				continue
			}
			for x, in := range append([][]byte{first.bytes}, first.innerBytes...) {
				if x != 1 && len(in) >= size && bytes.Equal(in[:size], echo[:size]) && !first.reports[uint32(x)] {
					first.reports[uint32(x)] = true
					break
				}
			}
			s.home[at] = first
			if first.inner == nil {
				first.ended = i + 1
			}
			s.name(first, m.PortID)
		}
	}
}

// rest pairs data and the ends of dumps: with the latest request of the socket
// that has their number, else with the earliest that nobody has claimed.
func (s *slow) rest(own [][]dissect.Msg) {
	for i := range own {
		seq, portid := uint32(0), uint32(0)
		for k := range own[i] { // a frame is of one dump
			if m := &own[i][k]; m.Type == 3 && m.PortID != 0 || portid == 0 && k == 0 && m.Flags&2 != 0 {
				seq, portid = m.Seq, m.PortID
			}
		}
		for k := range own[i] {
			m := &own[i][k]
			at := [2]int{i + 1, k}
			if m.Dir != dissect.DirFromKernel || m.Datagram || s.home[at] != nil || !flow.Asks(m.Proto) || m.Type == 2 {
				continue
			}
			n, p := m.Seq, m.PortID
			if portid != 0 {
				n, p = seq, portid
			}
			if p == 0 {
				continue
			}
			var mine, free, late *question
			for q := range func(yield func(*question) bool) { s.before(i+1, m.Proto, yield) } {
				switch {
				case !s.about(q, m, n):
				case q.ended != 0 && q.ended <= i+1:
					if q.portid == p && late == nil {
						late = q
					}
				case q.portid == p && (mine == nil || mine.frame == q.frame && (mine.data > 0 && !mine.multi || q.data == 0)):
					mine = q
				case q.portid == 0 && (q.m.PortID == 0 || q.m.PortID == p) && (free == nil || free.inner != nil || q.inner == nil):
					free = q // a batch only if nothing was asked
				}
			}
			if mine == nil || free != nil && mine.inner != nil && free.inner == nil && free.frame > mine.frame {
				mine = free
			}
			if mine == nil {
				mine = late
			}
			if mine == nil {
				continue
			}
			s.home[at] = mine
			mine.data++
			mine.multi = mine.multi || m.Flags&2 != 0
			if m.Type == 3 || mine.inner == nil && m.Flags&2 == 0 && mine.m.Flags&0x300 != 0x300 && mine.m.Flags&4 == 0 && mine.m.Class != families.ClassNew && mine.m.Class != families.ClassDel {
				mine.ended = i + 1
			}
			s.name(mine, p)
		}
	}
}

// about says whether data with a number can come of a question.
func (s *slow) about(q *question, m *dissect.Msg, seq uint32) bool {
	switch {
	case q.inner != nil:
		for _, in := range q.inner {
			if in.Seq == seq && m.Type>>8 == 10 {
				return true
			}
		}
		return false
	case q.m.Seq != seq && (seq != 0 || m.Proto != families.ProtoNetfilter || q.m.Type != m.Type): // conntrack's events have no number
		return false
	case m.Type == 3:
		return q.m.Flags&0x300 == 0x300 || q.multi
	}
	switch q.m.Proto {
	case families.ProtoRoute:
		return q.m.Type&^3 == m.Type&^3
	case families.ProtoGeneric, families.ProtoSockDiag:
		return q.m.Type == m.Type
	case families.ProtoNetfilter:
		return q.m.Type>>8 == m.Type>>8 && (q.m.Type == m.Type || q.m.Type>>8 != 10 || thing(q.m) == thing(m))
	}
	return true
}

// thing is what a message of nf_tables is about.
func thing(m *dissect.Msg) string {
	if m.Message == nil {
		return ""
	}
	name := strings.TrimSuffix(strings.TrimPrefix(m.Message.Name, "NFT_MSG_"), "_RESET")
	for _, verb := range [...]string{"NEW", "GET", "DEL", "DESTROY"} {
		name = strings.TrimPrefix(name, verb)
	}
	return name
}

// differ are the captures in which the slow way and the Tracker differ, with
// how often and why the Tracker is right.
var differ = map[string]struct {
	n   int
	why string
}{
	"ipset": {1, "the kernel writes the number of the line into the request that its error repeats (IPSET_ATTR_LINENO)"},
}

// TestSlow: for captures without a truth, another way to join the messages
// comes to the same.
func TestSlow(t *testing.T) {
	for _, name := range pcaptest.Names {
		if name == "iscsi" || name == "userspace_peer" { // no numbers; messages that nobody but a test sends
			continue
		}
		t.Run(name, func(t *testing.T) {
			frames := pcaptest.Frames(t, name)
			r := track(t, frames, flow.Options{})
			s := newSlow(frames, r.own)
			s.errors(r.own, true)
			s.errors(r.own, false)
			s.rest(r.own)
			n := 0
			for _, d := range s.compare(r) {
				if n++; n > differ[name].n {
					t.Error(d)
				}
			}
			if n < differ[name].n {
				t.Errorf("%d differences, not %d", n, differ[name].n)
			}
		})
	}
}

// compare lists the messages that are in another exchange.
func (s *slow) compare(r *tracked) (out []string) {
	ids := map[*question]uint64{}
	for at, q := range s.at {
		if at == [2]int{q.frame, q.msg} {
			ids[q] = r.refs[at[0]-1][at[1]].Exchange
		}
	}
	orphan := map[uint64]bool{}
	for i := range r.list {
		orphan[r.list[i].ID] = r.list[i].Request.Frame == 0
	}
	for i, refs := range r.refs {
		for k, ref := range refs {
			m := &r.own[i][k]
			if m.Dir != dissect.DirFromKernel || m.PortID == 0 || m.Proto == families.ProtoAudit || m.Datagram {
				continue
			}
			q := s.home[[2]int{i + 1, k}]
			if orphan[ref.Exchange] && q == nil || ref.Exchange == ids[q] {
				continue
			}
			if q == nil {
				out = append(out, fmt.Sprintf("frame %d.%d: %s of #%d, which the slow way does not see", i+1, k, ref.Role, ref.Exchange))
			} else {
				out = append(out, fmt.Sprintf("frame %d.%d: %s of #%d, not #%d of frame %d", i+1, k, ref.Role, ref.Exchange, ids[q], q.frame))
			}
		}
	}
	return out
}
