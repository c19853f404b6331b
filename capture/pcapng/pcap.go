package pcapng

import (
	"fmt"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

const (
	pcapHeaderLen = 24 // pcap draft section 4
	pcapRecordLen = 16 // pcap draft section 5
	// recordSuspicious is the captured length in bytes from which on a record
	// must also look like netlink to be believed. It is above what tcpdump
	// (256 KiB) and the kernel's socket buffers allow.
	recordSuspicious = 1 << 20
	// The next record is searched with times from an hour before the last
	// good one, for clocks that were set back, to a year after it.
	searchBefore = 60 * 60
	searchAfter  = 366 * 24 * 60 * 60
)

// pcapState is the file header of a pcap file and the place in it.
type pcapState struct {
	link     capture.LinkType
	snapLen  uint32
	nano     bool
	past     bool  // the header has been delivered
	lastSec  int64 // time of the last good record in seconds
	haveLast bool
}

// parse reads the file header.
func (p *pcapState) parse(head []byte, e endian) error {
	if major := e.u16(head[4:]); major != 2 {
		return fmt.Errorf("%w: pcap version %d.%d, not 2.4", ErrFormat, major, e.u16(head[6:]))
	}
	p.nano = e.u32(head) == magicNano
	p.snapLen = e.u32(head[16:])
	// The upper half of the field says how long the frame check sequence is.
	p.link = capture.LinkType(e.u32(head[20:]))
	return nil
}

// interfaceOf describes the one interface of a pcap file.
func (p *pcapState) interfaceOf() Interface {
	i := Interface{LinkType: p.link, SnapLen: p.snapLen, Resolution: 6}
	if p.nano {
		i.Resolution = 9
	}
	return i
}

// nextPcap reads the file header, then the records of a pcap file.
func (br *BlockReader) nextPcap(b *Block) error {
	if !br.pcap.past {
		raw, err := br.peek(pcapHeaderLen)
		if err != nil {
			return err // start has seen these bytes
		}
		br.pcap.past = true
		*b = Block{Format: FormatPcap, Type: BlockPcapHeader, Offset: br.in.off, Order: br.e.order(), Raw: raw, e: br.e}
		br.in.advance(pcapHeaderLen)
		return nil
	}
	head, err := br.peek(pcapRecordLen)
	if err != nil {
		return br.cutOff(head, pcapRecordLen, err)
	}
	if reason, err := br.checkRecord(head); reason != "" || err != nil {
		if err != nil {
			return err
		}
		return br.lose(reason)
	}
	n := pcapRecordLen + int(br.e.u32(head[8:]))
	raw, err := br.peek(n)
	if err != nil {
		return br.cutOff(raw, n, err)
	}
	br.pcap.lastSec, br.pcap.haveLast = int64(br.e.u32(raw)), true
	*b = Block{Format: FormatPcap, Type: BlockPcapRecord, Offset: br.in.off, Order: br.e.order(), Raw: raw, e: br.e}
	br.in.advance(n)
	return nil
}

// checkRecord says what is wrong with a record header. A pcap record has no
// check of its own; one that is odd is believed only if a netlink frame
// follows it.
func (br *BlockReader) checkRecord(head []byte) (reason string, err error) {
	sub, caplen, orig := br.e.u32(head[4:]), br.e.u32(head[8:]), br.e.u32(head[12:])
	switch {
	case uint64(caplen) > uint64(br.opt.MaxBlock):
		return fmt.Sprintf("record of %s is over the limit of %d", phrase.Count(caplen, "byte"), br.opt.MaxBlock), nil
	case caplen > recordSuspicious:
		reason = fmt.Sprintf("record of %s does not hold a netlink frame", phrase.Count(caplen, "byte"))
	case caplen > orig:
		reason = fmt.Sprintf("record has %s of a frame of %s", phrase.Count(caplen, "byte"), phrase.Count(orig, "byte"))
	case sub >= br.pcap.subseconds():
		reason = fmt.Sprintf("record has %d as its fraction of a second", sub)
	default:
		return "", nil
	}
	looks, err := br.looksNetlink(head)
	if looks {
		return "", nil
	}
	if err == io.EOF && br.opt.Follow {
		return "", capture.ErrTryAgain
	}
	if err == io.EOF {
		err = nil
	}
	return reason, err
}

// subseconds is how many ticks a second has.
func (p *pcapState) subseconds() uint32 {
	if p.nano {
		return nanosPerSecond
	}
	return 1_000_000
}

// looksNetlink reports whether the record with this header holds a netlink
// cooked header: packet type, ARPHRD_NETLINK and address length in six
// big-endian bytes.
func (br *BlockReader) looksNetlink(head []byte) (bool, error) {
	if br.e.u32(head[8:]) < capture.CookedLen {
		return false, nil
	}
	b, err := br.peek(pcapRecordLen + 6)
	if err != nil {
		return false, err
	}
	b = b[pcapRecordLen:]
	return b[0] == 0 && b[1] < 8 && big.u16(b[2:]) == capture.ARPHRDNetlink && b[4] == 0 && b[5] <= 8, nil
}

// plausibleRecord reports whether a record of a netlink frame starts here.
func (br *BlockReader) plausibleRecord() (bool, error) {
	head, err := br.peek(pcapRecordLen)
	if err != nil {
		return false, err
	}
	sec, caplen := int64(br.e.u32(head)), br.e.u32(head[8:])
	switch {
	case caplen > br.e.u32(head[12:]), caplen > recordSuspicious, int(caplen) > br.opt.MaxBlock,
		br.e.u32(head[4:]) >= br.pcap.subseconds(),
		br.pcap.haveLast && (sec < br.pcap.lastSec-searchBefore || sec > br.pcap.lastSec+searchAfter):
		return false, nil
	}
	if looks, err := br.looksNetlink(head); !looks {
		return false, err
	}
	_, err = br.peek(pcapRecordLen + int(caplen))
	return err == nil, err
}
