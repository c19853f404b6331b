package render

import (
	"bytes"
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

const (
	maxItem = 64      // bytes of one value in a summary
	maxText = 160     // bytes of one that is all that a message says
	maxAll  = 1 << 10 // bytes of several values of which all are to be shown
	maxList = 200     // bytes of several values in one place
	maxRest = 170     // bytes of a summary from which on nothing is added that its description does not name,
	minRest = 60      // bytes of that at least: where items take the room, an address may be what tells two apart
)

// summary appends what a message says: the parts that its description names,
// then, as far as there is room, the others.
func (l *base) summary(dst []byte, m *dissect.Msg) []byte {
	if m.Body == nil {
		return dst
	}
	if m.Message.Name == "NFT_MSG_NEWRULE" {
		return l.nftMessage(dst, m)
	}
	mark := len(dst)
	dst = l.items(dst, &m.Body.Line, m.Node, m)
	if m.Body.Line.Only {
		return dst
	}
	return l.rest(dst, m, mark)
}

// items appends what the items of a line show of what is below row at.
func (l *base) items(dst []byte, line *families.Line, at int32, m *dissect.Msg) []byte {
	var rows firstRows
	l.index(&rows, at)
	start, first := len(dst), len(dst) // of the first item's text, and its end
	for i := range line.Items {
		item := &line.Items[i]
		mark := len(dst)
		for k := range item.Alts {
			alt := &item.Alts[k]
			if len(alt.When) > 0 && !l.hold(alt.When, m) {
				continue
			}
			switch {
			case alt.Text != "":
				dst = append(l.label(dst, item), alt.Text...)
			case alt.Path == nil:
				if n := l.payload(m); n >= 0 {
					dst = l.text(l.label(dst, item), n)
				}
			default:
				if from := rows.of(alt.Path[0]); from >= 0 {
					dst = l.each(dst, mark, item, alt, at, from, alt.Path)
				}
			}
			if len(dst) > mark {
				break
			}
		}
		switch {
		case first == start:
			first = len(dst)
		case item.Other && bytes.HasSuffix(dst[mark:], dst[start:first]):
			dst = dst[:mark]
		}
	}
	return dst
}

func (l *base) label(dst []byte, item *families.BoundItem) []byte {
	dst = append(dst, ' ')
	if item.Label == "" {
		return dst
	}
	return append(append(dst, item.Label...), ' ')
}

// hold says whether all conditions are true of a message.
func (l *base) hold(conds []families.Cond, m *dissect.Msg) bool {
	for i := range conds {
		if m == nil || !l.t.Holds(&conds[i], m) {
			return false
		}
	}
	return true
}

// each appends the values that a path leads to from row parent, the first one
// or all. The first can only be at or behind row i.
func (l *base) each(dst []byte, mark int, item *families.BoundItem, alt *families.BoundAlt, parent, i int32, path []*families.Field) []byte {
	f, around, end := path[0], l.t.Nodes[parent].Field, l.t.Nodes[parent].End
	for i < end {
		n := &l.t.Nodes[i]
		switch {
		case n.Field == f:
			if len(path) > 1 {
				dst = l.each(dst, mark, item, alt, i, i+1, path[1:])
			} else if item.Always || !l.unset(i) {
				dst = l.one(dst, mark, item, i)
			}
			if !alt.Many {
				return dst
			}
			if len(dst)-mark > maxList {
				return clip(dst, mark, maxList)
			}
		case transparent(n, around):
			i++
			continue
		}
		i = n.End
	}
	return dst
}

// one appends the value in row i, behind those that stand there since mark.
func (l *base) one(dst []byte, mark int, item *families.BoundItem, i int32) []byte {
	t, was := l.t.Nodes[i].Type, len(dst)
	switch {
	case len(dst) > mark && dst[len(dst)-1] == '-': // a range
	case len(dst) > mark:
		dst = append(dst, ',')
	case t != nil && t.Hint == families.HintPrefix:
		return l.brief(dst, i)
	default:
		dst = l.label(dst, item)
	}
	if item.Count {
		n := &l.t.Nodes[i]
		if from, to := l.t.Payload(i); n.Kind == dissect.KindAttr && isInteger(n.Type) && from < to {
			n = &l.t.Nodes[from]
		}
		if n.Kind.Leaf() {
			return strconv.AppendUint(dst, l.t.Uint(n), 10)
		}
		return strconv.AppendInt(dst, int64(l.children(i)), 10)
	}
	if t != nil && t.Kind == families.KindFlag && item.Label == "" {
		return append(dst, l.t.Nodes[i].Field.Short...)
	}
	value, room := len(dst), maxList
	if item.All {
		room = maxAll
	}
	if dst = l.briefTo(dst, i, room); len(dst) == value {
		return dst[:was] // there is nothing in it
	}
	return dst
}

// payload is the row of the value behind a message's headers, -1 if there is
// none.
func (l *base) payload(m *dissect.Msg) int32 {
	for i := l.t.Body(m); i < l.t.Nodes[m.Node].End; i = l.t.Nodes[i].End {
		if l.t.Nodes[i].Kind == dissect.KindValue {
			return i
		}
	}
	return -1
}

// unset says whether a row is a header's member that nobody filled in: a
// header has all its members, so a zero there says nothing.
func (l *base) unset(i int32) bool {
	n := &l.t.Nodes[i]
	return n.Kind == dissect.KindMember && allZero(l.t.Bytes(n))
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

// brief appends one value without quotes, an interface by its name, and of
// several what they hold.
func (l *base) brief(dst []byte, i int32) []byte { return l.briefTo(dst, i, maxItem) }

// briefTo is brief with so many bytes for what has several values.
func (l *base) briefTo(dst []byte, i int32, limit int) []byte {
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
			return l.inner(dst, i, from, to, limit)
		}
		n = first
	}
	switch t := n.Type; {
	case t == nil || l.secret(n):
		dst = l.value(dst, n)
	case t.Kind == families.KindString && len(cstring(l.t.Bytes(n))) > 0:
		dst = appendEscaped(dst, cstring(l.t.Bytes(n)), 0)
	case t.Hint == families.HintFamilyID:
		dst = l.value(dst, n)
		if name := l.t.GenlName(uint16(l.t.Uint(n))); name != "" {
			dst = appendEscaped(append(dst, ' '), []byte(name), 0)
		}
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

func isInteger(t *families.Type) bool {
	return t != nil && (t.Kind == families.KindUint || t.Kind == families.KindSint)
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
