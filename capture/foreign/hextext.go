package foreign

import (
	"fmt"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// hexText reads messages that stand as hex (or base64) in a text: a dump, a
// literal of a program, a mail with either. What belongs together is a frame.
type hexText struct {
	in     *lines
	o      *Options
	block  block
	words  bool // lines in 16-bit words or octal were seen
	out    []byte
	proto  uint8
	damage *capture.CorruptError
	ended  bool
	frames uint64
	data   []byte
}

// errWords is for a dump that needs to be guessed at.
var errWords = &RefusedError{"the dump is in words or octal, which do not tell in what order bytes stood", "hexdump -C, xxd and od -t x1 print bytes"}

// lookHex looks for the first message.
func lookHex(o *Options, head []byte, ended bool) (verdict, error) {
	if !isText(head) {
		return no, nil
	}
	s := hexText{o: o}
	found := false
	eachLine(head, ended, func(line string) bool {
		s.take(line, 0)
		found = s.out != nil
		return !found
	})
	if ended && !found {
		s.flush()
		found = s.out != nil
	}
	switch {
	case found:
		return yes, nil
	case !ended:
		return maybe, nil
	case s.words:
		return no, errWords
	}
	return no, nil
}

func openHex(o *Options, in io.Reader) capture.Source { return &hexText{in: newLines(in), o: o} }

// Next yields the next message, or several that stood together.
func (s *hexText) Next(f *capture.Frame) error {
	for {
		if s.damage != nil {
			err := s.damage
			s.damage = nil
			return err
		}
		if s.out != nil {
			s.data = append(appendCooked(s.data[:0], packetOutgoing, s.proto), s.out...)
			s.out = nil
			s.frames++
			*f = capture.Frame{Number: int(s.frames), Data: s.data, OrigLen: len(s.data)}
			if e, ok := beginsMessage(s.data[capture.CookedLen:]); ok {
				if n := lacks(s.data[capture.CookedLen:], e); n > 0 {
					f.OrigLen += n
					f.Flags |= capture.FlagTruncated
				}
			}
			return nil
		}
		if s.ended {
			return io.EOF
		}
		line, err := s.in.line()
		switch {
		case err == io.EOF:
			s.ended = true
			s.flush()
		case err != nil:
			return err
		default:
			s.take(line, s.in.at)
		}
	}
}

// take takes a line in: it goes on with the block before, or begins another.
func (s *hexText) take(line string, at int64) {
	l := readLine(line, &s.block)
	if l.kind == kindWords {
		s.words = true
	}
	if l.kind == kindRepeat && s.block.kind == kindOffset {
		s.block.repeat = true
		return
	}
	if s.block.accepts(&l) {
		return
	}
	s.flush()
	if l.kind.isHex() && len(l.data) > 0 {
		s.block.begin(&l, at)
	}
}

// flush makes a frame of a block that is complete.
func (s *hexText) flush() {
	b := s.block
	s.block = block{kind: kindNone, data: s.block.data[:0]}
	if b.kind == kindNone {
		return
	}
	data, proto, ok := b.message(s.o.Protocol)
	switch {
	case ok:
		s.out, s.proto = append([]byte(nil), data...), proto
	case b.kind == kindOffset && len(b.data) >= hdrLen:
		s.damage = &capture.CorruptError{Offset: b.at, Reason: fmt.Sprintf("a dump of %s that are no netlink message", phrase.Count(len(b.data), "byte"))}
	}
}

// Stats counts the frames.
func (s *hexText) Stats() capture.Stats { return capture.Stats{Frames: s.frames} }

// Close does nothing: the input is the caller's.
func (s *hexText) Close() error { return nil }
