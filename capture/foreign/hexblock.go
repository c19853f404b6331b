package foreign

import (
	"encoding/binary"

	"github.com/nlsniff/nlsniff/capture"
)

// block is lines of hex that belong together.
type block struct {
	kind   lineKind
	data   []byte
	more   [][]byte // kindWithin: further messages in the line
	at     int64    // offset of its first line in the text
	bases  []int64  // the offset that its first line claims, as in hexLine.offsets
	radix  int      // of the offsets, 0 before it is known
	group  int      // bytes in a group
	width  int      // bytes in the first line
	repeat bool     // a * came: the line before is repeated up to the next offset
	over   bool     // no more bytes are taken
	again  bool     // tcpdump may print it twice
}

// maxBlock is how many bytes of one block are taken: what is larger is no
// datagram.
const maxBlock = maxMessage

func (b *block) begin(l *hexLine, at int64) {
	*b = block{kind: l.kind, data: append(b.data[:0], l.data...), more: l.more, at: at, group: l.group, width: len(l.data), over: l.last, again: l.again}
	b.bases = l.offsets
}

// accepts adds a line if it goes on with the block.
func (b *block) accepts(l *hexLine) bool {
	if b.kind == kindNone || b.over || l.kind != b.kind {
		return false
	}
	switch b.kind {
	case kindOffset:
		if !b.follows(l) {
			return false
		}
	case kindStore:
		return b.store(l)
	case kindString, kindArray:
		if _, ok := beginsMessage(l.data); ok && isWhole(b.data) {
			return false
		}
	}
	if b.group > 1 && l.group != b.group && len(l.data) >= b.group {
		return false
	}
	if len(b.data)+len(l.data) > maxBlock {
		return false
	}
	b.data = append(b.data, l.data...)
	b.over = l.last
	return true
}

// radices are those of offsets, as in hexLine.offsets.
var radices = [...]int{16, 8, 10}

// follows says whether a line's offset is the next one, and makes up for lines that
// were left out as they repeat the one before.
func (b *block) follows(l *hexLine) bool {
	for i, offset := range l.offsets {
		if b.radix != 0 && b.radix != radices[i] || offset < 0 || b.bases[i] < 0 {
			continue
		}
		want := b.bases[i] + int64(len(b.data))
		if offset == want && !b.repeat {
			b.radix = radices[i]
			return true
		}
		if b.repeat && offset > want && offset-b.bases[i] <= maxBlock && b.width > 0 && (offset-want)%int64(b.width) == 0 {
			b.radix, b.repeat = radices[i], false
			last := b.data[len(b.data)-min(b.width, len(b.data)):]
			for int64(len(b.data)) < offset-b.bases[i] {
				b.data = append(b.data, last...)
			}
			return true
		}
	}
	return false
}

// message returns the netlink messages in a block, without a cooked header.
func (b *block) message(proto uint8) ([]byte, uint8, bool) {
	data := b.data
	if isCooked(data) {
		return data[capture.CookedLen:], data[capture.CookedLen-1], true
	}
	e, ok := beginsMessage(data)
	if b.group > 1 && b.group <= 8 {
		// Words of a little-endian host, as xxd -e, gdb and the kernel print them, look
		// like the bytes of a big-endian one.
		turned := turn(data, b.group)
		t, _ := beginsMessage(turned)
		better := isWhole(turned) || !isWhole(data)
		if e == binary.LittleEndian && b.kind != kindArray {
			better = isWhole(turned) && !isWhole(data)
		}
		if t == binary.LittleEndian && better {
			return turned, proto, true
		}
	}
	return data, proto, ok
}

// turn reverses the bytes of each word.
func turn(b []byte, size int) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		n := min(size, len(b))
		for i := n - 1; i >= 0; i-- {
			out = append(out, b[i])
		}
		b = b[n:]
	}
	return out
}
