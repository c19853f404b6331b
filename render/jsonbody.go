package render

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// content appends what follows a message's headers: attributes, the members of
// a struct, or one value under a key that says what it is.
func (p *JSON) content(dst []byte, m *dissect.Msg, from, to int32) []byte {
	n := &p.t.Nodes[from]
	if b := m.Body; b != nil && b.Payload != nil && b.Payload.Kind == families.KindSub && p.subOf(b.Payload.Sub).marked {
		return p.tagged(dst, p.t.Nodes[m.Node].Type, from, to)
	}
	if n.Field != nil || n.Type == nil {
		return p.object(dst, from, to, 0)
	}
	var t *families.Type
	switch n.Kind {
	case dissect.KindValue:
		t = n.Type
	case dissect.KindElem: // of an array
		p.list = families.Type{Kind: families.KindArray, Elem: n.Type}
		t = &p.list
	default:
		return p.object(dst, from, to, 0)
	}
	dst = append(dst, '{')
	open, mark := len(dst), len(dst)
	dst = objectKey(dst, open, contentKey(t))
	end := from
	for end < to && p.t.Nodes[end].Kind == n.Kind {
		end = p.t.Nodes[end].End
	}
	dst, much := p.typed(dst, t, from, end)
	if much == gotNone {
		dst = dst[:mark]
	}
	if much != gotAll {
		dst = append(p.hexJSON(append(objectKey(dst, open, "raw"), `{"value":[`...), from, to), "]}"...)
		return append(dst, '}')
	}
	dst = p.plainMembers(dst, end, to, open)
	return append(dst, '}')
}

// tagged appends content under a key that says which format it is of.
func (p *JSON) tagged(dst []byte, t *families.Type, from, to int32) []byte {
	if t != nil && !plainBytes(t) {
		mark := len(dst)
		dst = append(appendTag(append(dst, '{', '"'), t), '"', ':')
		if out, much := p.typed(dst, t, from, to); much != gotNone {
			return append(out, '}')
		}
		dst = dst[:mark]
	}
	return p.unknown(dst, from, to)
}

// contentKey is the key of a message's content that is one value.
func contentKey(t *families.Type) string {
	switch {
	case t.Kind == families.KindString:
		return "text"
	case shapeOf(t) == shapeString:
		return "value"
	}
	return tagOf(t)
}

// inner appends a message that is the payload of an attribute.
func (p *JSON) inner(dst []byte, i int32, open int) []byte {
	m := p.t.MsgOf(i)
	if m == nil {
		return dst
	}
	dst = append(objectKey(dst, open, "message"), '{')
	mark := len(dst)
	dst = p.message(dst, m)
	dst = append(dst[:mark], dst[mark+1:]...) // the first key's comma
	return append(dst, '}')
}
