//go:build linux

package livetest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"

	nl "github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// frames reads a capture, which has to be whole.
func frames(t *testing.T, path string) []nl.Frame {
	t.Helper()
	out, err := readFrames(path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// readFrames reads the frames up to the first error.
func readFrames(path string) (out []nl.Frame, err error) {
	r, err := pcapng.Open(path, pcapng.Options{})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		var f nl.Frame
		if err := r.Next(&f); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return out, err
		}
		f.Data = bytes.Clone(f.Data)
		out = append(out, f)
	}
}

// about counts the frames that hold some bytes.
func about(list []nl.Frame, what string) (n int) {
	for i := range list {
		if bytes.Contains(list[i].Data, []byte(what)) {
			n++
		}
	}
	return n
}

// socket is who sent or receives a message, as its header says.
type socket struct {
	protocol byte
	portid   uint32
}

func socketOf(f *nl.Frame) socket {
	const portid = nl.CookedLen + 12
	if len(f.Data) < portid+4 {
		return socket{}
	}
	return socket{f.Data[nl.CookedLen-1], binary.NativeEndian.Uint32(f.Data[portid:])}
}

// split takes apart what nlsniff asked for itself, to know the names, and what
// it captured. Its own conversation is left out of the latter, whoever else
// sees it: so it is removed from others, captured beside it, too.
func split(list, beside []nl.Frame) (intro, captured, others []nl.Frame) {
	asked := map[socket]bool{}
	for _, f := range list {
		if f.Comment == "" {
			captured = append(captured, f)
			continue
		}
		intro = append(intro, f)
		if s := socketOf(&f); s.portid != 0 || f.Flags&nl.FlagAsked == 0 {
			asked[s] = true // a message that nlsniff made is nowhere else
		}
	}
	others = slices.DeleteFunc(slices.Clone(beside), func(f nl.Frame) bool { return asked[socketOf(&f)] })
	return intro, captured, others
}

// same checks that a is a part of b without a gap: the same datagrams, byte
// for byte and in order. b was captured from before a's start to after its
// end.
func same(t *testing.T, a, b []nl.Frame) {
	t.Helper()
	if len(a) == 0 {
		t.Fatal("nothing was captured")
	}
	equal := func(x, y nl.Frame) bool { return bytes.Equal(x.Data, y.Data) && x.OrigLen == y.OrigLen }
	best, at := 0, 0
	for i := range b {
		n := 0
		for n < len(a) && i+n < len(b) && equal(a[n], b[i+n]) {
			n++
		}
		if n == len(a) {
			return
		}
		if n > best {
			best, at = n, i
		}
	}
	t.Errorf("of %d frames %d are the same as those from %d on of %d", len(a), best, at, len(b))
	if at+best < len(b) {
		t.Errorf("next:\n%x\nbeside it:\n%x", a[best].Data, b[at+best].Data)
	}
}

// header is what a message's header says.
type header struct {
	protocol   byte
	typ, flags uint16
	body       []byte
}

// headers takes a frame's messages apart.
func headers(f *nl.Frame) (out []header) {
	const size = 16 // of struct nlmsghdr
	for b := f.Data[nl.CookedLen:]; len(b) >= size; {
		n := int(binary.NativeEndian.Uint32(b))
		if n < size || n > len(b) {
			break
		}
		out = append(out, header{f.Data[nl.CookedLen-1], binary.NativeEndian.Uint16(b[4:]), binary.NativeEndian.Uint16(b[6:]), b[size:n]})
		b = b[min((n+3)&^3, len(b)):]
	}
	return out
}
