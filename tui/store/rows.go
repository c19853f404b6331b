package store

import "sort"

// chunkFrames is how many frames the index handles as one. Their row counts
// are added up to find one; a live store drops them together.
const chunkFrames = 64

// rowIndex maps rows to frames: two bytes a frame and a few a chunk.
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
}

const tooBig = 1<<16 - 1

// add appends a frame with so many rows.
func (x *rowIndex) add(n int) {
	n = max(n, 1)
	if x.frames%chunkFrames == 0 {
		x.chunks = append(x.chunks, rowChunk{first: x.rows, counts: make([]uint16, 0, chunkFrames)})
	}
	c := &x.chunks[len(x.chunks)-1]
	if n >= tooBig {
		if c.big == nil {
			c.big = map[int]int{}
		}
		c.big[len(c.counts)] = n
	}
	c.counts = append(c.counts, uint16(min(n, tooBig)))
	x.frames++
	x.rows += n
}

func (x *rowIndex) first() int {
	if len(x.chunks) == 0 {
		return x.rows
	}
	return x.chunks[0].first
}

func (x *rowIndex) end() int { return x.rows }

// find returns the frame of a row, and which of its messages the row is.
func (x *rowIndex) find(row int) (frame, msg int, ok bool) {
	if row < x.first() || row >= x.rows {
		return 0, 0, false
	}
	i := sort.Search(len(x.chunks), func(i int) bool { return x.chunks[i].first > row }) - 1
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
	x.chunks = append(x.chunks[:0], x.chunks[k:]...)
	x.dropped += k * chunkFrames
	return k * chunkFrames
}
