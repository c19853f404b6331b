package dissect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// said is a message in a capture, and in which direction the source knows it to
// have gone.
type said struct {
	msg []byte
	dir dissect.Dir
}

// hear runs messages through a session, each in a frame.
func hear(proto byte, list ...said) (*dissect.Session, *dissect.Input) {
	s := dissect.NewSession(dissect.OrderAuto)
	var in *dissect.Input
	for i, m := range list {
		in = frame(proto, m.msg)
		in.Number, in.Dir = i+1, m.dir
		s.Prepare(in, 0)
	}
	return s, in
}

// TestTrust: whose word a name is.
func TestTrust(t *testing.T) {
	const up, down = dissect.DirToKernel, dissect.DirFromKernel
	get := func(flags uint16, seq, pid uint32) said {
		return said{msg: le.msg(hdr{typ: 16, flags: 1 | flags, seq: seq, portid: pid}, genl(3, 2))}
	}
	is := func(flags uint16, seq, pid uint32, name string) said {
		return said{msg: le.msg(hdr{typ: 16, flags: flags, seq: seq, portid: pid}, genl(1, 2), le.attr(2, str(name)), le.attr(1, le.u16(40)))}
	}
	gone := said{msg: family(delFamily, 40, "evil")}
	from := func(dir dissect.Dir, s said) said { s.dir = dir; return s }
	both := func(a, b said) said { return said{msg: append(append([]byte(nil), a.msg...), b.msg...)} }
	for _, c := range []struct {
		what string
		list []said
		want string
		how  families.Trust
	}{
		{"an answer", []said{get(0, 7, 0), is(0, 7, 99, "tipc")}, "tipc", families.Answered},
		{"an answer to who gave its portid", []said{get(0, 7, 99), is(0, 7, 99, "new")}, "new", families.Answered},
		{"an answer to another", []said{get(0, 7, 98), is(0, 7, 99, "new")}, "", 0},
		{"a second answer", []said{get(0, 7, 0), is(0, 7, 99, "tipc"), is(0, 7, 99, "evil")}, "tipc", families.Answered},
		{"a dump", []said{get(0x300, 7, 0), is(2, 7, 99, "tipc"), is(2, 7, 99, "tipc")}, "tipc", families.Answered},
		{"a part of a dump to who asked for one", []said{get(0, 7, 0), is(2, 7, 99, "new")}, "", 0},
		{"an answer in the frame of its request", []said{both(get(0, 7, 0), is(0, 7, 99, "new"))}, "", 0},
		{"a notification", []said{is(0, 0, 0, "new")}, "new", families.Heard},
		{"no notification of the kernel's has a portid", []said{is(0, 0, 4711, "new")}, "", 0},
		{"nor a number", []said{is(0, 5, 0, "new")}, "", 0},
		{"nor flags", []said{is(4, 0, 0, "new")}, "", 0},
		{"a request", []said{is(1, 0, 0, "new")}, "", 0},
		{"to a group", []said{from(dissect.DirUserToUser, is(0, 0, 0, "new"))}, "", 0},
		{"what went to the kernel", []said{from(up, is(0, 0, 0, "new"))}, "", 0},
		{"what the source knows", []said{from(down, is(0, 0, 0, "new"))}, "new", families.Vouched},
		{"an answer whose request is missing", []said{is(0, 7, 99, "wireguard")}, "wireguard", families.Alleged},
		{"the same with a name that nobody knows", []said{is(0, 7, 99, "new")}, "", 0},
		{"a notification renames nobody", []said{is(0, 0, 0, "a"), is(0, 0, 0, "b")}, "a", families.Heard},
		{"nor who was named in an answer", []said{get(0, 7, 0), is(0, 7, 99, "a"), gone, is(0, 0, 0, "b")}, "a", families.Answered},
		{"an answer does", []said{is(0, 0, 0, "b"), get(0, 7, 0), is(0, 7, 99, "a")}, "a", families.Answered},
		{"the next bearer", []said{is(0, 0, 0, "a"), gone, is(0, 0, 0, "b")}, "b", families.Heard},
		{"nothing changes what the source knows", []said{from(down, is(0, 0, 0, "a")), gone, get(0, 7, 0), is(0, 7, 99, "b"), is(0, 0, 0, "c")}, "a", families.Vouched},
		{"but the source", []said{from(down, is(0, 0, 0, "a")), from(down, is(0, 0, 0, "b"))}, "b", families.Vouched},
	} {
		_, in := hear(families.ProtoGeneric, c.list...)
		if got, how := in.IDs.Named(40, in.Number); got != c.want || how != c.how {
			t.Errorf("%s: %q (%d), want %q (%d)", c.what, got, how, c.want, c.how)
		}
	}
	_, in := hear(families.ProtoGeneric, said{msg: le.msg(hdr{typ: 16}, genl(1, 2), le.attr(2, str("evil")), le.attr(1, le.u16(16)))})
	if got := in.IDs.Name(16, 1); got != "" {
		t.Errorf("the controller is called %q", got)
	}
}

// TestTrustLinks: the same for interfaces, whose names the kernel changes.
func TestTrustLinks(t *testing.T) {
	link := func(flags uint16, seq, pid uint32, name string) said {
		return said{msg: le.msg(hdr{typ: 16, flags: flags, seq: seq, portid: pid}, make([]byte, 4), le.u32(5), make([]byte, 8), le.attr(3, str(name)))}
	}
	get := func(typ, flags uint16, seq, pid uint32) said {
		return said{msg: le.msg(hdr{typ: typ, flags: 1 | flags, seq: seq, portid: pid}, make([]byte, 16))}
	}
	vouched := link(0, 0, 0, "eth0")
	vouched.dir = dissect.DirFromKernel
	for _, c := range []struct {
		what string
		list []said
		want string
	}{
		{"notifications", []said{link(0, 0, 0, "eth0"), link(0, 0, 0, "lan")}, "lan"},
		{"a notification of what a request did", []said{get(19, 4, 7, 0), link(0, 7, 99, "lan")}, "lan"},
		{"one of nothing", []said{link(0, 7, 99, "tun_vpn")}, ""},
		{"what a program sends", []said{link(0, 0, 0, "eth0"), link(0, 0, 4711, "tun_vpn")}, "eth0"},
		{"a dump", []said{get(18, 0x300, 7, 0), link(2, 7, 99, "lan")}, "lan"},
		{"a dump that nobody asked for", []said{link(2, 7, 99, "lan")}, ""},
		{"a name that is too long", []said{link(0, 0, 0, strings.Repeat("x", 16))}, ""},
		{"the longest", []said{link(0, 0, 0, strings.Repeat("x", 15))}, strings.Repeat("x", 15)},
		{"nothing changes what the source knows", []said{vouched, link(0, 0, 0, "tun_vpn"), get(18, 0, 7, 0), link(0, 7, 99, "tun_vpn")}, "eth0"},
	} {
		_, in := hear(families.ProtoRoute, c.list...)
		if got := in.Links.Name(5, in.Number); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// TestForgotten: a session keeps to its bound, forgets the oldest names and not
// the latest, and says so.
func TestForgotten(t *testing.T) {
	s := dissect.NewSession(dissect.OrderAuto)
	var in *dissect.Input
	const changes = 3 * dissect.MaxNames
	for i := range changes {
		in = frame(0, le.msg(hdr{typ: 16}, make([]byte, 4), le.u32(uint32(i%1000)), make([]byte, 8), le.attr(3, fmt.Appendf(nil, "v%d", i))))
		in.Number = i + 1
		s.Prepare(in, 0)
	}
	if n := in.Links.Size(); n > dissect.MaxNames {
		t.Errorf("%d names are remembered, the bound is %d", n, dissect.MaxNames)
	}
	for _, back := range []int{0, 1, 999} {
		i := changes - 1 - back
		if got, want := in.Links.Name(uint32(i%1000), i+1), fmt.Sprint("v", i); got != want {
			t.Errorf("%d frames back: %q, want %q", back, got, want)
		}
	}
	if got := in.Links.Name(5, 6); got != "" {
		t.Errorf("frame 6 is shown with %q", got)
	}
	if before, refused := s.Forgotten(); before < changes/2 || refused != 0 {
		t.Errorf("forgotten before frame %d, %d refused", before, refused)
	}
}
