//go:build linux

package nlmon

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// named is a frame with messages that give names.
func named(protocol byte, messages ...[]byte) []byte {
	b := make([]byte, capture.CookedLen)
	b[capture.CookedLen-1] = protocol
	return slices.Concat(append([][]byte{b}, messages...)...)
}

func newLink(index uint32, flags uint16, name string) []byte {
	c := conn{}
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], index)
	m := c.request(unix.RTM_NEWLINK, 0, appendAttr(body, unix.IFLA_IFNAME, append([]byte(name), 0)))
	binary.NativeEndian.PutUint16(m[6:], flags)
	return m
}

func newFamily(id uint16, name string) []byte {
	c := conn{}
	body := appendAttr([]byte{unix.CTRL_CMD_NEWFAMILY, 2, 0, 0}, unix.CTRL_ATTR_FAMILY_NAME, append([]byte(name), 0))
	m := c.request(unix.GENL_ID_CTRL, 0, appendAttr(body, unix.CTRL_ATTR_FAMILY_ID, binary.NativeEndian.AppendUint16(nil, id)))
	binary.NativeEndian.PutUint16(m[6:], 0)
	return m
}

// TestUnconfirmed: what is asked is what has another name than the kernel told us,
// and not more than so many a second.
func TestUnconfirmed(t *testing.T) {
	const route, generic = unix.NETLINK_ROUTE, unix.NETLINK_GENERIC
	var c confirmed
	for _, f := range []capture.Frame{
		{Dir: capture.DirFromKernel, Data: named(route, newLink(1, 0, "lo"), newLink(2, unix.NLM_F_MULTI, "eth0"))},
		{Dir: capture.DirFromKernel, Data: named(generic, newFamily(20, "ethtool"))},
		{Dir: capture.DirToKernel, Data: named(route, newLink(3, 0, "ours"))},
		{Dir: capture.DirUnknown, Data: named(route, newLink(1, 0, "evil"))},
	} {
		c.learn(&f)
	}
	now := time.Unix(1000, 0)
	for name, tt := range map[string]struct {
		data []byte
		want []nameKey
	}{
		"known":             {named(route, newLink(1, 0, "lo")), nil},
		"renamed":           {named(route, newLink(1, 0, "lo"), newLink(2, 0, "wan")), []nameKey{{route, 2}}},
		"new":               {named(route, newLink(3, 0, "ours")), []nameKey{{route, 3}}},
		"request":           {named(route, newLink(2, unix.NLM_F_REQUEST, "wan")), nil},
		"family":            {named(generic, newFamily(20, "evil"), newFamily(20, "ethtool")), []nameKey{{generic, 20}}},
		"new family":        {named(generic, newFamily(21, "ethtool")), []nameKey{{generic, 21}}},
		"another protocol":  {named(unix.NETLINK_XFRM, newLink(2, 0, "wan")), nil},
		"cut":               {named(route, newLink(2, 0, "wan")[:30]), nil},
		"no cooked header":  {make([]byte, 3), nil},
		"nlmsg_len too big": {named(route, binary.NativeEndian.AppendUint32(nil, 0xffffffff), make([]byte, 40)), nil},
		"nlmsg_len too low": {named(route, make([]byte, 64)), nil},
	} {
		if got := c.unconfirmed(tt.data, now); !slices.Equal(got, tt.want) {
			t.Errorf("%s: asks for %v, want %v", name, got, tt.want)
		}
	}
	asked := 0
	for i := range 1000 {
		asked += len(c.unconfirmed(named(route, newLink(uint32(i), 0, fmt.Sprint("x", i))), now.Add(time.Duration(i)*time.Millisecond)))
	}
	if asked > maxQuestions || !c.missed {
		t.Errorf("%d questions in a second", asked)
	}
	if c.overdue(now) {
		t.Error("asks for all while there is no room for a question")
	}
	c.unconfirmed(nil, now.Add(2*time.Second))
	if !c.overdue(now.Add(2*time.Second)) || c.overdue(now.Add(3*time.Second)) {
		t.Error("does not ask for all, once")
	}
}
