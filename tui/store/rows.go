package store

import (
	"math"
	"sort"

	"github.com/nlsniff/nlsniff/flow"
)

// chunkFrames is how many frames the index handles as one. Their row counts
// are added up to find one; a live store drops them together, so that more of the
// largest would be a multiple of what it keeps.
const chunkFrames = 16

// rowIndex maps rows to frames and to exchanges: two bytes a frame, four a row
// and some hundred a chunk.
type rowIndex struct {
	chunks  []rowChunk
	dropped int // frames that are gone, a multiple of chunkFrames
	frames  int // all, those that are gone included
	rows    int // likewise
}

// rowChunk is a run of frames.
type rowChunk struct {
	first  int // its first row
	counts []uint16
	big    map[int]int // the counts that are too large for 16 bits
	// refs holds, for each row, the exchange's distance from base, above
	// three bits for the role; 0 stands for none.
	refs []int32
	base int
}

const (
	tooBig   = 1<<16 - 1
	roleBits = 3
	roleMask = 1<<roleBits - 1
)

// add appends a frame with so many rows and what is known of their exchanges.
func (x *rowIndex) add(n int, refs []flow.Ref) {
	n = max(n, 1)
	if x.frames%chunkFrames == 0 {
		x.chunks = append(x.chunks, rowChunk{first: x.rows, counts: make([]uint16, 0, chunkFrames), refs: make([]int32, 0, 2*chunkFrames)})
	}
	c := &x.chunks[len(x.chunks)-1]
	if n >= tooBig {
		if c.big == nil {
			c.big = map[int]int{}
		}
		c.big[len(c.counts)] = n
	}
	c.counts = append(c.counts, uint16(min(n, tooBig)))
	for i := range n {
		var r flow.Ref
		if i < len(refs) {
			r = refs[i]
		}
		c.refs = append(c.refs, c.pack(r))
	}
	x.frames++
	x.rows += n
	if x.frames%chunkFrames == 0 {
		c.refs = append(make([]int32, 0, len(c.refs)), c.refs...) // without the room to grow
	}
}

// copyOfEvent stands for a copy of what is in no exchange.
const copyOfEvent = math.MinInt32 | int32(flow.Copy)

func (c *rowChunk) pack(r flow.Ref) int32 {
	if r.Exchange == 0 && r.Copy > 0 {
		return copyOfEvent
	}
	if r.Exchange == 0 || r.Role == flow.NoRole {
		return 0
	}
	if c.base == 0 {
		c.base = int(r.Exchange)
	}
	far := int(r.Exchange) - c.base
	if far != int(int32(far<<roleBits)>>roleBits) {
		return 0 // it began an age ago
	}
	return int32(far<<roleBits) | int32(r.Role)
}

func (c *rowChunk) unpack(v int32) (id int, role flow.Role) {
	switch {
	case v&roleMask == 0:
		return 0, flow.NoRole
	case v == copyOfEvent:
		return 0, flow.Copy
	}
	return c.base + int(v>>roleBits), flow.Role(v & roleMask)
}

func (x *rowIndex) first() int {
	if len(x.chunks) == 0 {
		return x.rows
	}
	return x.chunks[0].first
}

func (x *rowIndex) end() int { return x.rows }

// chunk returns the index of the chunk of a row, which must be there.
func (x *rowIndex) chunk(row int) int {
	return sort.Search(len(x.chunks), func(i int) bool { return x.chunks[i].first > row }) - 1
}

// find returns the frame of a row, and which of its messages the row is.
func (x *rowIndex) find(row int) (frame, msg int, ok bool) {
	if row < x.first() || row >= x.rows {
		return 0, 0, false
	}
	i := x.chunk(row)
	c := &x.chunks[i]
	left := row - c.first
	for k, n := range c.counts {
		size := c.size(k, n)
		if left < size {
			return x.dropped + i*chunkFrames + k, left, true
		}
		left -= size
	}
	return 0, 0, false
}

// ref returns the exchange of a row, and what it is there.
func (x *rowIndex) ref(row int) (id int, role flow.Role) {
	if row < x.first() || row >= x.rows {
		return 0, flow.NoRole
	}
	c := &x.chunks[x.chunk(row)]
	return c.unpack(c.refs[row-c.first])
}

// each calls fn with the rows from…to that belong to an exchange, until it
// returns false.
func (x *rowIndex) each(from, to int, fn func(row, id int) bool) {
	from, to = max(from, x.first()), min(to, x.rows)
	if from >= to {
		return
	}
	for i := x.chunk(from); i < len(x.chunks) && x.chunks[i].first < to; i++ {
		c := &x.chunks[i]
		for k := max(from-c.first, 0); k < len(c.refs) && c.first+k < to; k++ {
			if id, _ := c.unpack(c.refs[k]); id != 0 && !fn(c.first+k, id) {
				return
			}
		}
	}
}

// row returns the first row of a frame.
func (x *rowIndex) row(frame int) (row int, ok bool) {
	if frame < x.dropped || frame >= x.frames {
		return 0, false
	}
	at := frame - x.dropped
	c := &x.chunks[at/chunkFrames]
	row = c.first
	for k := range at % chunkFrames {
		row += c.size(k, c.counts[k])
	}
	return row, true
}

func (c *rowChunk) size(k int, n uint16) int {
	if n == tooBig {
		return c.big[k]
	}
	return int(n)
}

// drop lets go of the oldest frames, whole chunks of them, and returns how
// many went.
func (x *rowIndex) drop(frames int) int {
	k := min(frames/chunkFrames, len(x.chunks))
	if k == 0 {
		return 0
	}
	clear(x.chunks[:k])
	x.chunks = x.chunks[k:]
	x.dropped += k * chunkFrames
	return k * chunkFrames
}
