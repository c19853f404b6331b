package pcapng

import (
	"fmt"
	"math"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// packet is what a packet block says apart from its options.
type packet struct {
	iface    uint32
	ticks    uint64
	timeless bool // a simple packet block has no time
	data     []byte
	origLen  uint32
	options  []byte
}

// parsePacket reads the fixed part of a packet block (pcapng draft sections
// 4.3, 4.4 and appendix A), or says what is wrong with it. The data of a
// simple packet block still has the block's padding: only the interface's
// snapLen tells where it ends.
func parsePacket(b *Block) (p packet, reason string) {
	if b.Format == FormatPcap {
		p.data, p.origLen = b.Raw[pcapRecordLen:], b.e.u32(b.Raw[12:])
		return p, ""
	}
	body := b.body()
	if b.Type == BlockSimplePacket {
		if len(body) < simpleBodyLen {
			return p, fmt.Sprintf("simple packet block of %s", phrase.Count(len(b.Raw), "byte"))
		}
		p.timeless, p.origLen, p.data = true, b.e.u32(body), body[simpleBodyLen:]
		p.data = p.data[:min(uint64(len(p.data)), uint64(p.origLen))]
		return p, ""
	}
	if len(body) < enhancedBodyLen {
		return p, fmt.Sprintf("packet block of %s", phrase.Count(len(b.Raw), "byte"))
	}
	p.iface = b.e.u32(body)
	if b.Type == BlockPacket {
		p.iface = uint32(b.e.u16(body)) // then 16 bits of drop count
	}
	p.ticks = uint64(b.e.u32(body[4:]))<<32 | uint64(b.e.u32(body[8:]))
	caplen := b.e.u32(body[12:])
	p.origLen = b.e.u32(body[16:])
	rest := body[enhancedBodyLen:]
	if uint64(caplen) > uint64(len(rest)) {
		return p, fmt.Sprintf("packet of %s in a block with room for %d", phrase.Count(caplen, "byte"), len(rest))
	}
	p.data = rest[:caplen:caplen]
	p.options = rest[min(pad4(int(caplen)), len(rest)):]
	return p, ""
}

// fill puts the packet of b into f, but for f.Number. It reports false for a
// frame that is not netlink. The error is a *capture.CorruptError; if the
// frame is reported all the same, only its options are damaged.
func (s *section) fill(f *capture.Frame, b *Block, kept *keeper) (bool, error) {
	p, reason := parsePacket(b)
	if reason != "" {
		return false, corrupt(b, reason)
	}
	if uint64(p.iface) >= uint64(len(s.ifaces)) {
		return false, corrupt(b, fmt.Sprintf("packet of interface %d in a section of %s", p.iface, phrase.Count(len(s.ifaces), "interface")))
	}
	i := &s.ifaces[p.iface]
	if p.timeless && i.snapLen != 0 {
		p.data = p.data[:min(uint64(len(p.data)), uint64(i.snapLen))]
	}
	if !isNetlink(i.link, p.data) {
		return false, nil
	}
	if i.link == capture.LinkTypeLinuxSLL2 {
		kept.cooked = cookSLL2(kept.cooked[:0], p.data)
		p.origLen -= min(p.origLen, uint32(len(p.data)-len(kept.cooked)))
		p.data = kept.cooked
	}
	// Spelled out, as nearly all of it is empty in nearly all frames.
	f.Data, f.OrigLen = p.data, max(int(min(p.origLen, math.MaxInt32)), len(p.data))
	f.Section, f.Interface, f.Namespace = s.number, int(p.iface), i.netns
	f.Number, f.Time, f.Dir, f.Flags = 0, 0, 0, 0
	if f.Process != (capture.Process{}) || f.Comment != "" {
		f.Process, f.Comment = capture.Process{}, ""
	}
	f.Delivery, f.Event = nil, nil
	switch {
	case s.format == FormatPcap:
		// A record can hold more ticks than a second has; they carry.
		f.Time = int64(b.e.u32(b.Raw))*nanosPerSecond + i.time.nanos(uint64(b.e.u32(b.Raw[4:])))
	case !p.timeless:
		f.Time = i.time.nanos(p.ticks)
	}
	if f.OrigLen > len(f.Data) {
		f.Flags |= capture.FlagTruncated
	}
	if len(p.options) == 0 {
		return true, nil
	}
	list := optionList{rest: p.options, e: b.e}
	readFrameOptions(f, &list, kept)
	return true, damagedOptions(b, &list)
}
