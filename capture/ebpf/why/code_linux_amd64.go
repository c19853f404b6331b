package why

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
)

// code reads the kernel's machine code.
type code struct{ core *elf.File }

// openCode opens /proc/kcore; without it nothing is said of how sure a place is.
func openCode() *code {
	f, err := elf.Open("/proc/kcore")
	if err != nil {
		return nil
	}
	return &code{f}
}

func (c *code) close() {
	if c != nil {
		c.core.Close()
	}
}

// read returns the bytes from one address to another, nil if they cannot be had.
func (c *code) read(from, to uint64) []byte {
	if c == nil || to <= from || to-from > 1<<20 {
		return nil
	}
	for _, p := range c.core.Progs {
		if p.Type == elf.PT_LOAD && from >= p.Vaddr && to <= p.Vaddr+p.Filesz {
			b := make([]byte, to-from)
			if _, err := p.ReadAt(b, int64(from-p.Vaddr)); err != nil {
				return nil
			}
			return b
		}
	}
	return nil
}

// constants counts where x86-64 code makes a negative errno: as an immediate of
// 32 bits, or as one of 8 that a conditional value is made with (or, and, push,
// lea). Comparisons with it do not count.
func constants(text []byte, errno int32) int {
	var want [4]byte
	binary.LittleEndian.PutUint32(want[:], uint32(errno))
	n := 0
	for at := 0; ; {
		i := bytes.Index(text[at:], want[:])
		if i < 0 {
			break
		}
		i += at
		at = i + 1
		if i > 0 && (text[i-1] == 0xe8 || text[i-1] == 0xe9) || i > 1 && text[i-2] == 0x0f && text[i-1]&0xf0 == 0x80 {
			continue // how far a call or a jump goes
		}
		compares := i > 0 && text[i-1] == 0x3d || i > 1 && text[i-2] == 0x81 && text[i-1]&0xf8 == 0xf8
		if !compares {
			n++
		}
	}
	if errno >= -128 {
		short := byte(errno)
		for i := 2; i < len(text); i++ {
			if text[i] != short {
				continue
			}
			op, m := text[i-2], text[i-1]
			// With 64 bits, or from the frame's pointer, lea makes an address.
			wide := i > 2 && text[i-3]&0xf8 == 0x48
			if op == 0x83 && (m&0xf8 == 0xc8 || m&0xf8 == 0xe0) || op == 0x8d && m&0xc0 == 0x40 && m&7 != 4 && m&7 != 5 && !wide {
				n++
			}
		}
	}
	return n
}

// calls yields where direct calls in x86-64 code at an address go; now and then
// it yields what is none.
func calls(text []byte, at uint64, yield func(target uint64) bool) {
	for i := 0; i+5 <= len(text); i++ {
		if op := text[i]; op == 0xe8 || op == 0xe9 {
			rel := int32(binary.LittleEndian.Uint32(text[i+1:]))
			if !yield(at + uint64(i) + 5 + uint64(int64(rel))) {
				return
			}
		}
	}
}

// readsShort reports whether x86-64 code reads a signed value of 16 bits (movsx)
// at one of some offsets in an object.
func readsShort(text []byte, offsets map[uint32]bool) bool {
	for i := 0; i+4 <= len(text); i++ {
		if text[i] != 0x0f || text[i+1] != 0xbf {
			continue
		}
		at := i + 3
		if text[i+2]&7 == 4 {
			at++ // an index follows
		}
		switch text[i+2] >> 6 {
		case 1:
			if at < len(text) && offsets[uint32(text[at])] {
				return true
			}
		case 2:
			if at+4 <= len(text) && offsets[binary.LittleEndian.Uint32(text[at:])] {
				return true
			}
		}
	}
	return false
}
