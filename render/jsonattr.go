package render

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// attribute appends the attributes or elements of one type: as a list if they
// may repeat, else the last one, which is the one that counts for the kernel.
func (p *JSON) attribute(dst []byte, head int32, open, levels int) []byte {
	n := p.describedAs(head)
	switch {
	case levels > 0 && n.Kind == dissect.KindElem:
		return p.single(dst, head, n, open, levels)
	case n.Field == nil || n.Field.Guess:
		return p.undescribed(dst, head, open)
	case n.Field.Type.Kind == families.KindPad:
		return dst
	case !n.Field.Multi:
		return p.single(dst, head, n, open, 0)
	}
	dst = objectKeyOf(dst, open, n)
	dst = append(dst, '[')
	list := len(dst)
	for j := head; j >= 0; j = p.group.entries[j].next {
		row := p.group.entries[j].row
		if p.otherwise(row, n) {
			continue
		}
		mark := len(dst)
		out, much := p.attrValue(comma(dst, list), row)
		if dst = out; much == gotNone {
			dst = dst[:mark]
		}
		if much != gotAll {
			p.left = append(p.left, leftover{row: row})
		}
	}
	return append(dst, ']')
}

// describedAs returns the first attribute of one type that has a description,
// or the first of all: one whose header is broken is read without any.
func (p *JSON) describedAs(head int32) *dissect.Node {
	for j := head; j >= 0; j = p.group.entries[j].next {
		if n := &p.t.Nodes[p.group.entries[j].row]; n.Field != nil {
			return n
		}
	}
	return &p.t.Nodes[p.group.entries[head].row]
}

// otherwise leaves over, under the number of its type, an attribute that was
// not read by the description that the others of that type have.
func (p *JSON) otherwise(row int32, n *dissect.Node) bool {
	if p.t.Nodes[row].Field == n.Field {
		return false
	}
	p.left = append(p.left, leftover{row: row, number: true})
	return true
}

// single appends the last of the attributes of one type, and leaves over those
// before it.
func (p *JSON) single(dst []byte, head int32, n *dissect.Node, open, levels int) []byte {
	row := int32(-1)
	for at := head; at >= 0; at = p.group.entries[at].next {
		next := p.group.entries[at].row
		if p.otherwise(next, n) {
			continue
		}
		if row >= 0 {
			p.left = append(p.left, leftover{row: row, again: true, levels: levels})
		}
		row = next
	}
	n = &p.t.Nodes[row]
	mark := len(dst)
	dst = objectKeyOf(dst, open, n)
	if levels > 0 {
		from, to := p.t.Payload(row)
		return p.object(dst, from, to, levels-1)
	}
	dst, much := p.attrValue(dst, row)
	return p.written(dst, mark, n.Field.Name, row, much)
}

// undescribed appends attributes that nobody described, or whose description
// is a guess: a list of objects that say how each was read.
func (p *JSON) undescribed(dst []byte, head int32, open int) []byte {
	dst = objectKeyOf(dst, open, &p.t.Nodes[p.group.entries[head].row])
	dst = append(dst, '[')
	for j := head; j >= 0; j = p.group.entries[j].next {
		if j != head {
			dst = append(dst, ',')
		}
		dst = p.readAs(dst, p.group.entries[j].row)
	}
	return append(dst, ']')
}

// readAs appends an object whose key says how a value was read.
func (p *JSON) readAs(dst []byte, row int32) []byte {
	n := &p.t.Nodes[row]
	from, to := p.t.Payload(row)
	if t := n.Type; t != nil && n.Field != nil {
		mark := len(dst)
		dst = append(dst, '{', '"')
		switch is := shapeOf(t); is {
		case shapeObject:
			dst = append(dst, "attrs"...)
		default:
			dst = append(dst, shapeTags[is]...)
		}
		dst = append(dst, '"', ':')
		out, much := p.typed(dst, t, from, to)
		if much == gotAll {
			return append(out, '}')
		}
		dst = dst[:mark]
	}
	if n.Type == nil && from < to && p.t.Nodes[from].Kind == dissect.KindAttr {
		dst = append(dst, `{"attrs":`...)
		return append(p.object(dst, from, to, 0), '}')
	}
	dst = append(dst, `{"hex":`...)
	return append(p.hexJSON(dst, from, to), '}')
}
