package dissect_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// bare is a frame of one T_BARE from the kernel.
func bare(body ...[]byte) *dissect.Input {
	return frame(families.ProtoRoute, le.msg(hdr{typ: tBare}, body...))
}

// deep nests an attribute in so many others.
func deep(levels int) []byte {
	b := le.attr(2, le.u32(7))
	for range levels {
		b = le.attr(38, b)
	}
	return b
}

// triggers has a frame for each code, with what the finding must say: its
// severity, which bytes it is about, and its text. Offsets count from the start
// of the frame: the message starts at 16, its body at 32.
var triggers = []struct {
	code     dissect.Code
	in       *dissect.Input
	sev      string
	off, len uint32
	text     string
}{
	{dissect.LinkShort, &dissect.Input{Data: cooked(0)[:7], OrigLen: 7}, "error", 0, 7, "the cooked header needs 16 bytes, there are 7"},
	{dissect.LinkType, &dissect.Input{Data: make([]byte, 20), OrigLen: 20}, "error", 2, 2, "hardware type 0 is not ARPHRD_NETLINK (824)"},
	{dissect.FrameTruncated, &dissect.Input{Data: cooked(0), OrigLen: 99}, "warning", 0, 16, "16 of 99 bytes were captured"},
	{dissect.FrameTooLarge, &dissect.Input{Data: append(cooked(0), make([]byte, 4<<20+1)...), OrigLen: 5 << 20}, "warning", 0, 4<<20 + 16, "only the first 4194320 of 5242880 bytes are decoded"},
	{dissect.FrameLimit, bare(bytes.Repeat(le.attr(18, le.u32(1)), 40000)), "warning", 32 + 8*32765, 8 * (40000 - 32765), "more than 131072 rows or 8192 messages in one frame: what follows is one row"},
	{dissect.FrameFindings, bare(bytes.Repeat(le.attr(5), 20000)), "warning", 0, 32 + 80000, "more than 16384 findings in one frame: the others are left out"},
	{dissect.FrameTrailing, frame(0, []byte{1, 2, 3}), "error", 16, 3, "3 bytes behind the last message are too few for a header"},
	{dissect.FrameZeros, frame(0, le.msg(hdr{typ: tBare}), make([]byte, 20)), "note", 32, 20, "20 zero bytes behind the last message; the kernel ignores them"},
	{dissect.FrameMisfit, frame(16, le.msg(hdr{typ: 30}, genl(1, 1)), le.u32(99), make([]byte, 16)), "error", 36, 20, "20 bytes behind the last message that are none: their nlmsg_len does not fit"},
	{dissect.MsgLenSmall, frame(0, le.msg(hdr{typ: tBare, length: 15})), "error", 16, 4, "nlmsg_len 15 is less than the header's 16"},
	{dissect.MsgPastEnd, frame(0, le.msg(hdr{typ: tBare, length: 99})), "error", 16, 4, "nlmsg_len 99, but only 16 bytes are left in the frame"},
	{dissect.MsgPadding, frame(0, le.msg(hdr{typ: tBare}, le.rawAttr(5, 1, []byte{1}))[:21], []byte{0, 2, 0}), "note", 37, 3, "the padding behind the message is not zero"},
	{dissect.MsgTypeUnknown, frame(0, le.msg(hdr{typ: 99})), "warning", 20, 2, "message type 99 is not described for this protocol"},
	{dissect.MsgFlagsUnknown, frame(0, le.msg(hdr{typ: tBare, flags: 0x8000})), "note", 22, 2, "flag bits 0x8000 have no meaning for this message"},
	{dissect.MsgBodyUnknown, frame(0, le.msg(hdr{typ: 32}, le.u32(0))), "note", 32, 4, "no description of this message's body fits"},
	{dissect.MsgPayload, frame(0, le.msg(hdr{typ: 28}, le.u32(0))), "note", 32, 4, "4 bytes where the message should end"},
	{dissect.GenlShort, frame(16, le.msg(hdr{typ: 16}, []byte{1, 2})), "error", 32, 2, "the generic header needs 4 bytes, there are 2"},
	{dissect.GenlFamilyUnknown, frame(16, le.msg(hdr{typ: 30}, genl(1, 1))), "warning", 20, 2, "the capture does not say which family has id 30"},
	{dissect.GenlCmdUnknown, frame(16, le.msg(hdr{typ: 16}, genl(99, 1))), "warning", 32, 1, "command 99 is not described for this family"},
	{dissect.GenlReserved, frame(16, le.msg(hdr{typ: 16}, []byte{1, 1, 0, 1})), "note", 34, 2, "genlmsghdr.reserved is 256, not 0"},
	{dissect.HeaderShort, frame(0, le.msg(hdr{typ: 16}, le.u32(0))), "error", 32, 4, "the header needs 8 bytes, there are 4"},
	{dissect.AttrLenSmall, bare(le.rawAttr(3, 2)), "error", 32, 2, "nla_len 3 is less than the attribute header's 4"},
	{dissect.AttrPastEnd, bare(le.rawAttr(99, 2, le.u32(1))), "error", 32, 2, "nla_len 99, but only 8 bytes are left"},
	{dissect.AttrTrailing, bare(le.attr(5), []byte{1}), "error", 36, 1, "1 byte behind the last attribute is too few for another"},
	{dissect.AttrLenWrapped, bare(nest(38, bytes.Repeat(le.attr(18, le.u32(1)), 10000), le.attr(2, le.u32(1))), le.attr(2, le.u32(1))), "error", 32, 2, "nla_len 14476 wrapped at 64 KiB: the nest goes on to 80012 bytes"},
	{dissect.AttrGarbled, bare(le.attr(60, le.attr(500, []byte{1}))), "error", 36, 8, "8 bytes that are no attributes, and may be key material"},
	{dissect.AttrUnknown, bare(le.attr(99, []byte{1})), "warning", 32, 5, "attribute type 99 is not described here"},
	{dissect.AttrSize, bare(le.attr(2, []byte{1})), "warning", 36, 1, "1 byte of payload where the type has 4"},
	{dissect.AttrDuplicate, bare(le.attr(5), le.attr(5)), "note", 36, 4, "attribute type 5 stands here twice"},
	{dissect.AttrDuplicate, frame(0, le.msg(hdr{typ: tBare, flags: 1}, le.attr(5), le.attr(5))), "note", 36, 4, "attribute type 5 stands here twice; the kernel takes the last"},
	{dissect.AttrNestedFlag, bare(le.attr(0x8005)), "warning", 34, 2, "NLA_F_NESTED on an attribute that holds no attributes"},
	{dissect.AttrNestedMissing, frame(16, le.msg(hdr{typ: 16, flags: 1}, genl(3, 1), le.attr(6))), "note", 38, 2, "a request's nest without NLA_F_NESTED; strict checking refuses it"},
	{dissect.AttrOrderFlag, bare(le.attr(0x4002, le.u32(1))), "warning", 34, 2, "NLA_F_NET_BYTEORDER on an attribute in host order"},
	{dissect.AttrFlags, bare(le.attr(0xc026, le.attr(5))), "warning", 34, 2, "NLA_F_NESTED and NLA_F_NET_BYTEORDER together"},
	{dissect.AttrRange, frame(0, le.msg(hdr{typ: tBare, flags: 1}, le.attr(16, []byte{9}))), "warning", 36, 1, "the value is outside of what the kernel accepts"},
	{dissect.PaddingMissing, bare(le.rawAttr(5, 1, []byte{1})), "note", 37, 0, "3 bytes of padding are missing at the end"},
	{dissect.PaddingNonzero, bare(le.rawAttr(5, 1, []byte{1, 2, 0, 0})), "note", 37, 3, "padding is not zero"},
	{dissect.StructShort, bare(le.attr(10, le.u16(1))), "warning", 36, 2, "the struct needs 8 bytes, there are 2"},
	{dissect.StructLong, bare(le.attr(10, make([]byte, 20))), "note", 44, 12, "12 bytes more than the struct as we know it"},
	{dissect.ArrayRemainder, bare(le.attr(12, make([]byte, 5))), "warning", 40, 1, "1 byte left over behind the last element of 2 bytes"},
	{dissect.StringTrailing, bare(le.attr(3, []byte("a\x00bc"))), "note", 38, 2, "2 bytes behind the string's NUL"},
	{dissect.StringLong, frame(0, le.msg(hdr{typ: tBare, flags: 1}, le.attr(69, str("abcdef")))), "warning", 36, 7, "6 characters where the kernel takes at most 4"},
	{dissect.SelectorMissing, bare(le.attr(7, le.u32(1))), "warning", 32, 8, "what chooses this attribute's format is not in the message"},
	{dissect.SelectorUnknown, bare(le.attr(6, str("new")), le.attr(7)), "note", 40, 4, "no description for the chosen format"},
	{dissect.RecordLen, bare(le.attr(20, make([]byte, 8))), "error", 36, 8, "record length 0, but its struct has 8 bytes"},
	{dissect.TLVLen, bare(le.attr(48, []byte{1, 0})), "error", 37, 1, "element length 0 is less than its head's 2"},
	{dissect.TLVPastEnd, bare(le.attr(21, []byte{1, 9})), "error", 37, 1, "element length 9, but only 0 bytes are left"},
	{dissect.DepthLimit, bare(deep(50)), "error", 188, 52, "attributes are nested deeper than 40 levels"},
	{dissect.ErrorShort, frame(0, le.msg(hdr{typ: 2}, le.u32(0))), "error", 36, 0, "an error message needs 20 bytes, there are 4"},
	{dissect.EchoShort, frame(0, errno(0, -1, request[:20])), "warning", 36, 4, "the echoed request has 44 bytes, only 20 are there"},
	{dissect.ExtAckOffset, frame(0, errno(tlvs, -1, request, offs(99))), "warning", 16, 72, "offset 99 points outside of the request's 44 bytes"},
	{dissect.ErrnoRange, frame(0, errno(capped, 5, request[:16])), "note", 32, 4, "errno 5 is not one the kernel knows"},
}

// TestFindings: there is a frame for every code, and what is found is about
// the right bytes.
func TestFindings(t *testing.T) {
	d := dissect.New(fullDB(t))
	triggered := map[dissect.Code]bool{}
	for _, c := range triggers {
		tree := decode(t, d, c.in)
		triggered[c.code] = true
		found := false
		for i := range tree.Findings {
			f := &tree.Findings[i]
			if f.Code != c.code {
				continue
			}
			found = true
			if f.Off != c.off || f.Len != c.len {
				t.Errorf("%s: bytes %d+%d, want %d+%d", f.Name(), f.Off, f.Len, c.off, c.len)
			}
			if got := string(f.AppendText(nil)); got != c.text {
				t.Errorf("%s: %q, want %q", f.Name(), got, c.text)
			}
			if got := f.Severity().String(); got != c.sev {
				t.Errorf("%s: %s, want %s", f.Name(), got, c.sev)
			}
		}
		if !found {
			f := dissect.Finding{Code: c.code}
			t.Errorf("%s is not found, but %q", f.Name(), codesOf(tree))
		}
	}
	for c := range dissect.NumCodes {
		if f := (dissect.Finding{Code: dissect.Code(c)}); !triggered[f.Code] {
			t.Errorf("nothing triggers %s", f.Name())
		}
	}
}

// TestFindingsOf splits findings by rows.
func TestFindingsOf(t *testing.T) {
	d := dissect.New(fullDB(t))
	in := frame(0, le.msg(hdr{typ: tBare}, le.attr(99), le.attr(98)), le.msg(hdr{typ: tBare}, le.attr(97)), []byte{1})
	in.OrigLen++
	tree := decode(t, d, in)
	first, second := tree.Msgs[0].Node, tree.Msgs[1].Node
	end := int32(len(tree.Nodes))
	for _, c := range []struct{ from, to, want int32 }{
		{-1, end, 4}, {0, end, 3}, {-1, 0, 1}, {first, second, 2}, {second, tree.Nodes[second].End, 1}, {end - 1, end, 0}, {end, end, 0},
	} {
		if got := tree.FindingsOf(c.from, c.to); len(got) != int(c.want) {
			t.Errorf("rows %d to %d: %d findings, want %d", c.from, c.to, len(got), c.want)
		}
	}
}

var (
	codeHead = regexp.MustCompile("(?m)^### `([a-z_.]+)` (note|warning|error)$")
	italic   = regexp.MustCompile(`\*([ABX])\*`)
)

// TestFindingsPage: docs/findings.md has every code, in the order of the code
// table, with its severity, its sentence and everything that a reader wants to
// know.
func TestFindingsPage(t *testing.T) {
	b, err := os.ReadFile("../docs/findings.md")
	if err != nil {
		t.Fatal(err)
	}
	page, _, _ := strings.Cut(string(b), "\n## Exchanges\n") // those are flow's
	heads := codeHead.FindAllStringSubmatchIndex(page, -1)
	if len(heads) != dissect.NumCodes {
		t.Errorf("%d codes are documented of %d", len(heads), dissect.NumCodes)
	}
	for i, h := range heads {
		end := len(page)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		name, sev, text := page[h[2]:h[3]], page[h[4]:h[5]], page[h[1]:end]
		if i >= dissect.NumCodes {
			break
		}
		f := dissect.Finding{Code: dissect.Code(i), A: 111, B: 222}
		if f.Name() != name || f.Severity().String() != sev {
			t.Errorf("the page has %s %s where the code has %s %s", name, sev, f.Name(), f.Severity())
			continue
		}
		sentence, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
		sentence = italic.ReplaceAllStringFunc(strings.TrimPrefix(sentence, "> "), func(s string) string {
			return map[string]string{"*A*": "111", "*B*": "222", "*X*": "0x6f"}[s]
		})
		if want := string(f.AppendText(nil)); sentence != want {
			t.Errorf("%s: the page says %q, the code %q", name, sentence, want)
		}
		for _, part := range []string{"- **Means:** ", "- **Cause:** ", "- **Kernel:** "} {
			if strings.Count(text, part) != 1 {
				t.Errorf("%s: %q does not stand there once", name, part)
			}
		}
	}
}
