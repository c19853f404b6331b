package ahead

import (
	"cmp"
	"slices"

	"github.com/nlsniff/nlsniff/flow"
)

// maxSenders and maxSockets bound how many requests get the name and the portid
// of their sender from what came of them.
const (
	maxSenders = 1 << 17
	maxSockets = 1 << 20
)

// Senders is what a whole capture tells of those who sent requests, by frame.
type Senders struct {
	processes map[int]flow.Process
	sockets   []sentFrom // in the order of frames, once they are sorted
}

// sentFrom is the portid of the socket that sent a frame.
type sentFrom struct {
	frame  int
	portid uint32
}

// NewSenders knows nobody yet.
func NewSenders() *Senders { return &Senders{processes: map[int]flow.Process{}} }

// Add takes what is known of an exchange in the end.
func (s *Senders) Add(e *flow.Exchange) {
	if e.Learned && len(s.processes) < maxSenders {
		s.processes[e.Request.Frame] = e.Process
	}
	if e.PortID != 0 && e.Request.Frame != 0 && len(s.sockets) < maxSockets {
		s.sockets = append(s.sockets, sentFrom{e.Request.Frame, e.PortID})
	}
}

// Sort ends adding: only then is there anything to find.
func (s *Senders) Sort() {
	slices.SortStableFunc(s.sockets, func(a, b sentFrom) int { return cmp.Compare(a.frame, b.frame) })
}

// Process returns who sent a frame, if that is known.
func (s *Senders) Process(frame int) (flow.Process, bool) {
	p, ok := s.processes[frame]
	return p, ok
}

// PortID returns that of the socket that sent a frame, 0 if it is not known.
func (s *Senders) PortID(frame int) uint32 {
	i, ok := slices.BinarySearchFunc(s.sockets, frame, func(x sentFrom, frame int) int { return cmp.Compare(x.frame, frame) })
	if !ok {
		return 0
	}
	return s.sockets[i].portid
}
