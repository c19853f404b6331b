package flow

import "encoding/binary"

// longDump is how many parts a dump has before it is suspected.
const longDump = 64

// cycle recognises a dump that goes in circles: one of its parts comes again.
// It remembers one part at a time, after one, two, four, eight … (R. P. Brent,
// An Improved Monte Carlo Factorization Algorithm, 1980), so a circle of any
// length is found and nothing is kept.
type cycle struct {
	saved    uint64
	n, limit uint32
	hits     int // how often the part that is remembered came again
}

// again takes the next part and says whether one has come three times more.
// The objects of a dump differ at least in what identifies them.
func (c *cycle) again(part []byte) bool {
	sum := sumOf(part)
	if c.n > 0 && sum == c.saved {
		c.hits++
		return c.hits >= 3
	}
	if c.n >= c.limit {
		c.saved, c.limit = sum, 2*c.limit+1
		c.n, c.hits = 0, 0
	}
	c.n++
	return false
}

// sumOf mixes bytes quickly.
func sumOf(b []byte) uint64 {
	const prime = 1099511628211
	sum := uint64(14695981039346656037) ^ uint64(len(b))
	for len(b) >= 8 {
		sum = (sum ^ binary.LittleEndian.Uint64(b)) * prime
		sum ^= sum >> 29
		b = b[8:]
	}
	for _, x := range b {
		sum = (sum ^ uint64(x)) * prime
	}
	return sum
}
