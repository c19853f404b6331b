package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// Span is a range of bytes within a frame.
type Span struct{ From, To int }

// Secrets lists the bytes of a frame that are not to be shown: key material,
// unless o.ShowSecrets is set. The spans are in order and apart.
func Secrets(o Options, ev *Event) []Span {
	b := base{Options: o}
	b.set(ev)
	var out []Span
	for _, s := range b.secrets(0, int32(len(b.t.Nodes))) {
		out = append(out, Span{s.from, s.to})
	}
	return out
}

// NodeName returns the name of row i of a tree: of an attribute or a member
// the kernel's, of everything else a word.
func NodeName(t *dissect.Tree, i int32) string {
	n := &t.Nodes[i]
	switch n.Kind {
	case dissect.KindLink:
		return "cooked header"
	case dissect.KindMessage:
		m := t.MsgOf(i)
		op := string(appendOp(nil, m))
		if m.EchoOf >= 0 && t.Msgs[m.EchoOf].HasErrno {
			return "request " + op
		}
		return op
	case dissect.KindStruct:
		return structName(n)
	case dissect.KindElem:
		if !elemNamed(n) {
			return "[" + strconv.Itoa(indexOf(t, i)) + "]"
		}
		return n.Field.Name
	case dissect.KindAttr:
		if n.Field == nil {
			return "unknown type " + strconv.Itoa(int(n.ID))
		}
		return n.Field.Name
	case dissect.KindLen:
		return "nla_len"
	case dissect.KindType:
		return "nla_type"
	case dissect.KindPadding:
		if n.Field == nil {
			return "padding"
		}
	case dissect.KindValue:
		if n.Field != nil && n.Parent >= 0 && t.Nodes[n.Parent].Field == n.Field {
			return "value"
		}
	}
	return leafName(n)
}

// indexOf is the place of an element among those around it.
func indexOf(t *dissect.Tree, i int32) int {
	n := &t.Nodes[i]
	if n.Parent < 0 {
		return int(n.ID)
	}
	p := &t.Nodes[n.Parent]
	if p.Type == nil || p.Type.Kind != families.KindIndexed {
		return int(n.ID)
	}
	k := 0
	for j := n.Parent + 1; j < i; j = t.Nodes[j].End {
		if t.Nodes[j].Kind == dissect.KindElem || t.Nodes[j].Kind == dissect.KindAttr {
			k++
		}
	}
	return k
}

// AppendNode appends what row i holds on one line: the value of a leaf or of
// an attribute with one, else what can be said of everything in it.
func AppendNode(dst []byte, o Options, ev *Event, i int32) []byte {
	b := base{Options: o}
	b.set(ev)
	n := &b.t.Nodes[i]
	switch {
	case n.Kind == dissect.KindMessage:
		m := b.t.MsgOf(i)
		mark := len(dst)
		if m.HasErrno {
			dst = b.what(dst, m)
		} else {
			dst = b.summary(dst, m)
		}
		if len(dst) > mark && dst[mark] == ' ' {
			dst = append(dst[:mark], dst[mark+1:]...)
		}
		return dst
	case n.Kind == dissect.KindLen || n.Kind == dissect.KindType:
		return strconv.AppendUint(dst, b.t.Uint(n), 10)
	case n.Kind == dissect.KindMember && n.Field.Name == "nlmsg_flags":
		if m := b.msgAt(n.Off); m != nil { // which names they have, the message decides
			return appendFlags(dst, m.FlagSet, b.t.Uint(n))
		}
		return b.value(dst, n)
	case n.Kind.Leaf():
		return b.value(dst, n)
	case n.Kind == dissect.KindLink:
		return append(dst, protocolName(b.t.Proto)...)
	}
	if out, ok := b.show(dst, i); ok {
		return out
	}
	if m := b.msgAt(n.Off); m != nil && m.Node+1 == i && !m.Datagram {
		return nlmsghdr(dst, m)
	}
	from, to := b.t.Payload(i)
	if from < to && b.t.Nodes[from].Kind.Leaf() && from+1 == to && !named(&b.t.Nodes[from], n) {
		mark := len(dst)
		dst = b.value(dst, &b.t.Nodes[from])
		if m := b.msgAt(n.Off); m != nil && len(dst) > mark {
			dst = (&Tree{base: b}).pointed(dst, m, n)
		}
		return dst
	}
	if from >= to {
		return dst
	}
	return b.inside(dst, i)
}

// nlmsghdr appends what a message's header says.
func nlmsghdr(dst []byte, m *dissect.Msg) []byte {
	dst = append(dst, "type "...)
	dst = appendType(dst, m)
	if m.Flags != 0 {
		dst = append(dst, ", "...)
		dst = appendFlags(dst, m.FlagSet, uint64(m.Flags))
	}
	dst = append(dst, ", seq "...)
	dst = strconv.AppendUint(dst, uint64(m.Seq), 10)
	dst = append(dst, ", portid "...)
	return strconv.AppendUint(dst, uint64(m.PortID), 10)
}

// inside appends the first values below a row, as a taste of what is folded,
// or how many rows there are.
func (b *base) inside(dst []byte, i int32) []byte {
	const most = 4
	from, to := b.t.Payload(i)
	mark, shown, all := len(dst), 0, 0
	for j := from; j < to; j = b.t.Nodes[j].End {
		n := &b.t.Nodes[j]
		if n.Kind == dissect.KindPadding {
			continue
		}
		all++
		if b.unset(j) || !n.Kind.Leaf() && !b.oneValue(j) {
			continue
		}
		if shown++; shown > most {
			return append(dst, " …"...)
		}
		if len(dst) > mark {
			dst = append(dst, ' ')
		}
		dst = b.brief(dst, j)
	}
	if shown == 0 && all > 0 && b.t.Nodes[i].Kind != dissect.KindStruct {
		dst = append(dst, '(')
		dst = strconv.AppendInt(dst, int64(all), 10)
		dst = append(dst, ')')
	}
	return dst
}

// oneValue says whether a row that is no leaf holds one value.
func (b *base) oneValue(i int32) bool {
	from, to := b.t.Payload(i)
	return from >= to || from+1 == to && b.t.Nodes[from].Kind.Leaf()
}

// AppendFinding appends a finding's code and text on one line.
func AppendFinding(dst []byte, f *dissect.Finding) []byte {
	dst = append(append(dst, f.Severity().String()...), ' ')
	dst = append(append(dst, f.Name()...), ": "...)
	return f.AppendText(dst)
}

// ErrnoName returns the name of the errno that m reports, or "".
func ErrnoName(t *dissect.Tree, m *dissect.Msg) string {
	b := base{t: t}
	return errnoName(b.errnoEnum(m), m.Errno)
}

// Escape returns s with everything that a terminal would act on as \xNN, and
// backslashes doubled, so that what was there can be read off.
func Escape(s string) string { return string(appendEscaped(nil, []byte(s), 0)) }
