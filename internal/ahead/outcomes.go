package ahead

import (
	"slices"
	"sync"

	"github.com/nlsniff/nlsniff/flow"
)

// Outcomes is what can be known of exchanges while their messages are shown. Of a
// file that was read once for it beforehand, it is all, so that a request can be
// chosen by what came of it; of what has no end, only what has ended.
type Outcomes struct {
	mu   sync.RWMutex
	ends map[uint64]ended
	live bool
}

// ended is what is known from a frame on.
type ended struct {
	from int
	ex   *flow.Exchange
}

// maxLive is how many exchanges are remembered of what has no end.
const maxLive = 1 << 16

// NewOutcomes knows of none. If live is set, what ends is known from then on, and
// forgotten after a while.
func NewOutcomes(live bool) *Outcomes { return &Outcomes{ends: map[uint64]ended{}, live: live} }

// Live says whether exchanges are known only from their end on.
func (o *Outcomes) Live() bool { return o.live }

// Add takes an exchange that ended with a frame.
func (o *Outcomes) Add(e *flow.Exchange, frame int) {
	c := *e
	c.RequestBytes, c.ReplyData, c.AnswerBytes = nil, nil, nil
	c.Findings = slices.Clone(c.Findings)
	if !o.live {
		frame = 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ends[c.ID] = ended{frame, &c}
	if o.live && c.ID > maxLive {
		delete(o.ends, c.ID-maxLive)
	}
}

// At returns what is known of exchanges at a frame, nil of one of which nothing is.
func (o *Outcomes) At(frame int) func(uint64) *flow.Exchange {
	return func(id uint64) *flow.Exchange {
		o.mu.RLock()
		defer o.mu.RUnlock()
		if e := o.ends[id]; e.from <= frame {
			return e.ex
		}
		return nil
	}
}
