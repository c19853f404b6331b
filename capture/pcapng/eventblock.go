package pcapng

import (
	"fmt"
	"math"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// An event is a custom block that other programs may copy (pcapng draft section
// 4.7). Its data, little-endian whatever the section's byte order, is:
//
//	offset  bytes
//	     0      8  "nlsniff" and a NUL
//	     8      1  version, 1
//	     9      1  kind, a capture.EventKind
//	    10      1  1: there is a protocol
//	    11      1  netlink protocol
//	    12      8  time in nanoseconds since the Unix epoch
//	    20      4  interface within the section
//	    24      4  pid
//	    28      4  tid
//	    32      8  inode number of the network namespace
//	    40     24  socket, as in a frame's delivery
//	    64      4  group
//	    68      4  level
//	    72      4  option
//	    76      4  errno, negative
//	    80      8  value
//	    88      1  call, a capture.Call
//	    89      1  1: what is known of the user is behind everything else (useroption.go)
//	    90     10  lengths of comm, exe, text, hint and comment
//	   100         these, and what 89 says
//
// A later version may append to it.
const (
	eventV1  = 1
	eventLen = 100
	// maxEventText is how long a text of an event may be.
	maxEventText = 4 << 10
)

// writeEvent writes the event of a frame as a custom block. Write calls it for
// frames that have one.
func (w *Writer) writeEvent(f *capture.Frame) error {
	v := f.Event
	id := f.Interface
	if id < 0 || id >= len(w.ifaces) {
		id = 0
	}
	b, e := w.out.buf, w.e
	from := len(b)
	b = w.begin(b, BlockCustom)
	b = e.append32(b, privateEnterprise)
	at := len(b)
	b = append(b, frameOptionMagic...)
	b = append(b, eventV1, byte(v.Kind), bit(v.HasProto), v.Proto)
	b = little.append64(b, uint64(f.Time))
	b = little.append32(b, uint32(id))
	b = little.append32(b, f.Process.PID)
	b = little.append32(b, f.Process.TID)
	b = little.append64(b, f.Process.NetNS)
	b = appendSocket(b, &v.Socket)
	b = little.append32(b, v.Group)
	b = little.append32(b, uint32(v.Level))
	b = little.append32(b, uint32(v.Option))
	b = little.append32(b, uint32(v.Errno))
	b = little.append64(b, uint64(v.Value))
	users := f.Process.HasUID || f.Process.Cgroup != ""
	b = append(b, byte(v.Call), bit(users))
	texts := [...]string{f.Process.Comm, f.Process.Exe, v.Text, v.Hint, f.Comment}
	for i, s := range texts {
		texts[i] = s[:min(len(s), maxEventText)]
		b = little.append16(b, uint16(len(texts[i])))
	}
	for _, s := range texts {
		b = append(b, s...)
	}
	if users {
		b = appendUser(b, &f.Process)
	}
	b = appendPad(b, len(b)-at)
	w.out.buf = w.end(b, from)
	return w.out.done()
}

// isEvent says whether a block is an event of ours.
func isEvent(b *Block) bool {
	if b.Format == FormatPcap || b.Type != BlockCustom {
		return false
	}
	body := b.body()
	return len(body) >= customBodyLen+eventLen && b.e.u32(body) == privateEnterprise &&
		string(body[customBodyLen:customBodyLen+len(frameOptionMagic)]) == frameOptionMagic && body[customBodyLen+8] >= eventV1
}

// fillEvent decodes an event.
func (s *section) fillEvent(f *capture.Frame, b *Block, kept *keeper) error {
	v := b.body()[customBodyLen:]
	*f = capture.Frame{Section: s.number, Event: &kept.event}
	f.Time = int64(little.u64(v[12:]))
	if id := little.u32(v[20:]); id < math.MaxInt32 {
		f.Interface = int(id)
	}
	kept.event = capture.Event{
		Kind: capture.EventKind(v[9]), HasProto: v[10]&1 != 0, Proto: v[11], Socket: readSocket(v[40:]),
		Group: little.u32(v[64:]), Level: int32(little.u32(v[68:])), Option: int32(little.u32(v[72:])), Errno: int32(little.u32(v[76:])),
		Value: int64(little.u64(v[80:])), Call: capture.Call(v[88]),
	}
	f.Process = capture.Process{PID: little.u32(v[24:]), TID: little.u32(v[28:]), NetNS: little.u64(v[32:])}
	text := v[eventLen:]
	for i, dst := range [...]*string{&f.Process.Comm, &f.Process.Exe, &kept.event.Text, &kept.event.Hint, &f.Comment} {
		n := int(little.u16(v[90+2*i:]))
		if n > len(text) {
			return corrupt(b, fmt.Sprintf("event with a text of %s where there are %d", phrase.Count(n, "byte"), len(text)))
		}
		*dst = kept.name(text[:n])
		text = text[n:]
	}
	if v[89]&1 != 0 {
		readUser(&f.Process, text, &kept.interner)
	}
	return nil
}
