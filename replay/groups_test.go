//go:build linux

package replay

import (
	"encoding/binary"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
)

// joined is a capture of a socket that asks for the family ethtool, joins its
// group, which had the number 77 there, and another, and asks again.
func joined() []capture.Frame {
	sock := capture.Socket{FD: 3, Inode: 99}
	request := func(seq uint32) []byte {
		body := attr([]byte{ctrlGetFamily, 1, 0, 0}, ctrlFamilyName, []byte("ethtool\x00"))
		return message(ctrlType, unix.NLM_F_REQUEST, seq, body)
	}
	group := attr(attr(nil, ctrlGroupID, binary.NativeEndian.AppendUint32(nil, 77)), ctrlGroupName, []byte("monitor\x00"))
	body := attr([]byte{ctrlNewFamily, 2, 0, 0}, ctrlFamilyName, []byte("ethtool\x00"))
	body = attr(body, ctrlFamilyID, []byte{21, 0})
	body = attr(body, ctrlGroups, attr(nil, 1, group))
	var out []capture.Frame
	add := func(data []byte, received bool, e *capture.Event) {
		x := Frame{Proto: families.ProtoGeneric, Received: received, Data: data}
		f := x.Frame(len(out) + 1)
		f.Delivery.Socket = sock
		if e != nil {
			e.Proto, e.HasProto, e.Socket = families.ProtoGeneric, true, sock
			f = capture.Frame{Number: f.Number, Event: e}
		}
		out = append(out, f)
	}
	add(nil, false, &capture.Event{Kind: capture.EventJoin, Group: 77}) // before it is bound, and named
	add(nil, false, &capture.Event{Kind: capture.EventJoin, Group: 16})
	add(nil, false, &capture.Event{Kind: capture.EventLeave, Group: 16})
	sock.PortID = 4321
	add(request(1), false, nil)
	add(message(ctrlType, 0, 1, body), true, nil)
	return out
}

func message(typ, flags uint16, seq uint32, body []byte) []byte {
	m := binary.NativeEndian.AppendUint32(nil, uint32(hdrLen+len(body)))
	m = binary.NativeEndian.AppendUint16(m, typ)
	m = binary.NativeEndian.AppendUint16(m, flags)
	m = binary.NativeEndian.AppendUint32(m, seq)
	m = binary.NativeEndian.AppendUint32(m, 0)
	return append(m, body...)
}

// TestGroups: a socket is a member of the groups that it had joined, of generic
// families by name, whatever their numbers are here.
func TestGroups(t *testing.T) {
	c, err := Load(&frames{joined()}, families.Embedded(), hostOrder())
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Sockets) != 1 || !slices.Equal(p.Sockets[0].Groups, []Group{{Family: "ethtool", Name: "monitor"}}) {
		t.Fatalf("sockets %+v", p.Sockets)
	}
	r := &runner{plan: p, sockets: make([]*socket, 1), family: map[string]uint16{}, session: dissect.NewSession(hostOrder()), d: dissect.New(c.DB)}
	defer r.close()
	r.own, r.generic = openSocket(families.ProtoRoute), openSocket(families.ProtoGeneric)
	id := r.group("ethtool", "monitor")
	need.Need(t, id != 0, "this kernel has no family ethtool")
	s := r.of(&p.Requests[0])
	if s.err != nil {
		t.Fatal(s.err)
	}
	var mask [64]uint32
	size := uint32(len(mask) * 4)
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(s.fd), unix.SOL_NETLINK, unix.NETLINK_LIST_MEMBERSHIPS,
		uintptr(unsafe.Pointer(&mask)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	var got []uint32
	for i := range uint32(len(mask) * 32) {
		if mask[i/32]&(1<<(i%32)) != 0 {
			got = append(got, i+1)
		}
	}
	if !slices.Equal(got, []uint32{id}) {
		t.Errorf("member of %v, want %d", got, id)
	}
}
