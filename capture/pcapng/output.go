package pcapng

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// outputSize is how many bytes a writer collects before it writes them.
const outputSize = 256 << 10

// output collects whole blocks. What reaches the file in one write is always
// whole blocks too, so that a capture killed between two writes is readable.
type output struct {
	w   io.Writer
	buf []byte
	err error // sticky: what follows a half-written block is not a capture

	closed bool
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

// end flushes for the last time, once: what is written from then on would not
// be. begin writes what a file starts with.
func (o *output) end(begin func() error) error {
	if o.closed {
		return nil
	}
	err := begin()
	if o.closed = true; o.err == nil {
		o.err = os.ErrClosed
	}
	return err
}

// takes says what is wrong with a frame that is to be written: the mistakes of a
// program that made one itself.
func (o *output) takes(f *capture.Frame) error {
	switch {
	case o.err != nil:
		return o.err
	case len(f.Data) > maxBlockDefault-1<<20:
		return fmt.Errorf("frame %d of %s is too long to write", f.Number, phrase.Count(len(f.Data), "byte"))
	// What a source counted is written as it came: a file's frames are whatever they are.
	case f.Number == 0 && f.Event == nil && bare(f.Data):
		return fmt.Errorf("a frame starts with an nlmsghdr, and not with the %d bytes of a cooked header", capture.CookedLen)
	}
	return nil
}

// bare says whether bytes are netlink messages as a socket has them, without the
// header that a capture's frames have: nobody could read them from a file.
func bare(b []byte) bool {
	const hdrLen, hatypeAt = 16, 2
	if len(b) < hdrLen || binary.BigEndian.Uint16(b[hatypeAt:]) == capture.ARPHRDNetlink {
		return false
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		n := uint64(order.Uint32(b))
		if n >= hdrLen && (n+3)&^3 == uint64(len(b)+3)&^3 {
			return true
		}
	}
	return false
}
