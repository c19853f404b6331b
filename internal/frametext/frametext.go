// Package frametext makes frames of a text, so that a test's capture can be
// read, and written by hand.
//
//	# A comment.
//	frame 1ms route from ip 183 netns 5   # time, protocol, process and netns
//	  RTM_NEWLINK REQUEST|ACK seq 1 zero:16 [IFLA_IFNAME "d0"] [IFLA_LINKINFO [IFLA_INFO_KIND "x"]]
//	frame 1.5ms route
//	  NLMSG_ERROR 0x200 seq 1 portid 183 errno -95 of 1 [1 "Unknown device type"]
//
// A frame is a line that says when it came, of which protocol it is, and what
// else is known of it: "from COMM PID", "netns INODE", "short" (MSG_TRUNC),
// "overrun", "part", "asked", "section N", "socket INODE", "portid N" (of that socket), "group N" (that it went to), "read" (by the process itself), "ext_ack on|off" (that option of the
// socket), "refused ERRNO" (by the send call). "happened KIND SEQ ERRNO" makes it
// an event: close, unread or overrun. The lines below it are its messages: type, flags,
// then any of "seq N", "portid N", "len N" (a false nlmsg_len), and the bytes
// of the body: u8:N, u16:N, u32:N, be16:N, be32:N, zero:COUNT, hex:DIGITS, a
// "string" with its NUL, and attributes in brackets. "errno N" is a number of
// 4 bytes; "of F" is the whole request in frame F (its first message, or the
// one in F.M), "header F" its nlmsghdr alone. Numbers may be names that the
// descriptions have. A line "cut N" takes the last N bytes of the frame out of
// the capture. All frames are little-endian.
package frametext

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/families"
)

// protocols are the names of protocols in the text.
var protocols = map[string]uint8{
	"route": 0, "usersock": 2, "sock_diag": 4, "xfrm": 6, "iscsi": 8, "audit": 9, "connector": 11, "netfilter": 12, "uevent": 15, "generic": 16,
}

var flagNames = map[string]uint16{
	"REQUEST": 1, "MULTI": 2, "ACK": 4, "ECHO": 8, "DUMP_INTR": 0x10, "DUMP_FILTERED": 0x20,
	"ROOT": 0x100, "MATCH": 0x200, "ATOMIC": 0x400, "DUMP": 0x300, "REPLACE": 0x100, "EXCL": 0x200, "CREATE": 0x400, "APPEND": 0x800,
	"CAPPED": 0x100, "ACK_TLVS": 0x200, "-": 0,
}

var control = map[string]uint16{"NLMSG_NOOP": 1, "NLMSG_ERROR": 2, "NLMSG_DONE": 3, "NLMSG_OVERRUN": 4}

// start is the time of 0: 2026-01-01 00:00:00 UTC.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()

// names are the numbers that the descriptions have names for.
type names struct {
	types map[string]uint16 // by protocol and name
	attrs map[string]uint16
}

var known = load()

func load() names {
	n := names{map[string]uint16{}, map[string]uint16{}}
	list, err := families.Embedded().LoadAll()
	if err != nil {
		panic(err)
	}
	for _, f := range list {
		for _, m := range f.Messages {
			if f.Genl == "" {
				n.types[strconv.Itoa(int(f.Protocol))+m.Name] = m.ID
			}
		}
		for _, set := range f.Sets {
			for _, x := range set.Fields {
				n.attrs[x.Name] = x.ID
			}
		}
	}
	return n
}

// Load reads a file of frames.
func Load(t testing.TB, path string) []capture.Frame {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	frames, err := Parse(string(text))
	if err != nil {
		t.Fatalf("%s:%v", path, err)
	}
	return frames
}

// Parse makes the frames of a text.
func Parse(text string) ([]capture.Frame, error) {
	var out []capture.Frame
	for i, line := range strings.Split(text, "\n") {
		words := split(line)
		if len(words) == 0 {
			continue
		}
		var err error
		switch {
		case words[0] == "frame":
			var f capture.Frame
			f, err = frame(words[1:])
			f.Number = len(out) + 1
			out = append(out, f)
		case len(out) == 0:
			err = fmt.Errorf("a message without a frame")
		case words[0] == "cut" && len(words) == 2:
			f := &out[len(out)-1]
			var n int
			if n, err = strconv.Atoi(words[1]); err == nil && n > 0 && n < len(f.Data) {
				f.Data = f.Data[:len(f.Data)-n]
			}
		default:
			f := &out[len(out)-1]
			f.Data, err = message(f.Data, words, out)
			f.OrigLen = len(f.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("%d: %w", i+1, err)
		}
	}
	return out, nil
}

// split returns the words of a line. A string is one word, and so is a
// bracket.
func split(line string) []string {
	var out []string
	for line = strings.TrimSpace(line); line != "" && line[0] != '#'; line = strings.TrimSpace(line) {
		n := strings.IndexAny(line, " \t[]")
		switch {
		case line[0] == '"':
			n = strings.IndexByte(line[1:], '"') + 2
		case n == 0:
			n = 1
		case n < 0:
			n = len(line)
		}
		if n < 1 {
			n = len(line)
		}
		out = append(out, line[:n])
		line = line[n:]
	}
	return out
}

func frame(w []string) (f capture.Frame, err error) {
	if len(w) < 2 {
		return f, fmt.Errorf("want: frame TIME PROTOCOL")
	}
	d, err := time.ParseDuration(w[0])
	if err != nil {
		return f, err
	}
	proto, ok := protocols[w[1]]
	if !ok {
		return f, fmt.Errorf("no protocol %s", w[1])
	}
	f.Time = start + int64(d)
	f.Data = make([]byte, capture.CookedLen)
	f.Data[1] = 4
	binary.BigEndian.PutUint16(f.Data[2:], capture.ARPHRDNetlink)
	f.Data[capture.CookedLen-1] = proto
	f.OrigLen = len(f.Data)
	for w = w[2:]; len(w) > 0 && err == nil; {
		var n uint64
		switch {
		case w[0] == "short":
			f.Flags, w = f.Flags|capture.FlagMsgTrunc, w[1:]
		case w[0] == "overrun":
			f.Flags, w = f.Flags|capture.FlagOverrun, w[1:]
		case w[0] == "part":
			f.Flags, w = f.Flags|capture.FlagPart, w[1:]
		case w[0] == "asked":
			f.Flags, w = f.Flags|capture.FlagAsked, w[1:]
		case w[0] == "from" && len(w) > 2:
			n, err = strconv.ParseUint(w[2], 0, 32)
			f.Process.Comm, f.Process.PID, w = w[1], uint32(n), w[3:]
		case w[0] == "netns" && len(w) > 1:
			f.Process.NetNS, err = strconv.ParseUint(w[1], 0, 64)
			w = w[2:]
		case w[0] == "socket" && len(w) > 1:
			delivery(&f).Socket.Inode, err = strconv.ParseUint(w[1], 0, 64)
			w = w[2:]
		case w[0] == "portid" && len(w) > 1:
			n, err = strconv.ParseUint(w[1], 0, 32)
			delivery(&f).Socket.PortID, w = uint32(n), w[2:]
		case w[0] == "group" && len(w) > 1:
			n, err = strconv.ParseUint(w[1], 0, 32)
			delivery(&f).Group, w = uint32(n), w[2:]
		case w[0] == "read":
			delivery(&f).Call, w = capture.CallRecvMsg, w[1:]
		case w[0] == "ext_ack" && len(w) > 1:
			o := &delivery(&f).Socket.Options
			*o |= capture.OptKnown
			if w[1] == "on" {
				*o |= capture.OptExtAck
			}
			w = w[2:]
		case w[0] == "refused" && len(w) > 1:
			n, err = strconv.ParseUint(w[1], 0, 16)
			delivery(&f).Errno, w = -int32(n), w[2:]
		case w[0] == "happened" && len(w) > 3:
			e := &capture.Event{Proto: proto, HasProto: true, Socket: delivery(&f).Socket}
			for k, name := range capture.EventKinds() {
				if name == w[1] {
					e.Kind = capture.EventKind(k + 1)
				}
			}
			n, err = strconv.ParseUint(w[3], 0, 16)
			e.Errno = -int32(n)
			if err == nil {
				n, err = strconv.ParseUint(w[2], 0, 32)
				e.Value = int64(n)
			}
			f.Event, w = e, w[4:]
		case w[0] == "section" && len(w) > 1:
			f.Section, err = strconv.Atoi(w[1])
			w = w[2:]
		default:
			err = fmt.Errorf("unexpected %s", w[0])
		}
	}
	return f, err
}

// delivery returns that of a frame, which it gets if it has none.
func delivery(f *capture.Frame) *capture.Delivery {
	if f.Delivery == nil {
		f.Delivery = &capture.Delivery{Socket: capture.Socket{FD: -1}}
	}
	return f.Delivery
}

var le = binary.LittleEndian

// message appends a message to a frame.
func message(dst []byte, w []string, frames []capture.Frame) ([]byte, error) {
	if len(w) < 2 {
		return dst, fmt.Errorf("want: TYPE FLAGS …")
	}
	for len(dst)%4 != 0 {
		dst = append(dst, 0)
	}
	typ, ok := control[w[0]]
	if !ok {
		typ, ok = known.types[strconv.Itoa(int(dst[capture.CookedLen-1]))+w[0]]
	}
	if !ok {
		n, err := strconv.ParseUint(w[0], 0, 16)
		if err != nil {
			return dst, fmt.Errorf("no message %s", w[0])
		}
		typ = uint16(n)
	}
	var flags uint16
	for _, s := range strings.Split(w[1], "|") {
		bit, ok := flagNames[s]
		if !ok {
			n, err := strconv.ParseUint(s, 0, 16)
			if err != nil {
				return dst, fmt.Errorf("no flag %s", s)
			}
			bit = uint16(n)
		}
		flags |= bit
	}
	at := len(dst)
	dst = append(dst, make([]byte, 16)...)
	le.PutUint16(dst[at+4:], typ)
	le.PutUint16(dst[at+6:], flags)
	length := -1
	for w = w[2:]; len(w) > 0; {
		var err error
		switch {
		case len(w) > 1 && (w[0] == "seq" || w[0] == "portid" || w[0] == "len"):
			var n uint64
			n, err = strconv.ParseUint(w[1], 0, 32)
			switch w[0] {
			case "seq":
				le.PutUint32(dst[at+8:], uint32(n))
			case "portid":
				le.PutUint32(dst[at+12:], uint32(n))
			default:
				length = int(n)
			}
			w = w[2:]
		case len(w) > 1 && w[0] == "errno":
			var n int64
			n, err = strconv.ParseInt(w[1], 0, 32)
			dst = le.AppendUint32(dst, uint32(int32(n)))
			w = w[2:]
		case len(w) > 1 && (w[0] == "of" || w[0] == "header"):
			dst, err = echo(dst, w[1], w[0] == "header", frames)
			w = w[2:]
		default:
			dst, w, err = item(dst, w)
		}
		if err != nil {
			return dst, err
		}
	}
	if length < 0 {
		length = len(dst) - at
	}
	le.PutUint32(dst[at:], uint32(length))
	return dst, nil
}

// echo appends the request that an error is about.
func echo(dst []byte, place string, header bool, frames []capture.Frame) ([]byte, error) {
	frame, msg, _ := strings.Cut(place, ".")
	f, err := strconv.Atoi(frame)
	m, _ := strconv.Atoi(msg)
	if err != nil || f < 1 || f > len(frames) {
		return dst, fmt.Errorf("no frame %s", place)
	}
	b := frames[f-1].Data[capture.CookedLen:]
	for ; m > 0 && len(b) >= 16; m-- {
		b = b[min(int(le.Uint32(b)+3)&^3, len(b)):]
	}
	if len(b) < 16 {
		return dst, fmt.Errorf("no message %s", place)
	}
	n := min(int(le.Uint32(b)+3)&^3, len(b))
	if header {
		n = 16
	}
	return append(dst, b[:n]...), nil
}

// item appends a part of a body.
func item(dst []byte, w []string) ([]byte, []string, error) {
	kind, arg, _ := strings.Cut(w[0], ":")
	switch {
	case w[0] == "[":
		return attr(dst, w[1:])
	case w[0][0] == '"':
		return append(append(dst, strings.Trim(w[0], `"`)...), 0), w[1:], nil
	case kind == "hex":
		b, err := hex.DecodeString(arg)
		return append(dst, b...), w[1:], err
	}
	n, err := strconv.ParseUint(arg, 0, 32)
	if err != nil {
		return dst, nil, fmt.Errorf("unexpected %s", w[0])
	}
	switch kind {
	case "u8":
		dst = append(dst, byte(n))
	case "u16":
		dst = le.AppendUint16(dst, uint16(n))
	case "u32":
		dst = le.AppendUint32(dst, uint32(n))
	case "be16":
		dst = binary.BigEndian.AppendUint16(dst, uint16(n))
	case "be32":
		dst = binary.BigEndian.AppendUint32(dst, uint32(n))
	case "zero":
		dst = append(dst, make([]byte, min(n, 1<<20))...)
	default:
		return dst, nil, fmt.Errorf("unexpected %s", w[0])
	}
	return dst, w[1:], nil
}

// attr appends an attribute, padded.
func attr(dst []byte, w []string) ([]byte, []string, error) {
	if len(w) == 0 {
		return dst, nil, fmt.Errorf("an attribute without a type")
	}
	for len(dst)%4 != 0 {
		dst = append(dst, 0)
	}
	typ, ok := known.attrs[w[0]]
	if !ok {
		n, err := strconv.ParseUint(w[0], 0, 16)
		if err != nil {
			return dst, nil, fmt.Errorf("no attribute %s", w[0])
		}
		typ = uint16(n)
	}
	at := len(dst)
	dst = append(dst, 0, 0, byte(typ), byte(typ>>8))
	for w = w[1:]; len(w) > 0 && w[0] != "]"; {
		var err error
		if dst, w, err = item(dst, w); err != nil {
			return dst, w, err
		}
	}
	if len(w) == 0 {
		return dst, nil, fmt.Errorf("a bracket is not closed")
	}
	le.PutUint16(dst[at:], uint16(len(dst)-at))
	for len(dst)%4 != 0 {
		dst = append(dst, 0)
	}
	return dst, w[1:], nil
}
