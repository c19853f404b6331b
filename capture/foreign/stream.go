package foreign

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// stream reads messages that stand one behind the other, padded to 4 bytes, as
// programs have them in memory. Each is a frame: where a datagram ended is not
// told.
type stream struct {
	in    *window
	e     binary.ByteOrder
	proto uint8
	dir   capture.Direction
	// stamped: messages of type NLMSG_TSTAMP tell the time of those behind.
	stamped bool
	time    int64
	// last is the offset of the message that ends with the input, 0 before it
	// was looked for.
	last  int64
	stats capture.Stats
	data  []byte
}

// lookPlain recognises messages by their headers, each of which leads to the next.
func lookPlain(_ *Options, head []byte, ended bool) (verdict, error) {
	_, v := chain(head, ended)
	return v, nil
}

// chain follows the headers of messages as far as there are bytes.
func chain(b []byte, ended bool) (binary.ByteOrder, verdict) {
	for _, e := range orders {
		if v := follow(b, e, ended); v != no {
			return e, v
		}
	}
	return nil, no
}

func follow(b []byte, e binary.ByteOrder, ended bool) verdict {
	for whole := 0; ; whole++ {
		if len(b) < hdrLen {
			// A program may have more in memory than it says.
			return enough(whole, ended)
		}
		h, ok := parseHeader(b, e)
		if !ok {
			// Damage may follow on what is right beyond doubt.
			if whole > 2 {
				return yes
			}
			return no
		}
		if h.len > len(b) {
			return enough(whole, ended)
		}
		b = b[min(len(b), align4(h.len)):]
	}
}

// enough says what to think of an input that holds so many whole messages.
func enough(whole int, ended bool) verdict {
	switch {
	case whole > 0:
		return yes
	case ended:
		return no
	}
	return maybe
}

func openPlain(o *Options, in io.Reader) capture.Source {
	s := &stream{in: newWindow(in), proto: o.Protocol}
	head, _ := s.in.peek(maxHead / 16)
	s.e, _ = chain(head, true)
	return s
}

// Next yields the next message. Behind what is none it looks for one that leads
// to another, or to the end.
func (s *stream) Next(f *capture.Frame) error {
	for {
		head, err := s.in.peek(hdrLen)
		if len(head) < hdrLen {
			switch {
			case err != io.EOF:
				return err
			case len(head) == 0:
				return io.EOF
			}
			return s.lose(len(head), fmt.Sprintf("%s behind the last message are none", phrase.Count(len(head), "byte")))
		}
		h, ok := parseHeader(head, s.e)
		if !ok {
			return s.search("no message begins")
		}
		b, err := s.in.peek(h.len)
		switch {
		case err != nil && err != io.EOF:
			return err
		case len(b) < h.len && s.holdsMore(b):
			return s.search(fmt.Sprintf("a message of %s begins that the file does not have", phrase.Count(h.len, "byte")))
		}
		if s.stamped && h.kind == typeTimestamp && h.len == timestampLen && len(b) == h.len {
			s.time = int64(s.e.Uint32(b[16:]))*1e9 + int64(s.e.Uint32(b[20:]))*1e3
			s.in.advance(h.len)
			continue
		}
		if s.stamped && h.kind == typeTimestamp && h.len == timestampLen {
			return s.lose(len(b), fmt.Sprintf("the file ends %s into a time", phrase.Count(len(b), "byte")))
		}
		s.fill(f, b, h.len)
		pad, _ := s.in.peek(min(align4(h.len), maxMessage))
		s.in.advance(min(len(pad), align4(h.len)))
		return nil
	}
}

func (s *stream) fill(f *capture.Frame, b []byte, n int) {
	pkt := uint8(packetOutgoing)
	if s.dir == capture.DirFromKernel {
		pkt = packetUser
	}
	s.data = append(appendCooked(s.data[:0], pkt, s.proto), b...)
	s.stats.Frames++
	*f = capture.Frame{Number: int(s.stats.Frames), Time: s.time, Data: s.data, OrigLen: capture.CookedLen + n, Dir: s.dir}
	if len(b) < n {
		f.Flags |= capture.FlagTruncated
	}
}

// lose passes over n bytes.
func (s *stream) lose(n int, reason string) error {
	at := s.in.off
	s.in.advance(n)
	return &capture.CorruptError{Offset: at, Skipped: int64(n), Reason: reason}
}

// search passes over bytes up to the next message.
func (s *stream) search(reason string) error {
	at := s.in.off
	for {
		s.in.advance(1)
		b, _ := s.in.peek(hdrLen)
		if len(b) < hdrLen {
			s.in.advance(len(b))
			break
		}
		if s.leads(b) {
			break
		}
	}
	return &capture.CorruptError{Offset: at, Skipped: s.in.off - at, Reason: reason}
}

// maxSearched bounds the messages that a search recognises, in bytes, so that it
// takes no more than that for each.
const maxSearched = 32 << 10

// leads says whether the message that head starts with ends where another begins,
// or the input ends.
func (s *stream) leads(head []byte) bool {
	h, ok := parseHeader(head, s.e)
	if !ok || h.len > maxSearched {
		return false
	}
	b, err := s.in.peek(align4(h.len) + hdrLen)
	if err != nil {
		return len(b) == h.len || len(b) == align4(h.len)
	}
	_, ok = parseHeader(b[align4(h.len):], s.e)
	return ok
}

// holdsMore says whether in b, which is to the input's end one message that was
// cut, there are others up to that end: then its length is wrong. One alone may be
// chance. What is looked for does not change, so that is done once.
func (s *stream) holdsMore(b []byte) bool {
	if s.last == 0 {
		s.last = -1
		if at := s.endsAt(b); at >= 0 && s.endsAt(b[:at]) >= 0 {
			s.last = s.in.off + int64(at)
		}
	}
	return s.last > s.in.off
}

// endsAt finds a message in b that ends with it, -1 if there is none.
func (s *stream) endsAt(b []byte) int {
	for at := hdrLen; at+hdrLen <= len(b); at++ {
		if h, ok := parseHeader(b[at:], s.e); ok && align4(h.len) == len(b)-at && h.kind >= typeFirst {
			return at
		}
	}
	return -1
}

// typeFirst is the first type that is no control message (NLMSG_MIN_TYPE).
const typeFirst = 0x10

// Stats counts the frames.
func (s *stream) Stats() capture.Stats { return s.stats }

// Close does nothing: the input is the caller's.
func (s *stream) Close() error { return nil }
