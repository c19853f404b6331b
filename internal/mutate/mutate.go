// Package mutate makes hostile captures of real ones, for tests: what a fuzzer's
// bytes say is done to frames whose structure it knows.
package mutate

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

const (
	hdrLen  = 16 // struct nlmsghdr
	genlLen = 4
	attrLen = 4
	most    = 1 << 16 // bytes of a frame
	generic = 16      // NETLINK_GENERIC
)

// Tape is what decides: bytes that are read once. At its end it says 0.
type Tape struct{ left []byte }

// NewTape returns a tape of bytes.
func NewTape(b []byte) *Tape { return &Tape{b} }

// N returns a number below n, which is 1 to 65536.
func (t *Tape) N(n int) int {
	v := 0
	for range 1 + (n-1)>>8&1 {
		if len(t.left) == 0 {
			break
		}
		v, t.left = v<<8|int(t.left[0]), t.left[1:]
	}
	return v % n
}

// More says whether there is something left.
func (t *Tape) More() bool { return len(t.left) > 0 }

// Bytes returns up to n bytes as they are.
func (t *Tape) Bytes(n int) []byte {
	n = min(n, len(t.left))
	b := t.left[:n:n]
	t.left = t.left[n:]
	return b
}

// names are given to families and interfaces that have other ones.
var names = []string{"wireguard", "nl80211", "evil", "lo", "\x1b[31mred", "\x1b]0;title\x07", "\u202eexe.txt", "a name that is much longer than the kernel allows", "\xff\xfe", "", "macsec", "ovpn"}

// Frames makes a capture of up to n frames.
func (t *Tape) Frames(pool []capture.Frame, n int) []capture.Frame {
	var out []capture.Frame
	for len(out) < n && (t.More() || len(out) == 0) {
		f := pool[t.N(len(pool))]
		f.Data = bytes.Clone(f.Data)
		f.Number = len(out) + 1
		f.OrigLen = len(f.Data)
		for range t.N(4) {
			t.mutate(&f, pool)
		}
		f.Data = f.Data[:min(len(f.Data), most)]
		f.OrigLen = max(f.OrigLen, len(f.Data))
		out = append(out, f)
	}
	return out
}

// mutate does one thing to a frame. The bytes of values stay as they are: a key
// under the header of what is none would be no key any more.
func (t *Tape) mutate(f *capture.Frame, pool []capture.Frame) {
	attrs := attributes(f.Data)
	pick := func() int {
		if len(attrs) == 0 {
			return -1
		}
		return attrs[t.N(len(attrs))]
	}
	switch t.N(12) {
	case 0: // an attribute is as long as it says
		if at := pick(); at >= 0 {
			binary.LittleEndian.PutUint16(f.Data[at:], uint16(t.N(1<<16)))
		}
	case 1: // a message is
		if len(f.Data) >= capture.CookedLen+hdrLen {
			binary.LittleEndian.PutUint32(f.Data[capture.CookedLen:], []uint32{0, 15, 16, 20, 0x7fffffff, 0xffffffff, uint32(len(f.Data)), uint32(t.N(1 << 16))}[t.N(8)])
		}
	case 2: // attributes in another order
		if a, b := pick(), pick(); a >= 0 && a != b {
			x, y := attribute(f.Data, a), attribute(f.Data, b)
			if a > b {
				a, b, x, y = b, a, y, x
			}
			if a+len(x) <= b {
				f.Data = bytes.Join([][]byte{f.Data[:a], y, f.Data[a+len(x) : b], x, f.Data[b+len(y):]}, nil)
			}
		}
	case 3: // one many times
		if at := pick(); at >= 0 {
			x := bytes.Clone(attribute(f.Data, at))
			x = bytes.Repeat(x, min(1<<t.N(12), most/len(x)))
			f.Data = bytes.Join([][]byte{f.Data[:at], x, f.Data[at:]}, nil)
			t.whole(f)
		}
	case 4: // two in place of one
		if at := pick(); at >= 0 {
			x := bytes.Clone(attribute(f.Data, at))
			half := attrLen + (len(x)-attrLen)/2&^3
			binary.LittleEndian.PutUint16(f.Data[at:], uint16(half))
			f.Data = bytes.Join([][]byte{f.Data[:at+half], x[:attrLen], f.Data[at+half:]}, nil)
			binary.LittleEndian.PutUint16(f.Data[at+half:], uint16(len(x)-half+attrLen))
			t.whole(f)
		}
	case 5: // messages of another capture behind it
		g := pool[t.N(len(pool))]
		if len(g.Data) > capture.CookedLen {
			f.Data = append(f.Data, g.Data[capture.CookedLen:]...)
		}
	case 6: // all of it many times
		if len(f.Data) > capture.CookedLen {
			x := f.Data[capture.CookedLen:]
			f.Data = append(f.Data[:capture.CookedLen:capture.CookedLen], bytes.Repeat(x, min(1<<t.N(10), most/len(x)+1))...)
		}
	case 7: // the end is missing
		f.Data = f.Data[:t.N(len(f.Data)+1)]
	case 8: // a family is said to have another name
		name := append([]byte(names[t.N(len(names))]), 0)
		body := appendAttr([]byte{1, 2, 0, 0}, 2, name)
		body = appendAttr(body, 1, binary.LittleEndian.AppendUint16(nil, uint16(16+t.N(40))))
		t.says(f, generic, 16, body)
	case 9: // an interface is
		body := make([]byte, 16)
		binary.LittleEndian.PutUint32(body[4:], uint32(t.N(16)))
		t.says(f, 0, 16, appendAttr(body, 3, append([]byte(names[t.N(len(names))]), 0)))
	case 10: // who sent it, and in answer to what
		if len(f.Data) >= capture.CookedLen+hdrLen {
			h := f.Data[capture.CookedLen:]
			binary.LittleEndian.PutUint16(h[6:], uint16(t.N(1<<16)))
			binary.LittleEndian.PutUint32(h[8:], uint32(t.N(4)))
			binary.LittleEndian.PutUint32(h[12:], uint32(t.N(4)))
		}
	case 11: // there was more
		f.OrigLen += t.N(1 << 16)
	}
}

// says puts a notification into a frame.
func (t *Tape) says(f *capture.Frame, protocol byte, typ uint16, body []byte) {
	h := make([]byte, capture.CookedLen+hdrLen)
	h[1], h[2], h[3], h[15] = 4, capture.ARPHRDNetlink>>8, capture.ARPHRDNetlink&0xff, protocol
	binary.LittleEndian.PutUint32(h[16:], uint32(hdrLen+len(body)))
	binary.LittleEndian.PutUint16(h[20:], typ)
	f.Data = append(h, body...)
}

// whole has the first message be as long as the frame, as often as not.
func (t *Tape) whole(f *capture.Frame) {
	if t.N(2) == 0 && len(f.Data) >= capture.CookedLen+hdrLen {
		binary.LittleEndian.PutUint32(f.Data[capture.CookedLen:], uint32(len(f.Data)-capture.CookedLen))
	}
}

func appendAttr(b []byte, typ uint16, v []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(attrLen+len(v)))
	b = append(binary.LittleEndian.AppendUint16(b, typ), v...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// attribute is the one at an offset, with what aligns the next.
func attribute(b []byte, at int) []byte {
	n := (int(binary.LittleEndian.Uint16(b[at:])) + 3) &^ 3
	return b[at:min(at+max(n, attrLen), len(b))]
}

// attributes are the offsets of what looks like attributes in the first message:
// a run of them up to its end, at whatever offset it starts, and those within.
func attributes(b []byte) (list []int) {
	if len(b) < capture.CookedLen+hdrLen {
		return nil
	}
	end := capture.CookedLen + int(min(binary.LittleEndian.Uint32(b[capture.CookedLen:]), uint32(len(b)-capture.CookedLen)))
	for start := capture.CookedLen + hdrLen; start < end; start += 4 {
		if run := chain(b, start, end); run != nil {
			list = append(list, run...)
			for _, at := range run {
				list = append(list, chain(b, at+attrLen, at+int(binary.LittleEndian.Uint16(b[at:])))...)
			}
			return list
		}
	}
	return nil
}

func chain(b []byte, at, end int) (list []int) {
	for at+attrLen <= end {
		n := int(binary.LittleEndian.Uint16(b[at:]))
		if n < attrLen || at+n > end {
			return nil
		}
		list = append(list, at)
		at += (n + 3) &^ 3
	}
	return list
}

// Write writes a capture in one of the formats, with options that files of other
// programs have.
func (t *Tape) Write(w io.Writer, frames []capture.Frame) error {
	var sink interface {
		capture.Sink
		Flush() error
	}
	text := names[t.N(len(names))]
	switch t.N(3) {
	case 0:
		sink = pcapng.NewPcapWriter(w, pcapng.PcapOptions{})
	case 1:
		sink = pcapng.NewWriter(w, pcapng.Section{UserAppl: text})
	case 2:
		s := pcapng.Section{Comment: text, OS: text, Order: binary.BigEndian}
		for range 1 + t.N(3) {
			s.Interfaces = append(s.Interfaces, pcapng.Interface{LinkType: capture.LinkTypeNetlink, Name: text, Description: text, SnapLen: uint32(t.N(1 << 16)), Comment: text})
		}
		for i := range frames {
			frames[i].Interface = i % len(s.Interfaces)
		}
		sink = pcapng.NewWriter(w, s)
	}
	for i := range frames {
		f := frames[i]
		if t.N(4) == 1 {
			f.Comment = text
		}
		if err := sink.Write(&f); err != nil {
			return err
		}
	}
	return sink.Flush()
}
