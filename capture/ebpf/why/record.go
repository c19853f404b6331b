package why

import (
	"bytes"
	"encoding/binary"
)

// What a record of the programs is (enum kind in why.bpf.c).
const (
	recordReturned = 1 + iota
	recordRefused
	recordRefusedDump
	recordSent
	recordDumped
)

// Sizes of the records in bytes.
const (
	returnedLen = 32
	refusedLen  = 56 + 16 + 192
	endedLen    = 56
)

// returned is a function that returned an error.
type returned struct {
	ip      uint64
	value   int64
	in, out uint32
}

// refused is an answer with an error.
type refused struct {
	pid, portid, seq uint32
	errno            int32
	proto, msgType   uint16
	at               uint32
	comm, text       string
}

func cString(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

func readReturned(b []byte) returned {
	e := binary.NativeEndian
	return returned{ip: e.Uint64(b[8:]), value: int64(e.Uint64(b[16:])), in: e.Uint32(b[24:]), out: e.Uint32(b[28:])}
}

func readRefused(b []byte) refused {
	e := binary.NativeEndian
	return refused{
		pid: e.Uint32(b[8:]), errno: int32(e.Uint32(b[12:])), portid: e.Uint32(b[16:]), seq: e.Uint32(b[20:]), msgType: e.Uint16(b[28:]),
		at: e.Uint32(b[36:]), proto: e.Uint16(b[50:]), comm: cString(b[56:72]), text: cString(b[72:refusedLen]),
	}
}
