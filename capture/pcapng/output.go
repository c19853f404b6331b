package pcapng

import "io"

// outputSize is how many bytes a writer collects before it writes them.
const outputSize = 256 << 10

// output collects whole blocks. What reaches the file in one write is always
// whole blocks too, so that a capture killed between two writes is readable.
type output struct {
	w   io.Writer
	buf []byte
	err error // sticky: what follows a half-written block is not a capture
}

// done is called after a block was appended to buf.
func (o *output) done() error {
	if len(o.buf) < outputSize {
		return o.err
	}
	return o.flush()
}

func (o *output) flush() error {
	if o.err == nil && len(o.buf) > 0 {
		_, o.err = o.w.Write(o.buf)
	}
	o.buf = o.buf[:0]
	return o.err
}
