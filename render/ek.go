package render

import (
	"bytes"
	"strconv"
	"time"
)

// EK prints what JSON prints as the bulk interface of Elasticsearch takes it, as
// tshark -T ek does: before each object a line that names an index, by the day.
type EK struct {
	JSON
	buf []byte
}

// NewEK returns a printer of these.
func NewEK(o Options) *EK { return &EK{JSON: JSON{base: base{Options: o}}} }

// Frame appends the objects of a frame.
func (p *EK) Frame(dst []byte, ev *Event) []byte {
	whole := *ev
	whole.Spill = nil // an object must not be cut from its index
	p.buf = p.JSON.Frame(p.buf[:0], &whole)
	return ev.spill(wrapEK(dst, p.buf, ev.Time))
}

// Happened appends the object of an event.
func (p *EK) Happened(dst []byte, ev *Event) []byte {
	p.buf = p.JSON.Happened(p.buf[:0], ev)
	return wrapEK(dst, p.buf, ev.Time)
}

func wrapEK(dst, lines []byte, ns int64) []byte {
	for line := range bytes.Lines(lines) {
		dst = append(dst, `{"index":{"_index":"packets-`...)
		dst = time.Unix(0, ns).UTC().AppendFormat(dst, time.DateOnly)
		dst = append(dst, "\"}}\n{\"timestamp\":\""...)
		dst = strconv.AppendInt(dst, ns/1e6, 10)
		dst = append(dst, `","layers":{"nlsniff":`...)
		dst = append(append(dst, bytes.TrimSuffix(line, []byte("\n"))...), "}}\n"...)
	}
	return dst
}
