package dissect_test

import (
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

func TestDirection(t *testing.T) {
	const toKernel, fromKernel, user = dissect.DirToKernel, dissect.DirFromKernel, dissect.DirUserToUser
	header := make([]byte, 8)
	for _, c := range []struct {
		name  string
		proto byte
		h     hdr
		body  []byte
		known dissect.Dir
		link  byte // sll_pkttype
		want  dissect.Dir
	}{
		{"request", families.ProtoRoute, hdr{typ: 18, flags: 1}, header, 0, 4, toKernel},
		{"reply", families.ProtoRoute, hdr{typ: 16, portid: 9}, header, 0, 4, fromKernel},
		{"dump's reply", families.ProtoRoute, hdr{typ: 16, flags: 2, portid: 9}, header, 0, 4, fromKernel},
		{"notification", families.ProtoRoute, hdr{typ: 16}, header, 0, 4, fromKernel},
		{"notification that the cause is named in", families.ProtoRoute, hdr{typ: 17, portid: 9}, header, 0, 4, fromKernel},
		{"GET without the request flag", families.ProtoRoute, hdr{typ: 18}, header, 0, 4, toKernel},
		{"reply with a GET's number", families.ProtoRoute, hdr{typ: 18, portid: 9}, header, 0, 4, fromKernel},
		{"error", families.ProtoRoute, hdr{typ: 2}, make([]byte, 20), 0, 4, fromKernel},
		{"done", families.ProtoRoute, hdr{typ: 3, flags: 2}, make([]byte, 4), 0, 4, fromKernel},
		{"error that a program sends", families.ProtoRoute, hdr{typ: 2, flags: 1}, make([]byte, 20), 0, 4, toKernel},
		{"reply with seq and portid 0", families.ProtoNetfilter, hdr{typ: 16}, make([]byte, 4), 0, 4, fromKernel},
		{"user to user", families.ProtoUsersock, hdr{typ: 17, seq: 9, portid: 5}, []byte("ping"), 0, 4, user},
		{"command of requests only", families.ProtoGeneric, hdr{typ: 30}, genl(2, 1), 0, 4, toKernel},
		{"command of both", families.ProtoGeneric, hdr{typ: 30}, genl(1, 1), 0, 4, fromKernel},
		{"the source knows better", families.ProtoRoute, hdr{typ: 18, flags: 1}, header, fromKernel, 4, fromKernel},
		{"the source knows better than the packet type", families.ProtoRoute, hdr{typ: 18, flags: 1}, header, fromKernel, 7, fromKernel},
		{"packet type PACKET_USER", families.ProtoRoute, hdr{typ: 18, flags: 1}, header, 0, 6, fromKernel},
		{"packet type PACKET_KERNEL", families.ProtoRoute, hdr{typ: 16}, header, 0, 7, toKernel},
	} {
		in := frame(c.proto, le.msg(c.h, c.body))
		in.IDs, in.Dir = gentest(), c.known
		in.Data[1] = c.link
		tree := decode(t, dissect.New(fullDB(t)), in)
		if got := tree.Msgs[0].Dir; got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// TestUeventDirection: udev marks what it hands on; the kernel's uevents start with
// the action.
func TestUeventDirection(t *testing.T) {
	for data, want := range map[string]dissect.Dir{
		"add@/x\x00ACTION=add\x00":                 dissect.DirFromKernel,
		"libudev\x00" + strings.Repeat("\x00", 32): dissect.DirUserToUser,
		"libudev@/x\x00":                           dissect.DirFromKernel,
		"libu":                                     dissect.DirFromKernel,
	} {
		tree := decode(t, dissect.New(families.Embedded()), frame(families.ProtoUevent, []byte(data)))
		if got := tree.Msgs[0].Dir; got != want {
			t.Errorf("%q: %d, want %d", data, got, want)
		}
	}
}

// TestDirectionsCaptured: in traffic of well-behaved programs what has the
// request flag goes to the kernel, and nothing else does. nlmon says
// "outgoing" of everything.
func TestDirectionsCaptured(t *testing.T) {
	db := families.Embedded()
	for _, name := range pcaptest.Names {
		if name == "userspace_peer" { // sends what no well-behaved program does
			continue
		}
		d := dissect.New(db)
		for _, in := range pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto)) {
			if name == "iscsi" { // whose requests have no flags; strace saw who spoke
				known := in.Data[1]
				in.Data[1] = 4
				if m := decode(t, d, &in).Msgs[0]; (known == 7) != (m.Dir == dissect.DirToKernel) {
					t.Errorf("%s: frame %d: type %d has direction %d, packet type %d", name, in.Number, m.Type, m.Dir, known)
				}
				continue
			}
			if in.Data[1] != 4 {
				t.Fatalf("%s: packet type %d", name, in.Data[1])
			}
			tree := decode(t, d, &in)
			for _, m := range tree.Msgs {
				if (m.Flags&1 != 0) != (m.Dir == dissect.DirToKernel) {
					t.Errorf("%s: frame %d: type %d with flags 0x%x has direction %d", name, in.Number, m.Type, m.Flags, m.Dir)
				}
			}
		}
	}
}
