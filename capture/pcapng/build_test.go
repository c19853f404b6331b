package pcapng

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// builder makes pcapng files by hand, damaged ones included: what Writer
// makes cannot test Reader alone.
type builder struct {
	b []byte
	e endian
}

func (w *builder) block(blockType uint32, body []byte) *builder {
	n := uint32(minBlock + pad4(len(body)))
	w.b = w.e.append32(w.b, blockType)
	w.b = w.e.append32(w.b, n)
	w.b = append(w.b, body...)
	w.b = appendPad(w.b, len(body))
	w.b = w.e.append32(w.b, n)
	return w
}

// section starts a section in w.e.
func (w *builder) section(options ...Option) *builder {
	b := w.e.append32(nil, magicByteOrder)
	b = w.e.append16(b, 1)
	b = w.e.append16(b, 0)
	b = w.e.append64(b, 1<<64-1)
	return w.block(BlockSectionHeader, w.options(b, options))
}

func (w *builder) iface(link, snapLen uint32, options ...Option) *builder {
	b := w.e.append16(nil, uint16(link))
	b = w.e.append16(b, 0)
	b = w.e.append32(b, snapLen)
	return w.block(BlockInterface, w.options(b, options))
}

func (w *builder) packet(id uint32, ticks uint64, data []byte, options ...Option) *builder {
	b := w.e.append32(nil, id)
	b = w.e.append32(b, uint32(ticks>>32))
	b = w.e.append32(b, uint32(ticks))
	b = w.e.append32(b, uint32(len(data)))
	b = w.e.append32(b, uint32(len(data)))
	b = append(b, data...)
	return w.block(BlockEnhancedPacket, w.options(appendPad(b, len(data)), options))
}

// oldPacket adds an obsolete Packet Block with 7 drops.
func (w *builder) oldPacket(id uint16, ticks uint64, data []byte, options ...Option) *builder {
	b := w.e.append16(nil, id)
	b = w.e.append16(b, 7)
	b = w.e.append32(b, uint32(ticks>>32))
	b = w.e.append32(b, uint32(ticks))
	b = w.e.append32(b, uint32(len(data)))
	b = w.e.append32(b, uint32(len(data)))
	b = append(b, data...)
	return w.block(BlockPacket, w.options(appendPad(b, len(data)), options))
}

func (w *builder) simplePacket(origLen uint32, data []byte) *builder {
	return w.block(BlockSimplePacket, append(w.e.append32(nil, origLen), data...))
}

func (w *builder) options(b []byte, options []Option) []byte {
	from := len(b)
	for _, o := range options {
		b = appendOption(b, w.e, o.Code, o.Value)
	}
	return appendEnd(b, from)
}

// netlink makes a frame of the cooked header and n bytes of 'a', 'b', … from
// seed on.
func netlink(seed byte, n int) []byte {
	b := []byte{0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	for i := range n {
		b = append(b, seed+byte(i%26))
	}
	return b
}

// everything is a section with one of each block in byte order e, in which a
// reader finds six packets, five of them netlink.
func everything(e endian) []byte {
	w := &builder{e: e}
	w.section(Option{OptComment, []byte("a comment")}, Option{OptSectionHardware, []byte("x86")},
		Option{OptSectionOS, []byte("Linux")}, Option{OptSectionUserAppl, []byte("test")}, Option{0x8001, []byte("local")})
	w.iface(253, 0, Option{OptInterfaceName, []byte("nlmon0")}, Option{OptInterfaceResolution, []byte{9}}, Option{0x7777, []byte{1, 2, 3}})
	w.iface(1, 96, Option{OptInterfaceName, []byte("eth0")})
	w.block(BlockNameResolution, []byte{0, 0, 0, 0})
	w.packet(0, 1_700_000_000_123_456_789, netlink('a', 33), Option{OptComment, []byte("hello")}, Option{0x4444, []byte("?")},
		Option{OptPacketFlags, e.append32(nil, flagsOutbound)})
	w.block(0x00000bad, append(e.append32(nil, 32473), "custom data"...))
	w.packet(1, 1_700_000_000_000_000, bytes.Repeat([]byte{0xff}, 60))
	w.oldPacket(0, 1_700_000_001_000_000_000, netlink('A', 5))
	w.simplePacket(21, netlink('b', 5))
	w.block(0x12345678, []byte("nobody knows me"))
	w.packet(0, 1_700_000_002_000_000_000, netlink('c', 0), Option{OptPacketFlags, e.append32(nil, flagsInbound)})
	w.block(BlockStatistics, w.options(append(e.append32(nil, 0), make([]byte, 8)...),
		[]Option{{OptStatisticsDropped, e.append64(nil, 3)}, {OptStatisticsOSDrop, e.append64(nil, 2)}}))
	w.packet(0, 1_700_000_003_000_000_000, netlink('d', 100))
	return w.b
}

// result is all that a Reader says about an input, with Data copied.
type result struct {
	frames  []capture.Frame
	damage  []*capture.CorruptError
	err     error // other than io.EOF
	reader  *Reader
	openErr error
}

func readAll(t testing.TB, in []byte, o Options) result {
	t.Helper()
	return readFrom(t, bytes.NewReader(in), o)
}

func readFrom(t testing.TB, in io.Reader, o Options) (res result) {
	t.Helper()
	r, err := NewReader(in, o)
	if err != nil {
		res.openErr = err
		return res
	}
	res.reader = r
	defer r.Close()
	for {
		var f capture.Frame
		var bad *capture.CorruptError
		switch err := r.Next(&f); {
		case err == nil:
			f.Data = bytes.Clone(f.Data)
			res.frames = append(res.frames, f)
		case err == io.EOF:
			return res
		case errors.As(err, &bad):
			res.damage = append(res.damage, bad)
		default:
			res.err = err
			return res
		}
	}
}

func mustRead(t testing.TB, in []byte) []capture.Frame {
	t.Helper()
	res := readAll(t, in, Options{})
	if res.openErr != nil || res.err != nil || len(res.damage) > 0 {
		t.Fatalf("reading: %v, %v, damage %v", res.openErr, res.err, res.damage)
	}
	return res.frames
}

// pcapHeader makes a pcap file header with microseconds.
func pcapHeader(e endian, link uint32) []byte {
	b := e.append32(nil, magicMicro)
	b = e.append16(b, 2)
	b = e.append16(b, 4)
	b = e.append64(b, 0)
	b = e.append32(b, 1<<31) // a snapshot length that must not size anything
	return e.append32(b, link)
}
