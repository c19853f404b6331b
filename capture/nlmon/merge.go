//go:build linux

package nlmon

import "time"

// hold is how much later a ring can hand over a frame than another ring one of
// the same time: what a block may wait, with the kernel's tick and ours.
const hold = retire*time.Millisecond + 20*time.Millisecond

// merger puts the frames of several rings in the order of their times. With
// one ring nothing is held back.
type merger struct {
	q     *queue
	heads []*block // the block of each ring that frames are taken from
	ended []bool
}

func newMerger(q *queue, rings int) *merger {
	return &merger{q: q, heads: make([]*block, rings), ended: make([]bool, rings)}
}

// next returns the block that has the next frame, at its front. It waits for
// one; nil is the end.
func (m *merger) next() *block {
	for {
		best, missing := m.look()
		if best == nil && missing == 0 {
			return nil
		}
		var wait time.Duration
		if best != nil {
			if missing == 0 {
				return best
			}
			if wait = hold - time.Since(best.arrived); wait <= 0 {
				return best
			}
		}
		m.q.wait(func(ring int) bool { return m.heads[ring] == nil && !m.ended[ring] }, wait)
	}
}

// look takes the blocks that are there. It returns that with the earliest
// frame, and how many rings may yet have an earlier one.
func (m *merger) look() (best *block, missing int) {
	for i := range m.heads {
		for m.heads[i] == nil || m.heads[i].left <= 0 {
			if m.heads[i] != nil {
				m.q.free(m.heads[i])
			}
			m.heads[i], m.ended[i] = m.q.pop(i)
			if m.heads[i] == nil {
				break
			}
		}
		h := m.heads[i]
		switch {
		case h == nil && !m.ended[i]:
			missing++
		case h == nil:
		case best == nil || h.time() < best.time():
			best = h
		}
	}
	return best, missing
}
