package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

const (
	capped = 0x100
	tlvs   = 0x200
)

// request is a T_BARE from user space with a nest in it.
var request = le.msg(hdr{typ: tBare, flags: 5, seq: 9, portid: 7},
	le.attr(1, []byte{5}), le.attr(4, le.attr(1, le.u32(7)), le.attr(2, str("x"))))

// errno is an NLMSG_ERROR.
func errno(flags uint16, n int32, rest ...[]byte) []byte {
	return le.msg(hdr{typ: 2, flags: flags, seq: 9, portid: 7}, append([][]byte{le.u32(uint32(n))}, rest...)...)
}

func done(flags uint16, n int32, rest ...[]byte) []byte {
	return le.msg(hdr{typ: 3, flags: flags | 2, seq: 9, portid: 7}, append([][]byte{le.u32(uint32(n))}, rest...)...)
}

func TestErrors(t *testing.T) {
	const (
		echoHdr  = "nlmsghdr{nlmsg_len=44 nlmsg_type=20 nlmsg_flags=5 nlmsg_seq=9 nlmsg_pid=7}"
		echoBody = ` T_U8(5 _3) T_NEST(I_U32(7) I_STR("x\x00" _2))`
	)
	msg := le.attr(1, str("bad"))
	odd := le.msg(hdr{typ: tBare, flags: 5, seq: 9, portid: 7}, le.rawAttr(5, 1, []byte{5})) // 21 bytes, 24 with padding
	const oddEcho = "msg{nlmsghdr{nlmsg_len=21 nlmsg_type=20 nlmsg_flags=5 nlmsg_seq=9 nlmsg_pid=7} T_U8(5) _3}"
	for _, c := range []struct {
		name  string
		msg   []byte
		errno int32
		body  string
		codes string
		text  string
	}{
		{"ACK", errno(capped, 0, request[:16]), 0, "nlmsgerr{error=0} msg{" + echoHdr + "}", "", ""},
		{"ACK of a kernel that does not say capped", errno(0, 0, request[:16]), 0, "nlmsgerr{error=0} msg{" + echoHdr + "}", "", ""},
		{"warning", errno(capped|tlvs, 0, request[:16], msg), 0, "nlmsgerr{error=0} msg{" + echoHdr + `} NLMSGERR_ATTR_MSG("bad\x00")`, "", "bad"},
		{"error with the whole request", errno(0, -22, request), -22, "nlmsgerr{error=-22} msg{" + echoHdr + echoBody + "}", "", ""},
		{"error, capped", errno(capped, -22, request[:16]), -22, "nlmsgerr{error=-22} msg{" + echoHdr + "}", "", ""},
		{"TLVs behind the whole request", errno(tlvs, -22, request, msg), -22,
			"nlmsgerr{error=-22} msg{" + echoHdr + echoBody + `} NLMSGERR_ATTR_MSG("bad\x00")`, "", "bad"},
		{"TLVs behind a request of odd length", errno(tlvs, -22, odd, msg), -22, "nlmsgerr{error=-22} " + oddEcho + ` NLMSGERR_ATTR_MSG("bad\x00")`, "padding.missing", "bad"},
		{"TLVs behind the header only", errno(capped|tlvs, -22, request[:16], msg), -22,
			"nlmsgerr{error=-22} msg{" + echoHdr + `} NLMSGERR_ATTR_MSG("bad\x00")`, "", "bad"},
		{"echo cut short", errno(0, -22, request[:24]), -22, "nlmsgerr{error=-22} msg{" + echoHdr + " T_U8(5 _3)}", "error.echo_short", ""},
		{"more than the flags say", errno(capped, -22, request[:16], le.u32(0)), -22,
			"nlmsgerr{error=-22} msg{" + echoHdr + "} ?00000000", "msg.payload", ""},
		{"echo of a length that cannot be", errno(0, -22, le.msg(hdr{typ: tBare, flags: 1, length: 3})), -22,
			"nlmsgerr{error=-22} msg{nlmsghdr{nlmsg_len=3 nlmsg_type=20 nlmsg_flags=1 nlmsg_seq=0 nlmsg_pid=0}}", "", ""},
		{"echo of an error", errno(0, -22, errno(0, -1, request[:16])), -22,
			"nlmsgerr{error=-22} msg{nlmsghdr{nlmsg_len=36 nlmsg_type=2 nlmsg_flags=0 nlmsg_seq=9 nlmsg_pid=7} ?ffffffff" + "2c000000140005000900000007000000}", "", ""},
		{"without an errno", le.msg(hdr{typ: 2}, []byte{1, 2}), 0, "?0102 _2", "error.short", ""},
		{"without a request", errno(0, -22, le.u32(1)), -22, "nlmsgerr{error=-22} ?01000000", "error.short", ""},
		{"positive", errno(capped, 22, request[:16]), 22, "nlmsgerr{error=22} msg{" + echoHdr + "}", "error.errno", ""},
		{"beyond MAX_ERRNO", errno(capped, -5000, request[:16]), -5000, "nlmsgerr{error=-5000} msg{" + echoHdr + "}", "error.errno", ""},

		{"done", done(0, 0), 0, "nlmsgdone{error=0}", "", ""},
		{"done with what the family likes", done(0, 300), 300, "nlmsgdone{error=300}", "", ""},
		{"done without a number", le.msg(hdr{typ: 3, flags: 2}), 0, "", "", ""},
		{"done with half a number", le.msg(hdr{typ: 3, flags: 2}, []byte{1, 2}), 0, "?0102 _2", "error.short", ""},
		{"done with TLVs", done(tlvs, -22, msg), -22, `nlmsgdone{error=-22} NLMSGERR_ATTR_MSG("bad\x00")`, "", "bad"},
		{"done with more than it says", done(0, 0, le.attr(1, str("bad"))), 0, `nlmsgdone{error=0} #1(?62616400)`, "msg.payload", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := decode(t, dissect.New(fullDB(t)), frame(families.ProtoRoute, c.msg))
			m := &tree.Msgs[0]
			if got := bodyOf(tree, 0); got != c.body {
				t.Errorf("got  %s\nwant %s", got, c.body)
			}
			if m.Errno != c.errno {
				t.Errorf("errno %d, want %d", m.Errno, c.errno)
			}
			if got := codesOf(tree); got != c.codes {
				t.Errorf("findings %q, want %q", got, c.codes)
			}
			text := ""
			if m.ExtAck.Text >= 0 {
				text = string(tree.Bytes(&tree.Nodes[m.ExtAck.Text]))
			}
			if want := c.text; want != "" && text != want+"\x00" || want == "" && text != "" {
				t.Errorf("text %q, want %q", text, want)
			}
		})
	}
}

// TestEcho: the echoed request is a message too, bound to its error, and goes
// to the kernel whatever the frame's direction.
func TestEcho(t *testing.T) {
	d := dissect.New(fullDB(t))
	in := frame(families.ProtoRoute, errno(0, -22, request), errno(capped, 0, request[:16]))
	in.Dir = dissect.DirFromKernel
	tree := decode(t, d, in)
	if len(tree.Msgs) != 4 {
		t.Fatalf("%d messages, want 4", len(tree.Msgs))
	}
	for _, i := range []int{0, 2} {
		m, echo := &tree.Msgs[i], &tree.Msgs[i+1]
		if int(m.Echo) != i+1 || int(echo.EchoOf) != i || m.EchoOf != -1 || echo.Echo != -1 {
			t.Errorf("messages %d and %d: echo %d, echo of %d", i, i+1, m.Echo, echo.EchoOf)
		}
		if m.Dir != dissect.DirFromKernel || echo.Dir != dissect.DirToKernel {
			t.Errorf("messages %d and %d: directions %d and %d", i, i+1, m.Dir, echo.Dir)
		}
		if echo.Seq != 9 || echo.Message == nil || echo.Message.Name != "T_BARE" || echo.FlagSet == nil || echo.FlagSet.Name != "nlm-new" {
			t.Errorf("message %d is %+v", i+1, echo)
		}
	}
}

// TestConnectorIsNotDone: the type of a connector message is NLMSG_DONE's.
func TestConnectorIsNotDone(t *testing.T) {
	d := dissect.New(fullDB(t))
	tree := decode(t, d, frame(families.ProtoConnector, le.msg(hdr{typ: 3}, le.u32(1), le.u32(0xffffffff))))
	if m := tree.Msgs[0]; m.HasErrno || m.Message == nil {
		t.Errorf("%+v", m)
	}
	tree = decode(t, d, frame(families.ProtoConnector, le.msg(hdr{typ: 2}, le.u32(0), le.msg(hdr{typ: 3}))))
	if m := tree.Msgs[0]; !m.HasErrno || m.Echo != 1 {
		t.Errorf("NLMSG_ERROR is the same everywhere: %+v", m)
	}
}
