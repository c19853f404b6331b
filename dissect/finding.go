package dissect

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Severity ranks findings.
type Severity uint8

// The severities.
const (
	Note    Severity = iota // legal, but worth a look
	Warning                 // probably a mistake
	Error                   // cannot be what the sender meant
)

var severityNames = [...]string{"note", "warning", "error"}

func (s Severity) String() string { return severityNames[s] }

// Code is the stable name of a kind of finding.
type Code uint8

// The findings.
const (
	LinkShort Code = iota
	LinkType
	FrameTruncated
	FrameTooLarge
	FrameLimit
	FrameFindings
	FrameTrailing
	FrameMisfit
	FrameZeros
	MsgLenSmall
	MsgPastEnd
	MsgPadding
	MsgTypeUnknown
	MsgFlagsUnknown
	MsgBodyUnknown
	MsgPayload
	GenlShort
	GenlFamilyUnknown
	GenlCmdUnknown
	GenlReserved
	HeaderShort
	AttrLenSmall
	AttrPastEnd
	AttrLenWrapped
	AttrTrailing
	AttrGarbled
	AttrUnknown
	AttrSize
	AttrDuplicate
	AttrNestedFlag
	AttrNestedMissing
	AttrOrderFlag
	AttrFlags
	AttrRange
	PaddingMissing
	PaddingNonzero
	StructShort
	StructLong
	ArrayRemainder
	StringTrailing
	StringLong
	SelectorMissing
	SelectorUnknown
	RecordLen
	TLVLen
	TLVPastEnd
	DepthLimit
	ErrorShort
	EchoShort
	ExtAckOffset
	ErrnoRange
	numCodes
)

type codeInfo struct {
	name string
	sev  Severity
	text string // %a and %b stand for the finding's numbers, %(a one|more) agrees with one, %s for A with its sign, %k for what the kernel does if B is 1
}

// codes is documented in docs/findings.md; a test compares the two.
var codes = [numCodes]codeInfo{
	LinkShort:         {"link.short", Error, "the cooked header needs 16 bytes, there %(a is|are) %a"},
	LinkType:          {"link.type", Error, "hardware type %a is not ARPHRD_NETLINK (824)"},
	FrameTruncated:    {"frame.truncated", Warning, "%a of %b %(b byte was|bytes were) captured"},
	FrameTooLarge:     {"frame.too_large", Warning, "only the first %a of %b bytes are decoded"},
	FrameLimit:        {"frame.limit", Warning, "more than %a rows or %b messages in one frame: what follows is one row"},
	FrameFindings:     {"frame.findings", Warning, "more than %a findings in one frame: the others are left out"},
	FrameTrailing:     {"frame.trailing", Error, "%a %(a byte|bytes) behind the last message %(a is|are) too few for a header"},
	FrameMisfit:       {"frame.misfit", Error, "%a bytes behind the last message that are none: their nlmsg_len does not fit"},
	FrameZeros:        {"frame.zeros", Note, "%a zero %(a byte|bytes) behind the last message; the kernel ignores them"},
	MsgLenSmall:       {"msg.len", Error, "nlmsg_len %a is less than the header's 16"},
	MsgPastEnd:        {"msg.past_end", Error, "nlmsg_len %a, but only %b %(b byte is|bytes are) left in the frame"},
	MsgPadding:        {"msg.padding", Note, "the padding behind the message is not zero"},
	MsgTypeUnknown:    {"msg.type_unknown", Warning, "message type %a is not described for this protocol"},
	MsgFlagsUnknown:   {"msg.flags_unknown", Note, "flag bits %x have no meaning for this message"},
	MsgBodyUnknown:    {"msg.body_unknown", Note, "no description of this message's body fits"},
	MsgPayload:        {"msg.payload", Note, "%a %(a byte|bytes) where the message should end"},
	GenlShort:         {"genl.short", Error, "the generic header needs 4 bytes, there %(a is|are) %a"},
	GenlFamilyUnknown: {"genl.family_unknown", Warning, "the capture does not say which family has id %a"},
	GenlCmdUnknown:    {"genl.cmd_unknown", Warning, "command %a is not described for this family"},
	GenlReserved:      {"genl.reserved", Note, "genlmsghdr.reserved is %a, not 0"},
	HeaderShort:       {"header.short", Error, "the header needs %b %(b byte|bytes), there %(a is|are) %a"},
	AttrLenSmall:      {"attr.len", Error, "nla_len %a is less than the attribute header's 4"},
	AttrPastEnd:       {"attr.past_end", Error, "nla_len %a, but only %b %(b byte is|bytes are) left"},
	AttrLenWrapped:    {"attr.len_wrapped", Error, "nla_len %a wrapped at 64 KiB: the nest goes on to %b bytes"},
	AttrTrailing:      {"attr.trailing", Error, "%a %(a byte|bytes) behind the last attribute %(a is|are) too few for another"},
	AttrGarbled:       {"attr.garbled", Error, "%a %(a byte that is no attribute|bytes that are no attributes), and may be key material"},
	AttrUnknown:       {"attr.unknown", Warning, "attribute type %a is not described here"},
	AttrSize:          {"attr.size", Warning, "%a %(a byte|bytes) of payload where the type has %b"},
	AttrDuplicate:     {"attr.duplicate", Note, "attribute type %a stands here twice%k"},
	AttrNestedFlag:    {"attr.nested_flag", Warning, "NLA_F_NESTED on an attribute that holds no attributes"},
	AttrNestedMissing: {"attr.nested_missing", Note, "a request's nest without NLA_F_NESTED; strict checking refuses it"},
	AttrOrderFlag:     {"attr.byteorder_flag", Warning, "NLA_F_NET_BYTEORDER on an attribute in host order"},
	AttrFlags:         {"attr.flags", Warning, "NLA_F_NESTED and NLA_F_NET_BYTEORDER together"},
	AttrRange:         {"attr.range", Warning, "the value is outside of what the kernel accepts"},
	PaddingMissing:    {"padding.missing", Note, "%a %(a byte|bytes) of padding %(a is|are) missing at the end"},
	PaddingNonzero:    {"padding.nonzero", Note, "padding is not zero"},
	StructShort:       {"struct.short", Warning, "the struct needs %b %(b byte|bytes), there %(a is|are) %a"},
	StructLong:        {"struct.long", Note, "%a %(a byte|bytes) more than the struct as we know it"},
	ArrayRemainder:    {"array.remainder", Warning, "%a %(a byte|bytes) left over behind the last element of %b %(b byte|bytes)"},
	StringTrailing:    {"string.trailing", Note, "%a %(a byte|bytes) behind the string's NUL"},
	StringLong:        {"string.long", Warning, "%a %(a character|characters) where the kernel takes at most %b"},
	SelectorMissing:   {"sub.selector_missing", Warning, "what chooses this attribute's format is not in the message"},
	SelectorUnknown:   {"sub.selector_unknown", Note, "no description for the chosen format"},
	RecordLen:         {"record.len", Error, "record length %a, but its struct has %b %(b byte|bytes)"},
	TLVLen:            {"tlv.len", Error, "element length %a is less than its head's %b"},
	TLVPastEnd:        {"tlv.past_end", Error, "element length %a, but only %b %(b byte is|bytes are) left"},
	DepthLimit:        {"depth.limit", Error, "attributes are nested deeper than %a levels"},
	ErrorShort:        {"error.short", Error, "an error message needs %b bytes, there %(a is|are) %a"},
	EchoShort:         {"error.echo_short", Warning, "the echoed request has %b %(b byte|bytes), only %a %(a is|are) there"},
	ExtAckOffset:      {"extack.offset", Warning, "offset %a points outside of the request's %b %(b byte|bytes)"},
	ErrnoRange:        {"error.errno", Note, "errno %s is not one the kernel knows"},
}

// aboutLength are the findings that say that bytes are not there. What the capture
// left out gives none.
var aboutLength = [numCodes]bool{
	GenlShort: true, HeaderShort: true, AttrTrailing: true, AttrPastEnd: true, AttrSize: true, StructShort: true,
	ArrayRemainder: true, SelectorMissing: true, SelectorUnknown: true, RecordLen: true, TLVPastEnd: true, ErrorShort: true,
	EchoShort: true, MsgBodyUnknown: true,
}

// Codes lists the names of all findings.
func Codes() []string {
	out := make([]string, 0, numCodes)
	for i := range codes {
		out = append(out, codes[i].name)
	}
	return out
}

// Finding is one thing that is not as it should be.
type Finding struct {
	Code     Code
	Node     int32  // the row it is about
	Off, Len uint32 // the bytes it is about, within the frame
	A, B     uint64 // the numbers in its text
}

// Severity ranks the finding.
func (f *Finding) Severity() Severity { return codes[f.Code].sev }

// Name returns the code's stable name.
func (f *Finding) Name() string { return codes[f.Code].name }

// AppendText appends one line for a person.
func (f *Finding) AppendText(dst []byte) []byte {
	s := codes[f.Code].text
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+1 < len(s) {
			i++
			switch s[i] {
			case 'a':
				dst = strconv.AppendUint(dst, f.A, 10)
			case 's':
				dst = strconv.AppendInt(dst, int64(f.A), 10)
			case 'b':
				dst = strconv.AppendUint(dst, f.B, 10)
			case 'k':
				if f.B == 1 {
					dst = append(dst, "; the kernel takes the last"...)
				}
			case '(':
				var words string
				words, i = choice(s, i, f.A, f.B)
				dst = append(dst, words...)
			case 'x':
				dst = append(dst, "0x"...)
				dst = strconv.AppendUint(dst, f.A, 16)
			}
			continue
		}
		dst = append(dst, s[i])
	}
	return dst
}

// choice reads a choice between words, (a is|are), at i, and returns the words for
// the number and where the choice ends.
func choice(s string, i int, a, b uint64) (string, int) {
	end := i + strings.IndexByte(s[i:], ')')
	if s[i+1] == 'b' {
		a = b
	}
	return phrase.Choose(a, s[i+3:end]), end
}

func (d *Dissector) find(c Code, node int32, off, length int, a, b uint64) {
	if d.missing > 0 && aboutLength[c] {
		return // frame.truncated says it
	}
	switch n := len(d.t.Findings); {
	case n > maxFindings:
		return
	case n == maxFindings:
		c, node, off, length, a, b = FrameFindings, -1, 0, len(d.data), maxFindings, 0
	}
	d.t.Findings = append(d.t.Findings, Finding{Code: c, Node: node, Off: uint32(off), Len: uint32(length), A: a, B: b})
}

// sortFindings puts the findings in the order of their rows.
func (t *Tree) sortFindings() {
	slices.SortStableFunc(t.Findings, func(a, b Finding) int { return cmp.Compare(a.Node, b.Node) })
}

// FindingsOf returns what was found of the rows from up to, but not including,
// to.
func (t *Tree) FindingsOf(from, to int32) []Finding {
	all := t.Findings
	i := sort.Search(len(all), func(i int) bool { return all[i].Node >= from })
	j := i
	for j < len(all) && all[j].Node < to {
		j++
	}
	return all[i:j]
}
