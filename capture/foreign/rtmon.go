package foreign

import (
	"encoding/binary"
	"io"

	"github.com/nlsniff/nlsniff/capture"
)

// rtmon(8) and ip monitor file write what they were notified of as messages, and
// before each one of their own with the time (rtnl_dump_filter in iproute2's
// lib/libnetlink.c).
const (
	typeTimestamp = 15 // NLMSG_TSTAMP
	timestampLen  = hdrLen + 8
)

// lookRtmon recognises the time that such a file begins with.
func lookRtmon(_ *Options, head []byte, _ bool) (verdict, error) {
	if len(head) < timestampLen {
		return maybe, nil
	}
	if _, ok := timestampOrder(head); ok {
		return yes, nil
	}
	return no, nil
}

func timestampOrder(b []byte) (binary.ByteOrder, bool) {
	for _, e := range orders {
		h, ok := parseHeader(b, e)
		if ok && h == (header{len: timestampLen, kind: typeTimestamp}) && e.Uint32(b[20:]) < 1e6 {
			return e, true
		}
	}
	return nil, false
}

func openRtmon(_ *Options, in io.Reader) capture.Source {
	s := &stream{in: newWindow(in), dir: capture.DirFromKernel, stamped: true}
	head, _ := s.in.peek(timestampLen)
	s.e, _ = timestampOrder(head)
	return s
}
