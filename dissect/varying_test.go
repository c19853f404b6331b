package dissect_test

import (
	"encoding/hex"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

func TestVarying(t *testing.T) {
	u32, nested := le.u32, uint16(0x8000)
	runBodies(t, []payloadCase{
		{"each tells its size", le.attr(47, []byte{1, 2, 'a', 'b', 7, 8, 9, 'x', 0, 5, 1, 2, 0xee, 0xff}),
			`T_VARIED(n=1 len=2 name="ab" nums=070809 what="x\x00" pair{x=5 y=258} rest=eeff _2)`, ""},
		{"nothing of one", le.attr(47, []byte{0, 0, 9, 0, 5, 1, 2}), `T_VARIED(n=0 len=0 nums=09 what="\x00" pair{x=5 y=258} _1)`, ""},
		{"more than there is", le.attr(47, []byte{0, 9, 'a', 'b', 'c'}), `T_VARIED(n=0 len=9 name="abc" _3)`, ""},
		{"no NUL", le.attr(47, []byte{0, 0, 9, 'a', 'b', 'c'}), `T_VARIED(n=0 len=0 nums=09 what="abc" _2)`, ""},
		{"a header that tells its size", le.attr(58, le.u16(2), []byte{1, 2}, le.attr(1, u32(7))), "T_VHDR(vhdr{n=2 opts=0102} I_U32(7))", ""},
		{"and is padded", le.attr(58, le.u16(1), []byte{1, 0}, le.attr(1, u32(7))), "T_VHDR(vhdr{n=1 opts=01} _1 I_U32(7))", ""},
		{"and is cut", le.attr(58, le.u16(9), []byte{1, 0}), "T_VHDR(vhdr{n=9 opts=0100})", "struct.short"},
		{"elements with a head", le.attr(48, []byte{2, 2, 7, 9, 1, 2, 'h', 'i'}), `T_HEADED(IE_NUM(op{code=2 yes=2} 7 ?09) IE_NAME(op{code=1 yes=2} "hi"))`, "attr.size"},
		{"shorter than its head", le.attr(48, []byte{2, 0, 7, 9}), "T_HEADED(IE_NUM(op{code=2 yes=0}) ?0709)", "tlv.len"},
		{"longer than there is", le.attr(48, []byte{1, 9, 'h', 'i'}), `T_HEADED(IE_NAME(op{code=1 yes=9} "hi"))`, "tlv.past_end"},
		{"by length 1", le.attr(49, []byte{7}), "T_BYLEN(7 _3)", ""},
		{"by length 4", le.attr(49, u32(7)), "T_BYLEN(7)", ""},
		{"by another length", le.attr(49, []byte("ab")), `T_BYLEN("ab" _2)`, ""},
		{"by the bit, unset", le.attr(50, u32(7)), "T_BYNESTED(7)", ""},
		{"by the bit", le.attr(nested|50, le.attr(1, u32(7))), "T_BYNESTED(I_U32(7))", ""},
		{"by direction", le.attr(51, u32(7)), "T_BYREQUEST(7)", ""},
		{"by what is in a nest", cat(le.attr(52, u32(7)), le.attr(38, le.attr(6, str("num")))), `T_INSIDE(7) T_SELF(T_KIND("num\x00"))`, ""},
		{"by what is not in a nest", cat(le.attr(52, u32(7)), le.attr(38)), `T_INSIDE(?07000000) T_SELF()`, "sub.selector_missing"},
		{"by what is there", cat(le.attr(64, str("a")), le.attr(38, le.attr(6, str("num")))), `T_HAS("a\x00" _2) T_SELF(T_KIND("num\x00"))`, ""},
		{"by what is not there", cat(le.attr(64, u32(7)), le.attr(38)), "T_HAS(7) T_SELF()", ""},
		{"by a struct's member", cat(le.attr(53, u32(7)), le.attr(54, []byte{0, 1, 0, 0}, u32(0))), "T_MEMBER(7) T_FIXED(fam=0 kind=1 _2 index=0)", ""},
		{"a number behind what varies", le.attr(59, []byte{2, 7, 8, 1, 0, 9, 5}), "T_TWICE(n=2 a=0708 m=1 b=09 c=5 _1)", ""},
		{"room that is not filled", le.attr(61, []byte{0, 3, 7, 8, 9, 0, 0, 0, 0, 0, 1, 5, 1, 2, 0, 0, 0}), "T_ROOM(n=3 addr=070809 _5 m=1 points{[0](x=5 y=258)} _3 _3)", ""},
		{"room for less than is said", le.attr(61, []byte{0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0}), "T_ROOM(n=9 addr=0102030405060708 m=0 _6 _3)", ""},
		{"the number behind the room", le.attr(63, []byte("ab"), []byte{0, 0, 7, 0, 0, 0, 2, 1}), `T_AFTER(text="ab" _2 nums=0700 _2 n=2 m=1 _2)`, ""},
		{"the number is not there", le.attr(63, []byte("ab"), []byte{0, 0, 7, 0, 0, 0}), `T_AFTER(text="ab\x00\x00" nums=07000000)`, ""},
		{"strings", le.attr(55, []byte("a\x00bc\x00d")), `T_STRINGS(6100 626300 64 _2)`, ""},
	})
}

func TestPacket(t *testing.T) {
	raw := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const udp = "4500001f00010000" + "40110000" + "0a000001" + "0a000002" + "0009" + "1234" + "000b0000" + "616263"
	beacon := raw("80000000ffffffffffff02000000000002000000000030000102030405060708640011040003616263")
	runBodies(t, []payloadCase{
		{"layers", le.attr(56, raw(udp)), "T_PACKET(IPv4=" + udp[:40] + " UDP=" + udp[40:56] + " payload=616263 _1)", ""},
		{"nothing", le.attr(56), "T_PACKET()", ""},
		{"no packet", le.attr(56, raw("0011")), "T_PACKET(payload=0011 _2)", ""},
		{"a frame and its elements", le.attr(57, beacon), `T_FRAME(Dot11=` + hex.EncodeToString(beacon[:24]) +
			` Dot11MgmtBeacon=` + hex.EncodeToString(beacon[24:36]) + ` SSID("abc") _3)`, ""},
	})
}

// TestDatagram: a protocol without headers, and messages where a frame of it
// has some all the same.
func TestDatagram(t *testing.T) {
	d := dissect.New(testDB(t, testUevent))
	for _, c := range []struct{ name, payload, want string }{
		{"text", "add@/x\x00A=b\x00", `header="add@/x\x00" env{413d6200}`},
		{"another body", "libudev\x00zz", "magic=6c69627564657600 rest=7a7a"},
	} {
		tree := decode(t, d, frame(families.ProtoUevent, []byte(c.payload)))
		if len(tree.Msgs) != 1 || !tree.Msgs[0].Datagram || tree.Msgs[0].Message.Name != "uevent" {
			t.Errorf("%s: messages %+v", c.name, tree.Msgs)
			continue
		}
		if got := outline(tree, tree.Body(&tree.Msgs[0]), int32(len(tree.Nodes))); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	tree := decode(t, d, frame(families.ProtoUevent, le.msg(hdr{typ: 16})))
	if len(tree.Msgs) != 1 || tree.Msgs[0].Datagram {
		t.Errorf("a message: %+v", tree.Msgs)
	}
}

const testUevent = `
family uevent
protocol NETLINK_KOBJECT_UEVENT
datagram uevent
struct udev packed
  magic binary[8]
  rest binary
struct uevent
  header cstring
  env strings
body uevent
  starts="libudev" : payload struct udev
  payload struct uevent
`

// TestAuditLength: what the kernel sends to one socket has the length of its
// text, what it multicasts that of the message.
func TestAuditLength(t *testing.T) {
	d := dissect.New(testDB(t, testAudit))
	text := []byte("audit(1:2): x")
	for name, length := range map[string]uint32{"unicast": uint32(len(text)), "multicast": uint32(16 + len(text))} {
		in := frame(families.ProtoAudit, le.msg(hdr{typ: 1300, length: length}, text)[:16+len(text)])
		tree := decode(t, d, in)
		if got := outline(tree, tree.Body(&tree.Msgs[0]), int32(len(tree.Nodes))); got != `"audit(1:2): x"` || len(tree.Findings) > 0 {
			t.Errorf("%s: %s %s", name, got, codesOf(tree))
		}
	}
}

const testAudit = `
family audit
protocol NETLINK_AUDIT
body record
  payload string
messages AUDIT_
  1300 AUDIT_SYSCALL record
`
