package render

import (
	"net/netip"
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// sub is what is known of a sub-message.
type sub struct {
	tagged bool // a value says which format it is of
	marked bool // so does the content of a message
	shape  shape
}

// subOf returns what is known of a sub-message, which it works out once.
func (p *JSON) subOf(s *families.SubMessage) sub {
	x, ok := p.subs[s]
	if !ok {
		x = sub{isTagged(s), marked(s), subShape(s)}
		if p.subs == nil {
			p.subs = map[*families.SubMessage]sub{}
		}
		p.subs[s] = x
	}
	return x
}

// attrValue appends the payload of an attribute or element that is described.
func (p *JSON) attrValue(dst []byte, i int32) ([]byte, got) {
	n := &p.t.Nodes[i]
	from, to := p.t.Payload(i)
	if to == from+1 && n.Field != nil && n.Type == &n.Field.Type && n.Type.Kind <= families.KindString {
		if x := &p.t.Nodes[from]; x.Kind == dissect.KindValue { // as most are
			return p.leaf(dst, n.Type, x)
		}
	}
	if n.Kind == dissect.KindElem && from < to && n.Field != nil && n.Type != nil {
		first := &p.t.Nodes[from]
		if first.Kind == dissect.KindStruct && first.Field == nil && n.Type.Kind != families.KindNest {
			return p.headed(dst, n, from, to)
		}
	}
	decl := n.Type
	if n.Field != nil {
		decl = &n.Field.Type
	}
	return p.payload(dst, n.Type, decl, from, to)
}

// headed appends an element that starts with a struct: its members, and those
// of the payload if that is a struct too; else the payload under the element's
// name.
func (p *JSON) headed(dst []byte, n *dissect.Node, from, to int32) ([]byte, got) {
	dst = append(dst, '{')
	open, left := len(dst), len(p.left)
	body := p.t.Nodes[from].End
	dst = p.plainMembers(dst, from+1, body, open)
	much := gotAll
	switch {
	case n.Type.Kind == families.KindStruct:
		dst = p.members(dst, body, to, open, 0)
	case body < to:
		mark := len(dst)
		dst = objectKey(dst, open, n.Field.Name)
		if dst, much = p.payload(dst, n.Type, &n.Field.Type, body, to); much == gotNone {
			dst = dst[:mark]
		}
	}
	dst = p.leftovers(dst, open, left)
	return append(dst, '}'), max(much, gotPart)
}

// payload appends the value that the rows from…to are. t is how they were
// read, nil if they could not be; decl is what the description says of the
// place where they stand.
func (p *JSON) payload(dst []byte, t, decl *families.Type, from, to int32) ([]byte, got) {
	if decl == nil || decl.Kind != families.KindSub {
		if t == nil {
			return dst, gotNone
		}
		return p.typed(dst, t, from, to)
	}
	if decl.Choose >= families.BySetKey {
		return p.setValue(dst, from, to)
	}
	s := p.subOf(decl.Sub)
	switch {
	case s.tagged && t != nil && !plainBytes(t):
		mark := len(dst)
		dst = append(appendTag(append(dst, '{', '"'), t), '"', ':')
		out, much := p.typed(dst, t, from, to)
		if much != gotNone {
			return append(out, '}'), much
		}
		return p.unknown(dst[:mark], from, to), gotAll
	case s.shape == shapeObject && (t == nil || plainBytes(t)):
		return p.unknown(dst, from, to), gotAll
	case t == nil:
		return dst, gotNone
	case s.shape == shapeString && shapeOf(t) == shapeNumber:
		dst = append(dst, '"')
		dst, much := p.typed(dst, t, from, to)
		return append(dst, '"'), much
	}
	return p.typed(dst, t, from, to)
}

// unknown appends an object with bytes that no description covers.
func (p *JSON) unknown(dst []byte, from, to int32) []byte {
	dst = append(dst, `{"unknown":`...)
	return append(p.hexJSON(dst, from, to), '}')
}

// setValue appends the values in an element of an nf_tables set: one, or the
// parts of a concatenation.
func (p *JSON) setValue(dst []byte, from, to int32) ([]byte, got) {
	dst = append(dst, '[')
	list := len(dst)
	for i := from; i < to; i = p.t.Nodes[i].End {
		n := &p.t.Nodes[i]
		if n.Kind == dissect.KindPadding {
			continue
		}
		dst = comma(dst, list)
		mark := len(dst)
		if n.Kind == dissect.KindValue && n.Type != nil {
			dst = append(appendTag(append(dst, '{', '"'), n.Type), '"', ':')
			out, much := p.typed(dst, n.Type, i, i+1)
			if dst = append(out, '}'); much == gotAll {
				continue
			}
		}
		dst = p.unknown(dst[:mark], i, n.End)
	}
	return append(dst, ']'), gotAll
}

// typed appends the value of type t that the rows from…to are.
func (p *JSON) typed(dst []byte, t *families.Type, from, to int32) ([]byte, got) {
	switch t.Kind {
	case families.KindFlag:
		if from < to {
			return append(dst, "true"...), gotPart
		}
		return append(dst, "true"...), gotAll
	case families.KindNest, families.KindTLV:
		if t.Ordered {
			return p.ordered(dst, from, to), gotAll
		}
		return p.object(dst, from, to, 0), gotAll
	case families.KindTypeValue:
		return p.object(dst, from, to, len(t.Levels)), gotAll
	case families.KindStruct, families.KindMessage:
		return p.object(dst, from, to, 0), gotAll
	case families.KindPacket:
		if from < to && p.t.Nodes[from].Type == t { // a layer
			break
		}
		return p.packet(dst, from, to), gotAll
	case families.KindStrings, families.KindIndexed, families.KindRecords:
		return p.elements(dst, t, from, to)
	case families.KindArray:
		return p.elements(dst, t, from, to)
	}
	if from >= to {
		if t.Kind == families.KindString || t.Kind == families.KindBinary && shapeOf(t) == shapeString {
			return append(dst, `""`...), gotAll
		}
		return dst, gotNone
	}
	n := &p.t.Nodes[from]
	if n.Kind != dissect.KindValue && n.Kind != dissect.KindMember {
		return dst, gotNone
	}
	dst, much := p.leaf(dst, t, n)
	if much == gotAll && to > from+1 {
		much = gotPart
	}
	return dst, much
}

// elements appends rows as an array.
func (p *JSON) elements(dst []byte, t *families.Type, from, to int32) ([]byte, got) {
	much := gotAll
	if from < to && t.Kind == families.KindArray {
		// Integers stand together in one row.
		if n := &p.t.Nodes[from]; n.Kind == dissect.KindValue || n.Kind == dissect.KindMember {
			dst, much = p.scalars(dst, t, n)
			if to > from+1 {
				much = gotPart
			}
			return dst, much
		}
	}
	dst = append(dst, '[')
	list := len(dst)
	for i := from; i < to; i = p.t.Nodes[i].End {
		n := &p.t.Nodes[i]
		if n.Kind == dissect.KindPadding {
			continue
		}
		dst = comma(dst, list)
		mark := len(dst)
		part := gotNone
		switch {
		case n.Kind == dissect.KindElem:
			a, b := p.t.Payload(i)
			if t.Ordered {
				dst = append(objectKeyOf(append(dst, '{'), len(dst)+1, n), ""...)
			}
			if t.Kind == families.KindRecords {
				dst, part = p.object(dst, a, b, 0), gotAll
			} else {
				dst, part = p.payload(dst, n.Type, t.Elem, a, b)
			}
			if t.Ordered {
				dst = append(dst, '}')
			}
		case n.Kind == dissect.KindValue && t.Kind == families.KindStrings:
			dst, part = p.leaf(dst, t, n)
		}
		if part == gotNone {
			if dst = dst[:mark]; mark > list {
				dst = dst[:mark-1] // the comma
			}
		}
		if part != gotAll {
			much = gotPart
		}
	}
	return append(dst, ']'), much
}

// packet appends a packet of another protocol: what its headers say, for
// people, the elements of an 802.11 frame, and all of its bytes.
func (p *JSON) packet(dst []byte, from, to int32) []byte {
	dst = append(dst, `{"layers":[`...)
	list := len(dst)
	i := from
	for ; i < to; i = p.t.Nodes[i].End {
		n := &p.t.Nodes[i]
		if n.Kind != dissect.KindMember {
			break
		}
		dst = append(comma(dst, list), '{', '"')
		dst = append(append(dst, leafName(n)...), '"', ':', '"')
		dst = append(p.appendLayer(dst, n.ID, p.t.Bytes(n)), '"', '}')
	}
	dst = append(dst, ']')
	if i < to && p.t.Nodes[i].Kind == dissect.KindElem {
		dst = p.object(append(dst, `,"elements":`...), i, to, 0)
	}
	dst = append(dst, `,"hex":`...)
	return append(p.hexJSON(dst, from, to), '}')
}

// leaf appends one value: numbers as numbers, everything that has a better
// form for people as a string.
func (p *JSON) leaf(dst []byte, t *families.Type, n *dissect.Node) ([]byte, got) {
	if p.secret(n) {
		if shapeOf(t) != shapeString {
			return dst, gotNone
		}
		return append(dst, `"`+hidden+`"`...), gotAll
	}
	b := p.t.Bytes(n)
	switch {
	case t.Kind == families.KindUint || t.Kind == families.KindSint:
		return p.numberJSON(dst, t, b, n)
	case t.Kind == families.KindString || t.Kind == families.KindStrings:
		return appendJSONString(dst, cstring(b)), gotAll
	case t.Kind == families.KindBitfield32:
		if len(b) != 8 {
			return dst, gotNone
		}
		dst = append(dst, `{"value":`...)
		dst = appendFlagsJSON(dst, t.Enum, dissect.Uint(b[:4], n.Big))
		dst = append(dst, `,"selector":`...)
		dst = appendFlagsJSON(dst, t.Enum, dissect.Uint(b[4:], n.Big))
		return append(dst, '}'), gotAll
	case t.Hint == families.HintSockaddr:
		return sockaddrJSON(dst, b, p.t.Big)
	}
	dst = append(dst, '"')
	dst = p.bytes(dst, t, b, n)
	return append(dst, '"'), gotAll
}

// sockaddrJSON appends struct sockaddr_in or sockaddr_in6.
func sockaddrJSON(dst, b []byte, big bool) ([]byte, got) {
	if len(b) < 8 {
		return dst, gotNone
	}
	var addr netip.Addr
	var family string
	switch af := dissect.Uint(b[:2], big); {
	case af == afInet:
		addr, family = netip.AddrFrom4([4]byte(b[4:8])), "AF_INET"
	case af == afInet6 && len(b) >= 24:
		addr, family = netip.AddrFrom16([16]byte(b[8:24])), "AF_INET6"
	default:
		return dst, gotNone
	}
	dst = append(append(dst, `{"family":"`...), family...)
	dst = addr.AppendTo(append(dst, `","address":"`...))
	dst = strconv.AppendUint(append(dst, `","port":`...), dissect.Uint(b[2:4], true), 10)
	return append(dst, '}'), gotAll
}

// scalars appends an array of values of one size each.
func (p *JSON) scalars(dst []byte, t *families.Type, n *dissect.Node) ([]byte, got) {
	if p.secret(n) {
		return append(dst, "[]"...), gotPart
	}
	b := p.t.Bytes(n)
	if isBitmap(t) {
		return appendBitmapJSON(dst, t, b, n.Big), gotAll
	}
	size := t.Elem.FixedSize()
	if size == 0 {
		return dst, gotNone
	}
	much := gotAll
	dst = append(dst, '[')
	list := len(dst)
	for ; len(b) >= size; b = b[size:] {
		dst = comma(dst, list)
		var part got
		switch e := t.Elem; {
		case e.Kind == families.KindUint || e.Kind == families.KindSint:
			dst, part = p.numberJSON(dst, e, b[:size], n)
		case e.Kind == families.KindString:
			dst, part = appendJSONString(dst, cstring(b[:size])), gotAll
		case e.Hint == families.HintSockaddr:
			if dst, part = sockaddrJSON(dst, b[:size], p.t.Big); part == gotNone {
				dst = append(dst, "{}"...)
			}
		default:
			dst = append(p.bytes(append(dst, '"'), e, b[:size], n), '"')
			part = gotAll
		}
		much = min(much, max(part, gotPart))
	}
	return append(dst, ']'), much
}
