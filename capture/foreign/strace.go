package foreign

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// strace reads what strace(1) prints with -e read=all -e write=all: below each
// call the bytes that it sent or received. All else is taken from the calls:
// which descriptors are netlink sockets, of which protocol, who calls, when.
type strace struct {
	in      *lines
	o       *Options
	clock   clock
	sockets sockets
	pid     uint32            // of calls that have none
	comms   map[uint32]string // by execve
	begun   map[uint32]begun  // calls that another process interrupted
	cur     *call             // whose bytes may still come
	out     []capture.Frame
	frames  uint64
	netlink bool // a netlink socket was seen
	without int  // calls without their bytes, before the first that has them
	damage  *capture.CorruptError
}

// begun is the first part of a call.
type begun struct {
	text string
	time int64
}

// maxBegun bounds what is remembered of processes.
const maxBegun = 1 << 16

// extra is the number of the call (-n) or the instruction pointer (-i), which may not be
// known.
const extra = `\[[ 0-9a-f?]+\] `

// straceLine is a call with what it returned, or the first part of one.
var straceLine = pattern(`^(?:\[pid +\d+(?:<[^>]*>)?\] |\d+(?:<[^>]*>)? +)?(?:[0-9:.]+ +)?(?:\(\+ +[0-9.]+\) +)?(?:` + extra + `)*(?:[a-z][a-z0-9_]+\(.*(?:\) += (?:-?\d|0x|\?)|<unfinished \.\.\.>$)|--- SIG[A-Z0-9]+ \{|\+\+\+ (?:exited with|killed by) )`)

// lookStrace recognises a netlink socket, or two calls in a row.
func lookStrace(_ *Options, head []byte, ended bool) (verdict, error) {
	if !isText(head) {
		return no, nil
	}
	row, v := 0, maybe
	eachLine(head, ended, func(line string) bool {
		line = unquote(line)
		switch {
		case isDump(line), strings.HasPrefix(line, " > "): // a call's stack (-k)
		case !straceLine().MatchString(strings.TrimLeft(line, " ")):
			row = 0
		default:
			if row++; row > 1 || strings.Contains(line, "<NETLINK:[") || strings.Contains(line, "AF_NETLINK") {
				v = yes
			}
		}
		return v != yes
	})
	if v == maybe && ended {
		return no, nil
	}
	return v, nil
}

func openStrace(o *Options, in io.Reader) capture.Source {
	s := &strace{in: newLines(in), o: o, clock: clock{location: o.Location}, comms: map[uint32]string{}, begun: map[uint32]begun{}}
	s.sockets.init()
	if n, err := strconv.ParseUint(strings.TrimPrefix(filepath.Ext(o.Name), "."), 10, 22); err == nil {
		s.pid = uint32(n) // strace -ff
	}
	return s
}

// Next yields the next datagram.
func (s *strace) Next(f *capture.Frame) error {
	for {
		if s.damage != nil {
			err := s.damage
			s.damage = nil
			return err
		}
		if len(s.out) > 0 {
			*f = s.out[0]
			s.out = s.out[1:]
			return nil
		}
		line, err := s.in.line()
		if err == io.EOF && s.cur != nil {
			s.finish()
			continue
		}
		if err == io.EOF && s.frames == 0 {
			return s.refuse()
		}
		if err != nil {
			return err
		}
		s.take(unquote(line))
	}
}

// refuse says why there is not one message in the input.
func (s *strace) refuse() error {
	switch {
	case s.without > 0:
		return &RefusedError{fmt.Sprintf("strace printed no dumps of what %s sent or received", phrase.Count(s.without, "netlink call")),
			"strace -f -ttt -yy -e trace=%network,read,write -e read=all -e write=all COMMAND prints them, and nlsniff trace -- COMMAND needs none"}
	case s.netlink:
		return &RefusedError{"nothing was sent or received on the netlink sockets that strace saw", "strace -f follows children; -e trace=%network,read,write has all calls"}
	}
	return &RefusedError{"strace saw no netlink socket", "strace -f follows children; -e trace=%network,read,write has all calls, -yy tells sockets apart"}
}

// take takes a line in.
func (s *strace) take(line string) {
	if isDump(line) {
		if s.cur != nil && s.cur.dump(line) {
			s.finish()
		}
		return
	}
	if n, ok := vectorLine(line); ok {
		if s.cur != nil {
			s.cur.vector(n)
		}
		return
	}
	s.finish()
	who, when, text := s.prefix(line)
	if rest, ok := strings.CutPrefix(text, "<... "); ok {
		_, rest, ok = strings.Cut(rest, " resumed>")
		first, known := s.begun[who.PID]
		if !ok || !known {
			return
		}
		delete(s.begun, who.PID)
		text = first.text + rest
		if sends(text) {
			when = first.time // the answer may be before the call's end
		}
	}
	if first, ok := strings.CutSuffix(text, "<unfinished ...>"); ok {
		if len(s.begun) < maxBegun {
			s.begun[who.PID] = begun{first, when}
		}
		return
	}
	if c := parseCall(text); c != nil {
		c.process, c.time, c.offset = who, when, s.in.at
		s.called(c)
	}
}

// pidPrefix is the process that strace -f names, with -Y by its comm too.
var pidPrefix = pattern(`^(?:\[pid +(\d+)(?:<([^>]*)>)?\] +|(\d{1,7})(?:<([^>]*)>)? +)`)

var extras = pattern(`^(?:` + extra + `)+`)

// prefix takes process and time from a line.
func (s *strace) prefix(line string) (who capture.Process, when int64, text string) {
	text = strings.TrimLeft(line, " ")
	who.PID = s.pid
	if m := pidPrefix().FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		n, _ := strconv.ParseUint(m[1]+m[3], 10, 32)
		who.PID, who.Comm = uint32(n), m[2]+m[4]
	}
	when, text = s.clock.read(text)
	text = text[len(extras().FindString(text)):]
	if who.Comm == "" {
		who.Comm = s.comms[who.PID]
	}
	return who, when, text
}

// called takes what a call tells of sockets, and begins to wait for its bytes.
func (s *strace) called(c *call) {
	switch c.name {
	case "execve", "execveat":
		if c.ret == 0 && len(s.comms) < maxBegun {
			s.comms[c.process.PID] = c.program()
		}
		return
	case "clone", "clone3", "fork", "vfork":
		if name := s.comms[c.process.PID]; name != "" && c.ret > 0 && len(s.comms) < maxBegun {
			s.comms[uint32(c.ret)] = name
		}
		return
	case "close":
		s.sockets.close(c)
		return
	}
	sock := s.sockets.of(c)
	if sock == nil {
		return
	}
	s.netlink = true
	if !c.moves() {
		return
	}
	c.proto, c.socket = s.o.Protocol, *sock
	if sock.known {
		c.proto = sock.proto
	}
	switch {
	case c.ret < 0:
		if e := c.failed(); e != nil {
			s.put(*e)
		}
	case c.ret > 0:
		s.cur = c
	}
}

// finish is called when all bytes of a call are there.
func (s *strace) finish() {
	c := s.cur
	if s.cur = nil; c == nil || c.peeks() {
		return
	}
	if !c.dumped {
		c.printed()
	}
	if c.unsure() {
		return
	}
	if !c.dumped {
		if s.frames == 0 {
			s.without++
			return
		}
		s.damage = &capture.CorruptError{Offset: c.offset, Reason: fmt.Sprintf("%s of %s without a dump", c.name, phrase.Count(int(c.ret), "byte"))}
		return
	}
	if s.frames == 0 && s.without > 0 {
		s.damage = &capture.CorruptError{Offset: c.offset, Reason: fmt.Sprintf("%s before this one without a dump", phrase.Count(s.without, "netlink call"))}
	}
	for _, f := range c.frames() {
		s.put(f)
	}
}

func (s *strace) put(f capture.Frame) {
	if f.Event == nil {
		s.frames++
	}
	f.Number = int(s.frames)
	s.out = append(s.out, f)
}

// Stats counts the frames.
func (s *strace) Stats() capture.Stats { return capture.Stats{Frames: s.frames} }

// Close does nothing: the input is the caller's.
func (s *strace) Close() error { return nil }
