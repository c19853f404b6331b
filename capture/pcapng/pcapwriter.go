package pcapng

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/nlsniff/nlsniff/capture"
)

// pcapSnapLen is the snapshot length that a file header claims: the usual
// value for no limit.
const pcapSnapLen = 262144

// PcapOptions say how to write a pcap file.
type PcapOptions struct {
	// Micro makes timestamps microseconds, which older programs need, in
	// place of nanoseconds.
	Micro bool
	// Order is the byte order of the headers; nil is that of this machine.
	Order binary.ByteOrder
}

// PcapWriter writes a pcap file (pcap draft). It is a capture.Sink. The format
// has no room for a frame's process, direction, flags and comment, nor for
// times out of 1970 to 2106, which become the nearest there is.
type PcapWriter struct {
	out  output
	opt  PcapOptions
	e    endian
	open bool
}

// NewPcapWriter returns a PcapWriter. Nothing is written before the first
// frame, block or Flush.
func NewPcapWriter(w io.Writer, o PcapOptions) *PcapWriter {
	return &PcapWriter{out: output{w: w}, opt: o, e: endianOf(o.Order)}
}

// Write writes a frame. An event is left out.
func (w *PcapWriter) Write(f *capture.Frame) error {
	if f.Event != nil {
		return nil
	}
	if err := w.out.takes(f); err != nil {
		return err
	}
	w.header()
	ns := min(max(f.Time, 0), math.MaxUint32*nanosPerSecond+nanosPerSecond-1)
	sub := uint32(ns % nanosPerSecond)
	if w.opt.Micro {
		sub /= 1000
	}
	b := w.e.append32(w.out.buf, uint32(ns/nanosPerSecond))
	b = w.e.append32(b, sub)
	b = w.e.append32(b, uint32(len(f.Data)))
	b = w.e.append32(b, uint32(min(uint64(max(f.OrigLen, len(f.Data))), math.MaxUint32)))
	w.out.buf = append(b, f.Data...)
	return w.out.done()
}

// WriteRaw writes the file header or a record of another pcap file as it is.
// Records make sense only behind the header they were read with: a header can
// only come first.
func (w *PcapWriter) WriteRaw(b Block) error {
	switch {
	case b.Format != FormatPcap:
		return fmt.Errorf("block of type 0x%x cannot be written to a pcap file", b.Type)
	case b.Type == BlockPcapHeader && !w.open && len(b.Raw) == pcapHeaderLen:
		w.open, w.e = true, endianOf(b.Order)
		w.opt.Micro = w.e.u32(b.Raw) == magicMicro
	case b.Type == BlockPcapRecord && w.open:
	default:
		return fmt.Errorf("block of type 0x%x cannot be written at this place of a pcap file", b.Type)
	}
	w.out.buf = append(w.out.buf, b.Raw...)
	return w.out.done()
}

// header writes the file header unless it is there.
func (w *PcapWriter) header() {
	if w.open {
		return
	}
	w.open = true
	magic := uint32(magicNano)
	if w.opt.Micro {
		magic = magicMicro
	}
	b := w.e.append32(w.out.buf, magic)
	b = w.e.append16(b, 2)
	b = w.e.append16(b, 4)
	b = w.e.append64(b, 0) // two reserved fields
	b = w.e.append32(b, pcapSnapLen)
	w.out.buf = w.e.append32(b, uint32(capture.LinkTypeNetlink))
}

// Flush writes what was collected, and the file header if there were no
// frames yet.
func (w *PcapWriter) Flush() error {
	w.header()
	return w.out.flush()
}

// Buffered returns how many bytes were not written yet.
func (w *PcapWriter) Buffered() int { return len(w.out.buf) }

// Close flushes. It does not close the underlying writer. Write then returns
// os.ErrClosed.
func (w *PcapWriter) Close() error {
	return w.out.end(w.Flush)
}
