package pipeline

import "sync"

// gate lets so much through at a time, counted in bytes.
type gate struct {
	mu    sync.Mutex
	cond  sync.Cond
	limit int
	used  int
}

func newGate(limit int) *gate {
	g := &gate{limit: limit}
	g.cond.L = &g.mu
	return g
}

// share is what n bytes count for: one that is larger than all has it to
// itself.
func (g *gate) share(n int) int { return min(n, g.limit) }

// try takes n if that is there.
func (g *gate) try(n int) bool {
	n = g.share(n)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.used+n > g.limit {
		return false
	}
	g.used += n
	return true
}

// enter waits until n is there, and takes it.
func (g *gate) enter(n int) {
	n = g.share(n)
	g.mu.Lock()
	for g.used+n > g.limit {
		g.cond.Wait()
	}
	g.used += n
	g.mu.Unlock()
}

// force takes n whether it is there or not: what comes next waits for it.
func (g *gate) force(n int) {
	g.mu.Lock()
	g.used += n
	g.mu.Unlock()
}

// leave gives back what was taken: of who entered, the share.
func (g *gate) leave(n int) {
	if n == 0 {
		return
	}
	g.mu.Lock()
	g.used -= n
	g.mu.Unlock()
	g.cond.Broadcast()
}
