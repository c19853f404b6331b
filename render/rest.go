package render

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"slices"
)

// inner appends what the rows from…to in row i hold: as the description of what
// is there says, or else all of it in brackets.
func (l *base) inner(dst []byte, i, from, to int32, limit int) []byte {
	if out, ok := l.show(dst, i); ok {
		return out
	}
	mark := len(dst)
	open, end := byte('{'), byte('}')
	if l.t.Nodes[from].Kind == dissect.KindElem {
		open, end = '[', ']'
	} else if out, ok := l.described(dst, i); ok {
		return out
	}
	dst = append(dst, open)
	if dst = l.values(dst, from, to, mark+limit, nil); len(dst) == mark+1 {
		return dst[:mark]
	}
	return append(dst, end)
}

// described appends the words of the lines that the attributes and the struct in
// row i have. It reports whether there are such lines.
func (l *base) described(dst []byte, i int32) ([]byte, bool) {
	n := &l.t.Nodes[i]
	if n.Type == nil {
		return dst, false
	}
	mark, ok := len(dst), false
	if set := n.Type.Set; set != nil && len(set.Line.Items) > 0 {
		dst, ok = l.items(dst, &set.Line, i, l.msgAt(n.Off)), true
	}
	if s := n.Type.Struct; s != nil && len(s.Line.Items) > 0 {
		dst, ok = l.items(dst, &s.Line, i, l.msgAt(n.Off)), true
	}
	if len(dst) > mark && dst[mark] == ' ' {
		dst = append(dst[:mark], dst[mark+1:]...)
	}
	return dst, ok
}

// rest appends what the items of a message's line do not show, up to maxRest
// bytes behind mark, and minRest at least.
func (l *base) rest(dst []byte, m *dissect.Msg, mark int) []byte {
	line, start := &m.Body.Line, len(dst)
	for i := l.t.Body(m); i < l.t.Nodes[m.Node].End; i = l.t.Nodes[i].End {
		n := &l.t.Nodes[i]
		was := len(dst)
		switch {
		case n.Kind == dissect.KindStruct && n.Type != nil && n.Type.Struct == m.Body.Header:
			dst = l.restOfHeader(dst, i, line)
			continue
		case m.Body.Payload != nil && n.Field != nil && (n.Field.Quiet || slices.Contains(line.Inner, n.Field)):
			continue // a struct's member that the line has, or that says little
		case m.Body.Payload != nil && !line.Payload && n.Kind != dissect.KindPadding && n.Kind != dissect.KindTrailing:
			if n.Kind == dissect.KindStruct && n.Type.Struct != nil && len(n.Type.Struct.Line.Items) == 0 {
				dst = append(dst, ' ', '{')
				if dst = l.values(dst, i+1, n.End, len(dst)+maxList, line.Inner); len(dst) == was+2 {
					dst = dst[:was]
				} else {
					dst = append(dst, '}')
				}
			} else {
				dst = l.briefTo(append(dst, ' '), i, maxItem)
			}
		case n.Kind != dissect.KindAttr || families.HasID(&line.Named, n.ID) || l.dull(i, m.Dir):
			continue
		case families.HasID(&line.Partly, n.ID):
			dst = l.remaining(dst, i, line.Inner)
		default:
			dst = l.other(dst, i, maxItem)
		}
		if len(dst) > was && was-mark > maxRest && was-start > minRest {
			return append(dst[:was], " …"...)
		}
	}
	return dst
}

// remaining appends what row i has but for the fields in without, nothing if
// that is all.
func (l *base) remaining(dst []byte, i int32, without []*families.Field) []byte {
	was := len(dst)
	dst = append(append(append(dst, ' '), l.t.Nodes[i].Field.Short...), '{')
	from, to := l.t.Payload(i)
	before := len(dst)
	if dst = l.values(dst, from, to, before+maxItem, without); len(dst) == before {
		return dst[:was]
	}
	return append(dst, '}')
}

// restOfHeader appends the members of a message's header that its line does not
// show.
func (l *base) restOfHeader(dst []byte, header int32, line *families.Line) []byte {
	k := 0
	for i := header + 1; i < l.t.Nodes[header].End; i = l.t.Nodes[i].End {
		n := &l.t.Nodes[i]
		if n.Field == nil {
			continue
		}
		named, partly := line.Members>>min(k, 63)&1 != 0, line.PartlyMembers>>min(k, 63)&1 != 0
		k++
		switch {
		case named || l.dull(i, dissect.DirFromKernel):
		case partly:
			dst = l.remaining(dst, i, line.Inner)
		default:
			dst = l.other(dst, i, maxItem)
		}
	}
	return dst
}

// dull says whether a row is nothing to speak of: padding, what nobody
// described, what its description calls so, and zeros that the kernel writes
// because there is room for them.
func (l *base) dull(i int32, dir dissect.Dir) bool {
	n := &l.t.Nodes[i]
	if n.Field == nil || n.Field.Quiet && dir == dissect.DirFromKernel || n.Kind == dissect.KindPadding || n.Field.Type.Kind == families.KindPad {
		return true
	}
	if n.Kind == dissect.KindMember {
		return allZero(l.t.Bytes(n))
	}
	if dir != dissect.DirFromKernel || n.Kind != dissect.KindAttr {
		return false
	}
	from, to := l.t.Payload(i)
	return from+1 == to && l.t.Nodes[from].Kind == dissect.KindValue && allZero(l.t.Bytes(&l.t.Nodes[from]))
}

// other appends a blank and a value that a line does not name, nothing if there
// is nothing in it. What has several has so much room.
func (l *base) other(dst []byte, i int32, room int) []byte {
	was := len(dst)
	n := &l.t.Nodes[i]
	dst = append(dst, ' ')
	if l.speaks(i) {
		return l.briefTo(dst, i, maxItem)
	}
	dst = append(dst, n.Field.Short...)
	if n.Field.Type.Kind == families.KindFlag {
		return dst
	}
	mark := len(dst)
	dst = l.briefTo(append(dst, ' '), i, room)
	switch {
	case len(dst) == mark+1, len(dst) == mark+2 && dst[mark+1] == '-':
		return dst[:was]
	case dst[mark+1] == '{' || dst[mark+1] == '[':
		return append(dst[:mark], dst[mark+1:]...)
	}
	return dst
}

// speaks says whether a value has a name of the kernel, such as AF_INET, that
// needs no other.
func (l *base) speaks(i int32) bool {
	n := &l.t.Nodes[i]
	if !n.Kind.Leaf() {
		from, to := l.t.Payload(i)
		if from+1 != to {
			return false
		}
		n = &l.t.Nodes[from]
	}
	t := n.Type
	if t == nil || t.Enum == nil || t.Enum.Kind != families.EnumValues || t.Kind != families.KindUint || l.secret(n) {
		return false
	}
	name := t.Enum.ValueName(l.t.Uint(n))
	return name != "" && name[0] >= 'A' && name[0] <= 'Z'
}

// values appends the values in rows from…to until dst is as long as limit, but
// for those of the fields in without.
func (l *base) values(dst []byte, from, to int32, limit int, without []*families.Field) []byte {
	mark := len(dst)
	for i := from; i < to; {
		n := &l.t.Nodes[i]
		switch {
		case n.Kind == dissect.KindStruct && n.Field == nil:
			i++
			continue
		case n.Kind == dissect.KindElem:
			if len(dst) > limit {
				return append(dst, " …"...)
			}
			if len(dst) > mark {
				dst = append(dst, ',', ' ')
			}
			dst = l.briefTo(dst, i, limit-len(dst))
		case n.Kind == dissect.KindValue && n.Field == nil:
			if len(dst) > mark {
				dst = append(dst, ' ')
			}
			dst = l.brief(dst, i)
		case l.dull(i, dissect.DirFromKernel) || isOneOf(n.Field, without):
		case len(dst) > limit:
			return append(dst, " …"...)
		default:
			was := len(dst)
			if dst = l.other(dst, i, limit-len(dst)); was == mark && len(dst) > was {
				dst = append(dst[:was], dst[was+1:]...) // the blank before it
			}
		}
		i = n.End
	}
	return dst
}

func isOneOf(f *families.Field, list []*families.Field) bool {
	for _, x := range list {
		if x == f {
			return true
		}
	}
	return false
}
