package foreign

import (
	"strconv"
	"strings"
)

var (
	store    = pattern(`\*\(u?int(8|16|32|64)_t ?\*\)(?:\()?0x([0-9a-fA-F]{1,16})\)? = ([^;]*?)\)*;`)
	bitmask  = pattern(`STORE_BY_BITMASK\(uint(8|16|32|64)_t, *(\w*), *0x([0-9a-fA-F]{1,16}), *(\w+), *(\d{1,2}), *(\d{1,2})\)`)
	memcpy   = pattern(`memcpy\(\(void ?\*\)0x([0-9a-fA-F]{1,16}), *(".*"), *(\d{1,7})\)`)
	bigValue = pattern(`^htobe(16|32|64)\((\w+)$`)
)

// readStore reads a statement of what syzkaller makes of its programs: a number or a
// string that goes to a fixed address.
func readStore(s string) hexLine {
	if m := store().FindStringSubmatch(s); m != nil {
		return stored(m[2], number64(m[3]), width(m[1]), strings.HasPrefix(m[3], "htobe"))
	}
	if m := bitmask().FindStringSubmatch(s); m != nil {
		from, _ := strconv.ParseUint(m[5], 10, 8)
		bits, _ := strconv.ParseUint(m[6], 10, 8)
		n := number64(m[4]) & (1<<bits - 1) << from
		l := stored(m[3], n, width(m[1]), m[2] != "")
		l.anew = true // beside other bits of the same bytes
		return l
	}
	if m := memcpy().FindStringSubmatch(s); m != nil {
		l := readString(m[2], 0)
		if n, _ := strconv.Atoi(m[3]); n <= len(l.data) {
			l = hexLine{kind: kindStore, data: l.data[:n], offsets: []int64{storedAt(m[1])}}
			return l
		}
	}
	return hexLine{}
}

func width(bits string) int { n, _ := strconv.Atoi(bits); return n / 8 }

func storedAt(hex string) int64 { n, _ := strconv.ParseUint(hex, 16, 64); return int64(n &^ (1 << 63)) }

// number64 reads a number of C; what is none, as the result of a call, is 0.
func number64(s string) uint64 {
	if m := bigValue().FindStringSubmatch(s); m != nil {
		s = m[2]
	}
	if n, err := strconv.ParseInt(s, 0, 64); err == nil {
		return uint64(n)
	}
	n, _ := strconv.ParseUint(strings.TrimRight(s, "uUlL"), 0, 64)
	return n
}

func stored(at string, n uint64, width int, big bool) hexLine {
	data := make([]byte, width)
	for i := range data {
		shift := 8 * i
		if big {
			shift = 8 * (width - 1 - i)
		}
		data[i] = byte(n >> shift)
	}
	return hexLine{kind: kindStore, data: data, offsets: []int64{storedAt(at)}}
}

// maxGap is how many bytes may be left as they were, which is 0: what aligns, and
// the end of a string.
const maxGap = 64

// maxOver is how far a store may go over what is there: bits are stored by words.
const maxOver = 8

// store puts a statement's bytes into the block if they are next to what it has. What
// goes to the block's begin is another message.
func (b *block) store(l *hexLine) bool {
	at := l.offsets[0] - b.bases[0]
	gap := at - int64(len(b.data))
	if at <= 0 || gap < -maxOver || gap > maxGap || len(b.data) > maxBlock-maxGap-maxOver-len(l.data) {
		return false
	}
	if need := int(at) + len(l.data) - len(b.data); need > 0 {
		b.data = append(b.data, make([]byte, need)...)
	}
	for i, c := range l.data {
		if to := &b.data[at+int64(i)]; l.anew {
			*to |= c
		} else {
			*to = c
		}
	}
	return true
}

// pad appends what the last message was not written of, as memory was 0 before.
func (b *block) pad() {
	if e, ok := beginsMessage(b.data); ok {
		if n := lacks(b.data, e); n <= maxGap {
			b.data = append(b.data, make([]byte, n)...)
		}
	}
}
