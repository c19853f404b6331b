package store

import "bytes"

// maxSamples is how many bytes of frames are kept for the names that they give to
// what was counted.
const maxSamples = 8 << 20

// samples are the frames of a live source that were the first of a kind. Counts
// outlive what was counted; without them, no count would have a name in the end.
type samples struct {
	rows  map[int]sample
	bytes int
}

// sample is one row.
type sample struct {
	l   *loaded
	msg int
}

// add keeps a frame, whose rows begin at first, for some of them.
func (x *samples) add(l *loaded, first int, rows []int) {
	size := l.frame.Size() + len(l.input.Request) + frameCost
	if len(rows) == 0 || x.bytes+size > maxSamples {
		return
	}
	c := *l
	c.frame.Own()
	c.frame.Data = bytes.Clone(l.frame.Data)
	c.input.Data, c.input.Request = c.frame.Data, bytes.Clone(l.input.Request)
	if x.rows == nil {
		x.rows = map[int]sample{}
	}
	for _, row := range rows {
		x.rows[row] = sample{&c, row - first}
	}
	x.bytes += size
}

// sample decodes a row that is kept for its name alone. Its neighbours are gone, so
// that nothing is said of times between them, nor of exchanges.
func (d *Decoder) sample(n int) (Row, bool) {
	d.s.mu.Lock()
	x, ok := d.s.samples.rows[n]
	d.s.mu.Unlock()
	if !ok {
		return Row{}, false
	}
	d.l, d.at = *x.l, -1
	d.event = d.eventOf(&d.l, d.l.frame.Time)
	t := d.d.Frame(&d.l.input)
	d.event.Tree = t
	return d.row(n, t, ownOf(t, nil), x.msg), true
}
