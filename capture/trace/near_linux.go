//go:build linux && (amd64 || arm64)

package trace

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Memory of a tracee costs a system call, whether it is four bytes or a page.
// Where it is known beforehand which pieces will be wanted, they are read with
// one, and taken from there.

// near are pieces of a stopped thread's memory.
type near struct {
	room   []byte
	pieces [maxPieces]piece
	n      int
}

type piece struct {
	addr uint64
	b    []byte
}

const (
	maxPieces = 4
	nearRoom  = 8 << 10
)

// fetch reads spans, as far as there is room for them. What cannot be read is
// left to whoever wants it.
func (t *thread) fetch(spans ...span) {
	m := &t.near
	m.n = 0
	if m.room == nil {
		m.room = make([]byte, nearRoom)
	}
	var remote [maxPieces]unix.RemoteIovec
	n, size := 0, 0
	for _, s := range spans {
		if s.addr == 0 || s.n == 0 || s.n > uint64(nearRoom-size) || n == maxPieces {
			continue
		}
		remote[n] = unix.RemoteIovec{Base: uintptr(s.addr), Len: int(s.n)}
		n, size = n+1, size+int(s.n)
	}
	if n < 2 {
		return // it can as well be read when it is wanted
	}
	local := unix.Iovec{Base: &m.room[0]}
	local.SetLen(size)
	got, _, e := unix.RawSyscall6(unix.SYS_PROCESS_VM_READV, uintptr(t.tid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote[0])), uintptr(n), 0)
	runtime.KeepAlive(m)
	if e != 0 {
		return
	}
	at := 0
	for _, r := range remote[:n] {
		if at+r.Len > int(got) {
			break
		}
		m.pieces[m.n] = piece{uint64(r.Base), m.room[at : at+r.Len]}
		m.n++
		at += r.Len
	}
}

// read copies from the thread's memory and returns how much there was.
func (t *thread) read(addr uint64, b []byte) int {
	for _, p := range t.near.pieces[:t.near.n] {
		if off := addr - p.addr; addr >= p.addr && off <= uint64(len(p.b)) && uint64(len(b)) <= uint64(len(p.b))-off {
			return copy(b, p.b[off:])
		}
	}
	return readMemory(t.tid, addr, b)
}
