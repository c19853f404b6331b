package pcapng

import "encoding/binary"

// endian is a byte order that the compiler can see through: the hot path
// reads seven integers a frame, and calls through binary.ByteOrder are not
// inlined.
type endian bool

const (
	little endian = false
	big    endian = true
)

func (e endian) u16(b []byte) uint16 {
	if e == big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (e endian) u32(b []byte) uint32 {
	if e == big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (e endian) u64(b []byte) uint64 {
	if e == big {
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}

func (e endian) append16(b []byte, v uint16) []byte {
	if e == big {
		return binary.BigEndian.AppendUint16(b, v)
	}
	return binary.LittleEndian.AppendUint16(b, v)
}

func (e endian) append32(b []byte, v uint32) []byte {
	if e == big {
		return binary.BigEndian.AppendUint32(b, v)
	}
	return binary.LittleEndian.AppendUint32(b, v)
}

func (e endian) append64(b []byte, v uint64) []byte {
	if e == big {
		return binary.BigEndian.AppendUint64(b, v)
	}
	return binary.LittleEndian.AppendUint64(b, v)
}

func (e endian) put32(b []byte, v uint32) {
	if e == big {
		binary.BigEndian.PutUint32(b, v)
		return
	}
	binary.LittleEndian.PutUint32(b, v)
}

// order gives the standard library's name for e.
func (e endian) order() binary.ByteOrder {
	if e == big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// endianOf gives the endian of o. Nil is the order of this machine, which is
// what a capture made on it should have.
func endianOf(o binary.ByteOrder) endian {
	if o == nil {
		o = binary.NativeEndian
	}
	return endian(o.Uint16([]byte{0, 1}) == 1)
}

// pad4 rounds n up to a multiple of 4, the alignment of everything in pcapng.
func pad4(n int) int { return (n + 3) &^ 3 }
