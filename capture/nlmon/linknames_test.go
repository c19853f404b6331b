//go:build linux

package nlmon

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// linkFrame is a frame of a message that gives an interface a name.
func linkFrame(typ, flags uint16, index int, name string) *capture.Frame {
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], uint32(index))
	m := appendAttr(append(make([]byte, unix.NLMSG_HDRLEN), body...), unix.IFLA_IFNAME, append([]byte(name), 0))
	binary.NativeEndian.PutUint32(m, uint32(len(m)))
	binary.NativeEndian.PutUint16(m[4:], typ)
	binary.NativeEndian.PutUint16(m[6:], flags)
	data := append(make([]byte, capture.CookedLen), m...)
	return &capture.Frame{Time: 1e18, Data: data, OrigLen: len(data)}
}

// TestLinkNames: what a message says an interface is called counts for nothing, and
// has the kernel asked.
func TestLinkNames(t *testing.T) {
	n := newTestnet(t)
	rtnl, err := dial(unix.NETLINK_ROUTE)
	n.must(err)
	defer rtnl.close()
	names := &linkNames{rtnl: rtnl, known: map[uint32]string{uint32(n.b.index): n.b.name}}
	const none = 1000 // no interface has this index
	tests := []struct {
		what string
		f    *capture.Frame
		want string // the name that the kernel is heard to tell
	}{
		{"a new one", linkFrame(unix.RTM_NEWLINK, 0, n.a.index, n.a.name), n.a.name},
		{"the same again", linkFrame(unix.RTM_NEWLINK, 0, n.a.index, n.a.name), ""},
		{"a lie", linkFrame(unix.RTM_NEWLINK, 0, n.a.index, "eth0"), ""},
		{"a lie of another", linkFrame(unix.RTM_NEWLINK, 0, n.b.index, n.a.name), ""},
		{"one that is not there", linkFrame(unix.RTM_NEWLINK, 0, none, "eth0"), ""},
		{"a request", linkFrame(unix.RTM_NEWLINK, unix.NLM_F_REQUEST, n.b.index, "eth0"), ""},
		{"an end", linkFrame(unix.RTM_DELLINK, 0, n.b.index, "eth0"), ""},
	}
	check := func(what string, f *capture.Frame, index int, want string) {
		t.Helper()
		talk := names.check(f)
		if want == "" {
			if len(talk) > 0 {
				t.Errorf("%s: %d frames", what, len(talk))
			}
			return
		}
		if len(talk) != 1 || talk[0].Dir != capture.DirFromKernel || talk[0].Flags != capture.FlagAsked || talk[0].Time != f.Time {
			t.Fatalf("%s: %+v", what, talk)
		}
		if i, name := linkName(messages(talk[0].Data[capture.CookedLen:])[0]); name != want || int(i) != index {
			t.Errorf("%s: the kernel says %d is %q", what, i, name)
		}
	}
	for _, tt := range tests {
		check(tt.what, tt.f, n.a.index, tt.want)
	}
	// The kernel has another name for it by now, and says so at the next lie.
	rename := appendAttr(make([]byte, unix.SizeofIfInfomsg), unix.IFLA_IFNAME, []byte("other\x00"))
	binary.NativeEndian.PutUint32(rename[4:], uint32(n.b.index))
	n.must(n.c.setUp(n.b.index, false))
	n.must(n.c.do(unix.RTM_NEWLINK, unix.NLM_F_ACK, rename, func(message) {}))
	check("renamed", linkFrame(unix.RTM_NEWLINK, 0, n.b.index, "eth0"), n.b.index, "other")
}
