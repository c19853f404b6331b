package foreign

import (
	"encoding/binary"
	"io"

	"github.com/nlsniff/nlsniff/capture"
)

// savedMagic are the numbers that ip route, addr and rule save begin with, in the
// order of the host (route_dump_magic and others in iproute2's ip/). The answers
// of a dump follow.
var savedMagic = [...]uint32{0x45311224, 0x47361222, 0x71706986}

const magicLen = 4

func lookSaved(_ *Options, head []byte, _ bool) (verdict, error) {
	if len(head) < magicLen {
		return maybe, nil
	}
	if savedOrder(head) != nil {
		return yes, nil
	}
	return no, nil
}

func savedOrder(b []byte) binary.ByteOrder {
	for _, e := range orders {
		for _, m := range savedMagic {
			if e.Uint32(b) == m {
				return e
			}
		}
	}
	return nil
}

func openSaved(_ *Options, in io.Reader) capture.Source {
	s := &stream{in: newWindow(in), dir: capture.DirFromKernel}
	head, _ := s.in.peek(magicLen)
	s.e = savedOrder(head)
	s.in.advance(magicLen)
	return s
}
