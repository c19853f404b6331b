package foreign

import (
	"bytes"
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
	depth  int           // how often a string in it is looked into
	words  bool          // lines in 16-bit words or octal were seen
	lossy  bool          // strings that lost bytes were
	cut    *RefusedError // the first message that a line has only the beginning of
	tshark tsharkRaw
	twice  []byte // the dump of tcpdump that ended with the line before
	out    []datagram
	damage []*capture.CorruptError // that was not told yet
	ended  bool
	frames uint64
	data   []byte
}

// datagram is messages that stood together.
type datagram struct {
	data  []byte
	proto uint8
}

// errWords is for a dump that needs to be guessed at.
var errWords = &RefusedError{"the dump is in words, octal, decimal or characters, which do not tell for sure what bytes stood where", "hexdump -C, xxd, od -t x1 and gdb's x/64xb print bytes"}

// errLossy is for a string out of which a program took what is no UTF-8.
var errLossy = &RefusedError{"a string has U+FFFD for bytes that were no UTF-8, and what they were is gone", "log bytes as hex or base64"}

func cutError(l *hexLine) *RefusedError {
	have := len(l.data)
	return &RefusedError{
		fmt.Sprintf("a line has %s of a message of %d, and something else behind", phrase.Count(have, "byte"), have+l.cut),
		"the whole line as it was printed; or only the bytes, which show what is left of the message",
	}
}

// maxDepth is how often a string in a string is looked into.
const maxDepth = 2

// lookHex looks for the first message.
func lookHex(o *Options, head []byte, ended bool) (verdict, error) {
	if !isText(head) {
		return no, nil
	}
	s := hexText{o: o, depth: maxDepth}
	found := false
	eachLine(head, ended, func(line string) bool {
		s.take(line, 0)
		found = len(s.out) > 0
		return !found
	})
	if ended && !found {
		s.flush()
		found = len(s.out) > 0
	}
	switch {
	case found:
		return yes, nil
	case !ended:
		return maybe, nil
	case s.words:
		return no, errWords
	case s.lossy:
		return no, errLossy
	case s.cut != nil:
		return no, s.cut
	}
	return no, nil
}

func openHex(o *Options, in io.Reader) capture.Source {
	return &hexText{in: newLines(in), o: o, depth: maxDepth}
}

// Next yields the next message, or several that stood together.
func (s *hexText) Next(f *capture.Frame) error {
	for {
		if len(s.damage) > 0 {
			err := s.damage[0]
			s.damage = s.damage[1:]
			return err
		}
		if len(s.out) > 0 {
			s.data = append(appendCooked(s.data[:0], packetOutgoing, s.out[0].proto), s.out[0].data...)
			s.out = s.out[1:]
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
			if s.in.lost > 0 && s.block.kind != kindNone {
				s.damage = append(s.damage, &capture.CorruptError{Offset: s.in.at + maxLine, Skipped: s.in.lost, Reason: "a line of more than a mebibyte"})
			}
		}
	}
}

// take takes a line in: it goes on with the block before, or begins another.
func (s *hexText) take(line string, at int64) {
	l := readLine(s.tshark.only(line), &s.block, s.depth)
	switch {
	case l.kind == kindWords:
		s.words = true
	case l.kind == kindReplaced:
		s.lossy = true
		s.flush()
		s.damage = append(s.damage, &capture.CorruptError{Offset: at, Reason: errLossy.What})
		return
	case l.cut > 0 && s.cut == nil:
		s.cut = cutError(&l)
	}
	if l.kind == kindRepeat && s.block.kind == kindOffset {
		s.block.repeat = true
		return
	}
	if l.kind == kindCharacters {
		return
	}
	if s.block.accepts(&l) {
		return
	}
	s.flush()
	if !l.again {
		s.twice = nil
	}
	if l.kind.isHex() && l.cut == 0 && len(l.data) > 0 {
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
	switch b.kind {
	case kindBase64:
		b.data = unbase64(b.data)
	case kindStore:
		b.pad()
	}
	if b.again && s.twice != nil && bytes.Equal(b.data, s.twice) {
		s.twice = nil // of a link type that it does not know
		return
	}
	if b.again {
		s.twice = bytes.Clone(b.data)
	}
	data, proto, ok := b.message(s.o.Protocol)
	switch {
	case ok:
		s.out = append(s.out, datagram{bytes.Clone(data), proto})
		for _, b.data = range b.more {
			data, proto, _ := b.message(s.o.Protocol)
			s.out = append(s.out, datagram{data, proto})
		}
	case b.kind == kindOffset && len(b.data) >= hdrLen:
		s.damage = append(s.damage, &capture.CorruptError{Offset: b.at, Reason: fmt.Sprintf("a dump of %s that are no netlink message", phrase.Count(len(b.data), "byte"))})
	}
}

// Stats counts the frames.
func (s *hexText) Stats() capture.Stats { return capture.Stats{Frames: s.frames} }

// Close does nothing: the input is the caller's.
func (s *hexText) Close() error { return nil }
