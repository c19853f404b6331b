package pcapng

// offsets is a growing list of offsets within a file, 4 bytes each where they
// are near each other. It never moves what it has.
type offsets struct {
	chunks []offsetChunk
	n      int
}

// offsetChunk has offsetsPerChunk of them, from a base on.
type offsetChunk struct {
	base int64
	near []uint32
	far  []int64 // all of the chunk, where one does not fit near
}

const offsetsPerChunk = 4096

func (o *offsets) add(at int64) {
	if o.n%offsetsPerChunk == 0 {
		o.chunks = append(o.chunks, offsetChunk{base: at, near: make([]uint32, 0, offsetsPerChunk)})
	}
	o.n++
	c := &o.chunks[len(o.chunks)-1]
	if c.far == nil && uint64(at-c.base) < 1<<32 {
		c.near = append(c.near, uint32(at-c.base))
		return
	}
	for _, d := range c.near {
		c.far = append(c.far, c.base+int64(d))
	}
	c.near = nil
	c.far = append(c.far, at)
}

func (o *offsets) at(i int) int64 {
	c := &o.chunks[i/offsetsPerChunk]
	if c.far != nil {
		return c.far[i%offsetsPerChunk]
	}
	return c.base + int64(c.near[i%offsetsPerChunk])
}
