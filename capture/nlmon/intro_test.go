//go:build linux

package nlmon

import (
	"encoding/binary"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// One copy of each notification of the controller's is said to be our own; what is
// no notification is none.
func TestOwnCopy(t *testing.T) {
	message := func(protocol byte, typ uint16, portid uint32, cmd byte, body ...byte) []byte {
		b := make([]byte, capture.CookedLen+unix.NLMSG_HDRLEN)
		b[capture.CookedLen-1] = protocol
		binary.NativeEndian.PutUint16(b[capture.CookedLen+4:], typ)
		binary.NativeEndian.PutUint32(b[capture.CookedLen+12:], portid)
		return append(append(b, cmd, 2, 0, 0), body...)
	}
	const ctrl = unix.GENL_ID_CTRL
	tests := []struct {
		what string
		data []byte
		want bool
	}{
		{"a family", message(unix.NETLINK_GENERIC, ctrl, 0, 1, 1), true},
		{"its copy", message(unix.NETLINK_GENERIC, ctrl, 0, 1, 1), false},
		{"another", message(unix.NETLINK_GENERIC, ctrl, 0, 1, 2), true},
		{"goes", message(unix.NETLINK_GENERIC, ctrl, 0, 2, 2), true},
		{"an answer to somebody", message(unix.NETLINK_GENERIC, ctrl, 7, 1, 2), false},
		{"of a family", message(unix.NETLINK_GENERIC, ctrl+1, 0, 1, 2), false},
		{"of rtnetlink", message(unix.NETLINK_ROUTE, ctrl, 0, 1, 2), false},
		{"a request for a family", message(unix.NETLINK_GENERIC, ctrl, 0, 3, 2), false},
		{"the first again", message(unix.NETLINK_GENERIC, ctrl, 0, 1, 1), true},
		{"short", make([]byte, capture.CookedLen), false},
	}
	a := &asker{subscriber: os.Stdin}
	for _, tt := range tests {
		if got := a.isOwnCopy(tt.data); got != tt.want {
			t.Errorf("%s: %v", tt.what, got)
		}
	}
	if (&asker{}).isOwnCopy(tests[0].data) {
		t.Error("without a subscription")
	}
}
