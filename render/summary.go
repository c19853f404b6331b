package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

const (
	maxItem    = 64  // bytes of one value in a summary
	maxText    = 160 // bytes of one that is all that a message says
	maxSummary = 4   // values in a summary that nobody described
)

// summary appends what a message says: the parts that its description names,
// or else its first few values.
func (l *base) summary(dst []byte, m *dissect.Msg) []byte {
	if m.Body == nil {
		return dst
	}
	if m.Message.Name == "NFT_MSG_NEWRULE" {
		return l.nftMessage(dst, m)
	}
	if len(m.Body.Line) == 0 {
		return l.firstValues(dst, m)
	}
	for i := range m.Body.Line {
		item := &m.Body.Line[i]
		for _, path := range item.Paths {
			n := l.follow(m, path)
			if n < 0 || !item.Always && l.unset(n) {
				continue
			}
			if t := l.t.Nodes[n].Type; t == nil || t.Hint != families.HintPrefix { // nil: the member is cut off
				dst = append(dst, ' ')
			}
			if item.Label != "" {
				dst = append(dst, item.Label...)
				dst = append(dst, ' ')
			}
			if path == nil {
				dst = l.text(dst, n)
			} else {
				dst = l.brief(dst, n)
			}
			break
		}
	}
	return dst
}

// unset says whether a row is a header's member that nobody filled in: a
// header has all its members, so a zero there says nothing.
func (l *base) unset(i int32) bool {
	n := &l.t.Nodes[i]
	return n.Kind == dissect.KindMember && allZero(l.t.Bytes(n))
}

// follow walks from a message along a path, -1 if it is not there. A path of no
// field leads to the value behind the headers.
func (l *base) follow(m *dissect.Msg, path []*families.Field) int32 {
	n := m.Node
	if path == nil {
		for i := l.t.Body(m); i < l.t.Nodes[n].End; i = l.t.Nodes[i].End {
			if l.t.Nodes[i].Kind == dissect.KindValue {
				return i
			}
		}
		return -1
	}
	for _, f := range path {
		if n = l.t.Find(n, f); n < 0 {
			return -1
		}
	}
	return n
}

// text appends the value that is the whole of a message.
func (l *base) text(dst []byte, i int32) []byte {
	n := &l.t.Nodes[i]
	mark := len(dst)
	if n.Type != nil && n.Type.Kind == families.KindString && !l.secret(n) {
		return clip(appendEscaped(dst, cstring(l.t.Bytes(n)), 0), mark, maxText)
	}
	return l.brief(dst, i)
}

// briefStrings appends strings one behind the other.
func (l *base) briefStrings(dst []byte, i int32) []byte {
	mark := len(dst)
	from, to := l.t.Payload(i)
	for j := from; j < to && len(dst)-mark < maxText; j = l.t.Nodes[j].End {
		if j > from {
			dst = append(dst, ' ')
		}
		dst = appendEscaped(dst, cstring(l.t.Bytes(&l.t.Nodes[j])), 0)
	}
	return clip(dst, mark, maxText)
}

// brief appends one value without quotes, and an interface by its name.
func (l *base) brief(dst []byte, i int32) []byte {
	n := &l.t.Nodes[i]
	mark := len(dst)
	if !n.Kind.Leaf() {
		from, to := l.t.Payload(i)
		if from >= to {
			if n.Type != nil && n.Type.Kind == families.KindFlag {
				return append(dst, "yes"...)
			}
			return append(dst, '-')
		}
		first := &l.t.Nodes[from]
		if n.Type != nil && n.Type.Kind == families.KindPacket && !l.secret(first) {
			return l.packetBrief(dst, i)
		}
		if n.Type != nil && n.Type.Kind == families.KindStrings && !l.secret(first) {
			return l.briefStrings(dst, i)
		}
		if !first.Kind.Leaf() || first.End < to && !single(n.Type) || n.Type != nil && n.Type.Kind == families.KindStruct {
			dst = append(dst, '(')
			dst = strconv.AppendInt(dst, int64(l.children(i)), 10)
			return append(dst, ')')
		}
		n = first
	}
	switch t := n.Type; {
	case t == nil || l.secret(n):
		dst = l.value(dst, n)
	case t.Kind == families.KindString && len(cstring(l.t.Bytes(n))) > 0:
		dst = appendEscaped(dst, cstring(l.t.Bytes(n)), 0)
	case t.Hint == families.HintIfIndex && int32(l.t.Uint(n)) >= 0:
		v := uint32(l.t.Uint(n))
		if name := l.ifname(v); name != "" {
			dst = appendEscaped(dst, []byte(name), 0)
		} else {
			dst = append(dst, "if"...)
			dst = strconv.AppendUint(dst, uint64(v), 10)
		}
	default:
		dst = l.value(dst, n)
	}
	return clip(dst, mark, maxItem)
}

// single says whether a payload of a type is one value: what stands behind it is
// not part of it.
func single(t *families.Type) bool {
	if t == nil {
		return false
	}
	switch t.Kind {
	case families.KindUint, families.KindSint, families.KindString, families.KindBinary, families.KindBitfield32, families.KindArray:
		return true
	}
	return false
}

// children counts the rows right below one, its own header and padding left
// out.
func (l *base) children(i int32) int {
	from, to := l.t.Payload(i)
	c := 0
	for j := from; j < to; j = l.t.Nodes[j].End {
		c++
	}
	return c
}

// firstValues appends the first scalar attributes of a message.
func (l *base) firstValues(dst []byte, m *dissect.Msg) []byte {
	shown := 0
	for i := m.Node + 1; i < l.t.Nodes[m.Node].End && shown < maxSummary; {
		n := &l.t.Nodes[i]
		if n.Kind == dissect.KindAttr && n.Field != nil && n.Type != nil && scalar(n.Type) {
			dst = append(dst, ' ')
			dst = append(dst, n.Field.Short...)
			dst = append(dst, ' ')
			dst = l.brief(dst, i)
			shown++
		}
		i = n.End
	}
	return dst
}

func scalar(t *families.Type) bool {
	switch t.Kind {
	case families.KindUint, families.KindSint, families.KindString, families.KindFlag:
		return true
	case families.KindBinary:
		return t.Hint != families.HintNone
	}
	return false
}
