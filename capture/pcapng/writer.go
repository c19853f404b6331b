package pcapng

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Writer writes a pcapng file. It is a capture.Sink, and takes whole blocks
// that a BlockReader or Reader has read.
type Writer struct {
	out   output
	first Section // what the first section says unless blocks were copied

	open   bool // a section was begun
	e      endian
	frames int // Frame.Section of the frames in this section, -1 before the first
	ifaces []iface
	names  []string
}

// NewWriter returns a Writer that describes its file with s. If s has no
// interfaces, one is made for netlink; if it has no byte order, it gets that of
// this machine. Resolution 0 means nanoseconds. Nothing is written before the
// first frame, block or Flush.
func NewWriter(w io.Writer, s Section) *Writer {
	return &Writer{out: output{w: w}, first: s, frames: -1}
}

// Write writes a frame as an Enhanced Packet Block (pcapng draft section 4.3)
// with its process, direction, flags and comment as options. A frame of
// another Frame.Section than the one before begins a new section like the
// first, unless StartSection or WriteRaw has begun one for it. A frame of an
// interface that the section does not have, or that is not netlink, goes to
// one that it has or gets. Times before 1970 become 1970. A frame with an event
// becomes a custom block.
func (w *Writer) Write(f *capture.Frame) error {
	if err := w.out.takes(f); err != nil {
		return err
	}
	if !w.open || w.frames >= 0 && w.frames != f.Section {
		if err := w.StartSection(w.first); err != nil {
			return err
		}
	}
	w.frames = f.Section
	if f.Event != nil {
		return w.writeEvent(f)
	}
	id, ticks, ok := f.Interface, uint64(0), false
	if id >= 0 && id < len(w.ifaces) {
		ticks, ok = w.ifaces[id].takes(f.Time)
	}
	if !ok {
		id, ticks = w.interfaceFor(f)
	}
	e, from := w.e, len(w.out.buf)
	// Once for all that a frame without options has: a capture to a file does little else.
	b := slices.Grow(w.out.buf, packetHeaderLen+len(f.Data)+packetRest)
	b = b[:from+packetHeaderLen]
	h := b[from:]
	e.put32(h[0:], BlockEnhancedPacket)
	e.put32(h[8:], uint32(id))
	e.put32(h[12:], uint32(ticks>>32))
	e.put32(h[16:], uint32(ticks))
	e.put32(h[20:], uint32(len(f.Data)))
	e.put32(h[24:], uint32(min(uint64(max(f.OrigLen, len(f.Data))), math.MaxUint32)))
	b = append(b, f.Data...)
	b = appendPad(b, len(f.Data))
	if !isPlain(f) {
		b = appendFrameOptions(b, e, f)
	}
	w.out.buf = w.end(b, from)
	return w.out.done()
}

const (
	// packetHeaderLen is what an Enhanced Packet Block has before the frame: type,
	// length, interface, time and two lengths.
	packetHeaderLen = 28
	// packetRest is what it has behind one at most, without options: padding, and the
	// length once more.
	packetRest = 3 + 4
)

// WriteRaw writes a block as it is. A section header or interface description
// counts for the frames that are written after it. All blocks of a file,
// written in order, make the same file again.
func (w *Writer) WriteRaw(b Block) error {
	if len(b.Raw) < minBlock || b.Format == FormatPcap {
		return fmt.Errorf("block of type 0x%x cannot be written to a pcapng file", b.Type)
	}
	b.e = endianOf(b.Order)
	if b.Type == BlockSectionHeader {
		w.begun(b.e)
	} else if !w.open {
		if err := w.StartSection(w.first); err != nil {
			return err
		}
	}
	if b.Type == BlockInterface {
		i, _ := parseInterface(&b, &textBudget{}) // an odd one is copied all the same
		w.ifaces = append(w.ifaces, i.decoding())
		w.names = append(w.names, i.Name)
	}
	w.out.buf = append(w.out.buf, b.Raw...)
	return w.out.done()
}

// begun notes that a section begins.
func (w *Writer) begun(e endian) {
	w.open, w.e, w.frames = true, e, -1
	w.ifaces, w.names = w.ifaces[:0], w.names[:0]
}

// StartSection begins a section (pcapng draft section 4.1) with its
// interfaces, for the frames of another host or program.
func (w *Writer) StartSection(s Section) error {
	w.begun(endianOf(s.Order))
	from := len(w.out.buf)
	b := w.begin(w.out.buf, BlockSectionHeader)
	b = w.e.append32(b, magicByteOrder)
	b = w.e.append16(b, 1)
	b = w.e.append16(b, 0)
	b = w.e.append64(b, math.MaxUint64) // length of the section: not known
	options := len(b)
	b = appendText(b, w.e, OptComment, s.Comment)
	b = appendText(b, w.e, OptSectionHardware, s.Hardware)
	b = appendText(b, w.e, OptSectionOS, s.OS)
	b = appendText(b, w.e, OptSectionUserAppl, s.UserAppl)
	b = appendEnd(b, options)
	w.out.buf = w.end(b, from)
	if len(s.Interfaces) == 0 {
		s.Interfaces = []Interface{{LinkType: capture.LinkTypeNetlink}}
	}
	for i := range s.Interfaces {
		if _, err := w.AddInterface(s.Interfaces[i]); err != nil {
			return err
		}
	}
	return w.out.done()
}

// AddInterface adds an interface to the section (pcapng draft section 4.2),
// and returns the value of Frame.Interface for its frames.
func (w *Writer) AddInterface(i Interface) (int, error) {
	if !w.open {
		if err := w.StartSection(w.first); err != nil {
			return 0, err
		}
	}
	if i.Resolution == 0 {
		i.Resolution = 9
	}
	from := len(w.out.buf)
	b := w.begin(w.out.buf, BlockInterface)
	b = w.e.append16(b, uint16(i.LinkType))
	b = w.e.append16(b, 0)
	b = w.e.append32(b, i.SnapLen)
	options := len(b)
	b = appendText(b, w.e, OptComment, i.Comment)
	b = appendText(b, w.e, OptInterfaceName, i.Name)
	b = appendText(b, w.e, OptInterfaceDescription, i.Description)
	b = appendOption(b, w.e, OptInterfaceResolution, []byte{i.Resolution})
	if i.Filter != "" {
		b = appendText(b, w.e, OptInterfaceFilter, "\x00"+i.Filter)
	}
	b = appendText(b, w.e, OptInterfaceOS, i.OS)
	if i.Offset != 0 {
		b = appendOption(b, w.e, OptInterfaceOffset, w.e.append64(nil, uint64(i.Offset)))
	}
	b = appendText(b, w.e, OptInterfaceHardware, i.Hardware)
	b = appendEnd(b, options)
	w.out.buf = w.end(b, from)
	w.ifaces = append(w.ifaces, i.decoding())
	w.names = append(w.names, i.Name)
	return len(w.ifaces) - 1, w.out.done()
}

// interfaceFor finds the interface and the ticks for a frame. The frame's own
// is taken if it is netlink and can express the time exactly, else the first
// such; if there is none, one is added with the frame's interface's name.
func (w *Writer) interfaceFor(f *capture.Frame) (id int, ticks uint64) {
	fits := func(i int) (ok bool) {
		if i < 0 || i >= len(w.ifaces) {
			return false
		}
		ticks, ok = w.ifaces[i].takes(f.Time)
		return ok
	}
	if fits(f.Interface) {
		return f.Interface, ticks
	}
	for i := range w.ifaces {
		if fits(i) {
			return i, ticks
		}
	}
	add := Interface{LinkType: capture.LinkTypeNetlink}
	if f.Interface >= 0 && f.Interface < len(w.names) {
		add.Name = w.names[f.Interface]
	}
	id, _ = w.AddInterface(add) // an error of the file is sticky
	return id, uint64(max(f.Time, 0))
}

// takes returns the ticks for the time of a netlink frame, if the interface can have
// it.
func (i *iface) takes(ns int64) (ticks uint64, ok bool) {
	if !isCooked(i.link) {
		return 0, false
	}
	return i.time.ticks(max(ns, 0))
}

// WriteStats writes an Interface Statistics Block (pcapng draft section 4.6):
// what the capture on an interface delivered and lost between two times.
func (w *Writer) WriteStats(id int, s capture.Stats, start, end time.Time) error {
	if id < 0 || id >= len(w.ifaces) {
		return fmt.Errorf("statistics of interface %d in a section of %s", id, phrase.Count(len(w.ifaces), "interface"))
	}
	stamp := func(t time.Time) []byte {
		ticks, _ := w.ifaces[id].time.ticks(max(t.UnixNano(), 0))
		return w.e.append32(w.e.append32(nil, uint32(ticks>>32)), uint32(ticks))
	}
	from := len(w.out.buf)
	b := w.begin(w.out.buf, BlockStatistics)
	b = w.e.append32(b, uint32(id))
	b = append(b, stamp(end)...)
	options := len(b)
	b = appendOption(b, w.e, OptStatisticsStart, stamp(start))
	b = appendOption(b, w.e, OptStatisticsEnd, stamp(end))
	b = appendOption(b, w.e, OptStatisticsReceived, w.e.append64(nil, s.Frames+s.Dropped))
	b = appendOption(b, w.e, OptStatisticsDropped, w.e.append64(nil, s.Dropped))
	b = appendEnd(b, options)
	w.out.buf = w.end(b, from)
	return w.out.done()
}

// begin appends a block's type and room for its length.
func (w *Writer) begin(b []byte, blockType uint32) []byte {
	b = w.e.append32(b, blockType)
	return append(b, 0, 0, 0, 0)
}

// end closes the block that starts at from.
func (w *Writer) end(b []byte, from int) []byte {
	n := uint32(len(b) - from + 4)
	w.e.put32(b[from+4:], n)
	return w.e.append32(b, n)
}

// Flush writes what was collected, and the file's header if there were no
// frames yet.
func (w *Writer) Flush() error {
	if !w.open {
		if err := w.StartSection(w.first); err != nil {
			return err
		}
	}
	return w.out.flush()
}

// Buffered returns how many bytes were not written yet.
func (w *Writer) Buffered() int { return len(w.out.buf) }

// Close flushes. It does not close the underlying writer. Write then returns
// os.ErrClosed.
func (w *Writer) Close() error {
	return w.out.end(w.Flush)
}

var (
	_ capture.Sink = (*Writer)(nil)
	_ capture.Sink = (*PcapWriter)(nil)
)
