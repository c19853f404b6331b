//go:build linux

package nlmon

import (
	"encoding/binary"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// notice makes a frame of a generic message.
func notice(protocol byte, typ uint16, portid uint32, cmd byte, body ...byte) []byte {
	b := make([]byte, capture.CookedLen+unix.NLMSG_HDRLEN)
	b[capture.CookedLen-1] = protocol
	binary.NativeEndian.PutUint16(b[capture.CookedLen+4:], typ)
	binary.NativeEndian.PutUint32(b[capture.CookedLen+12:], portid)
	return append(append(b, cmd, 2, 0, 0), body...)
}

// TestAnnounced: of what looks like a notification of the controller's, only what
// our socket got too is the kernel's, and one copy of it is our own.
func TestAnnounced(t *testing.T) {
	const ctrl = unix.GENL_ID_CTRL
	// Without a peer that sends, nothing comes to this socket.
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[1])
	a := &announced{fd: pair[0], buf: make([]byte, 1<<10), sure: 1000}
	defer a.close()
	family, other := notice(unix.NETLINK_GENERIC, ctrl, 0, 1, 1), notice(unix.NETLINK_GENERIC, ctrl, 0, 2, 1)
	for _, data := range [][]byte{family, other, family} {
		a.heard = append(a.heard, data[capture.CookedLen:])
	}
	const none = capture.DirUnknown
	for _, tt := range []struct {
		what    string
		data    []byte
		at      int64
		dir     capture.Direction
		comment string
	}{
		{"a family", family, 2000, capture.DirFromKernel, ownCopy},
		{"its copy", family, 2000, capture.DirFromKernel, ""},
		{"one that nobody heard", notice(unix.NETLINK_GENERIC, ctrl, 0, 1, 2), 2000, capture.DirToKernel, nobodyHeard},
		{"of the time before we listened", notice(unix.NETLINK_GENERIC, ctrl, 0, 1, 2), 500, none, ""},
		{"goes", other, 2000, capture.DirFromKernel, ownCopy},
		{"an answer to somebody", notice(unix.NETLINK_GENERIC, ctrl, 7, 1, 2), 2000, none, ""},
		{"of a family", notice(unix.NETLINK_GENERIC, ctrl+1, 0, 1, 2), 2000, none, ""},
		{"of rtnetlink", notice(unix.NETLINK_ROUTE, ctrl, 0, 1, 2), 2000, none, ""},
		{"a request for a family", notice(unix.NETLINK_GENERIC, ctrl, 0, 3, 2), 2000, none, ""},
		{"the first again", family, 2000, capture.DirFromKernel, ownCopy},
		{"short", make([]byte, capture.CookedLen), 2000, none, ""},
		{"what was heard once, once more", other, 2000, capture.DirToKernel, nobodyHeard},
	} {
		f := &capture.Frame{Data: tt.data, Time: tt.at}
		if a.judge(f); f.Dir != tt.dir || f.Comment != tt.comment {
			t.Errorf("%s: %v %q", tt.what, f.Dir, f.Comment)
		}
	}
	// What may still come is waited for, and no longer than that.
	begin := time.Now()
	f := &capture.Frame{Data: other, Time: begin.UnixNano()}
	if a.judge(f); f.Dir != capture.DirToKernel || time.Since(begin) < time.Duration(hearsWithin)/2 {
		t.Errorf("%v after %v", f.Dir, time.Since(begin))
	}
	f = &capture.Frame{Data: family}
	if (*announced)(nil).judge(f); f.Dir != none || f.Comment != "" {
		t.Errorf("without a subscription: %v %q", f.Dir, f.Comment)
	}
}
