package pcapng

import (
	"encoding/binary"
	"iter"
)

// The block types of the pcapng draft, section 10.1, as far as this package
// treats them or expects them when it looks for a place to go on.
const (
	BlockInterface      = 0x00000001
	BlockPacket         = 0x00000002 // obsolete, appendix A
	BlockSimplePacket   = 0x00000003
	BlockNameResolution = 0x00000004
	BlockStatistics     = 0x00000005
	BlockEnhancedPacket = 0x00000006
	BlockJournal        = 0x00000009 // systemd journal export
	BlockSecrets        = 0x0000000a
	BlockCustom         = 0x00000bad // may be copied to another file
	BlockCustomPrivate  = 0x40000bad // should not be copied to another file
	BlockSectionHeader  = 0x0a0d0d0a // the same in both byte orders
	BlockPcapHeader     = 0xfffffffe // the 24-byte header of a pcap file
	BlockPcapRecord     = 0xffffffff // one record of a pcap file
	minBlock            = 12         // type, length, length
	minSectionBlock     = 28
	maxBlockDefault     = 64 << 20
	maxBlockResync      = 1 << 20
	minMaxBlock         = 1 << 10
	interfaceBodyLen    = 8
	sectionBodyLen      = 16
	enhancedBodyLen     = 20
	packetBodyLen       = 20
	simpleBodyLen       = 4
	statisticsBodyLen   = 12
	customBodyLen       = 4
)

// Block is one block of a pcapng file. In a pcap file it is the file header
// (BlockPcapHeader) or a record (BlockPcapRecord).
type Block struct {
	// Format tells the two types of a pcap file from the same numbers in a
	// pcapng file, where they are for local use.
	Format Format
	Type   uint32
	// Offset is where the block starts, in bytes from the start of the
	// decompressed input.
	Offset int64
	// Order is the byte order of the section that holds the block.
	Order binary.ByteOrder
	// Raw is the whole block, with its type and both lengths.
	Raw []byte

	e endian
}

// IsPacket reports whether b holds a packet.
func (b *Block) IsPacket() bool {
	if b.Format == FormatPcap {
		return b.Type == BlockPcapRecord
	}
	switch b.Type {
	case BlockEnhancedPacket, BlockSimplePacket, BlockPacket:
		return true
	}
	return false
}

// body is what lies between the two lengths of a pcapng block.
func (b *Block) body() []byte { return b.Raw[8 : len(b.Raw)-4] }

// Options yields the options of b in file order, without the end-of-options
// mark, for the block types whose options this package can find. It stops at
// an option that passes the end of the block.
func (b *Block) Options() iter.Seq[Option] {
	return func(yield func(Option) bool) {
		list := optionList{rest: b.optionBytes(), e: endianOf(b.Order)}
		for list.next() {
			if !yield(Option{Code: list.code, Value: list.value}) {
				return
			}
		}
	}
}

// optionBytes finds the options of b behind the fixed part of its body.
func (b *Block) optionBytes() []byte {
	if len(b.Raw) < minBlock || b.Format == FormatPcap {
		return nil
	}
	body, at := b.body(), 0
	switch b.Type {
	case BlockSectionHeader:
		at = sectionBodyLen
	case BlockInterface:
		at = interfaceBodyLen
	case BlockStatistics:
		at = statisticsBodyLen
	case BlockEnhancedPacket, BlockPacket:
		if len(body) < enhancedBodyLen {
			return nil
		}
		caplen := endianOf(b.Order).u32(body[12:])
		if uint64(caplen) > uint64(len(body)-enhancedBodyLen) {
			return nil
		}
		at = enhancedBodyLen + pad4(int(caplen))
	default:
		return nil
	}
	if at > len(body) {
		return nil
	}
	return body[at:]
}
