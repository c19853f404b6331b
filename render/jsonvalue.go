package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// object appends the rows from…to as the members of an object: attributes
// under their names, struct members under theirs, bytes without a name under
// "unknown".
func (p *JSON) object(dst []byte, from, to int32) []byte {
	dst = append(dst, '{')
	open := len(dst)
	mark := p.group.begin()
	plain := false
	for i := from; i < to; i = p.t.Nodes[i].End {
		switch n := &p.t.Nodes[i]; n.Kind {
		case dissect.KindAttr, dissect.KindElem:
			p.group.add(n.ID, i)
		case dissect.KindPadding, dissect.KindLen, dissect.KindType:
		default:
			plain = true
		}
	}
	for i := from; plain && i < to; i = p.t.Nodes[i].End {
		switch p.t.Nodes[i].Kind {
		case dissect.KindMessage:
			dst = p.inner(dst, i, open)
		case dissect.KindStruct, dissect.KindMember, dissect.KindUnknown, dissect.KindTrailing, dissect.KindValue:
			dst = p.plain(dst, i, open)
		}
	}
	end := len(p.group.entries)
	for k := mark; k < end; k++ {
		e := p.group.entries[k]
		if !e.head {
			continue
		}
		n := &p.t.Nodes[e.row]
		dst = comma(dst, open)
		dst = append(dst, '"')
		dst = appendKey(dst, n)
		dst = append(dst, '"', ':')
		if e.next < 0 {
			dst = p.attrValue(dst, e.row)
			continue
		}
		dst = append(dst, '[')
		for j := int32(k); j >= 0; j = p.group.entries[j].next {
			if j != int32(k) {
				dst = append(dst, ',')
			}
			dst = p.attrValue(dst, p.group.entries[j].row)
		}
		dst = append(dst, ']')
	}
	p.group.end(mark)
	return append(dst, '}')
}

// inner appends a message that is the payload of an attribute.
func (p *JSON) inner(dst []byte, i int32, open int) []byte {
	for k := range p.t.Msgs {
		if m := &p.t.Msgs[k]; m.Node == i {
			dst = comma(dst, open)
			dst = append(dst, `"message":{`...)
			mark := len(dst)
			dst = p.message(dst, m)
			dst = append(dst[:mark], dst[mark+1:]...) // the first key's comma
			return append(dst, '}')
		}
	}
	return dst
}

func comma(dst []byte, open int) []byte {
	if len(dst) > open {
		return append(dst, ',')
	}
	return dst
}

func appendKey(dst []byte, n *dissect.Node) []byte {
	if n.Field != nil && n.Kind == dissect.KindAttr || elemNamed(n) {
		return append(dst, n.Field.Name...)
	}
	return strconv.AppendUint(dst, uint64(n.ID), 10)
}

// plain appends a row that is not an attribute as a member. A fixed header
// inside a nest gives its members to the object around it.
func (p *JSON) plain(dst []byte, i int32, open int) []byte {
	n := &p.t.Nodes[i]
	if n.Kind == dissect.KindStruct && n.Field == nil {
		for j := i + 1; j < n.End; j = p.t.Nodes[j].End {
			if k := p.t.Nodes[j].Kind; k != dissect.KindPadding {
				dst = p.plain(dst, j, open)
			}
		}
		return dst
	}
	dst = comma(dst, open)
	dst = append(dst, '"')
	dst = append(dst, leafName(n)...)
	dst = append(dst, '"', ':')
	if n.Kind == dissect.KindStruct {
		return p.structValue(dst, i)
	}
	return p.leaf(dst, n)
}

// structValue appends a struct member that is not a scalar.
func (p *JSON) structValue(dst []byte, i int32) []byte {
	n := &p.t.Nodes[i]
	if n.Type != nil {
		switch n.Type.Kind {
		case families.KindArray, families.KindStrings, families.KindIndexed, families.KindRecords:
			return p.elements(dst, i+1, n.End)
		}
	}
	return p.object(dst, i+1, n.End)
}

// attrValue appends the payload of an attribute or element.
func (p *JSON) attrValue(dst []byte, i int32) []byte {
	n := &p.t.Nodes[i]
	from, to := p.t.Payload(i)
	if from >= to {
		switch {
		case n.Type != nil && n.Type.Kind == families.KindFlag:
			return append(dst, "true"...)
		case n.Type != nil && (n.Type.Kind == families.KindNest || n.Type.Kind == families.KindTypeValue || n.Type.Kind == families.KindStruct):
			return append(dst, "{}"...)
		case n.Type != nil && (n.Type.Kind == families.KindIndexed || n.Type.Kind == families.KindArray || n.Type.Kind == families.KindRecords):
			return append(dst, "[]"...)
		}
		return append(dst, `""`...)
	}
	first := &p.t.Nodes[from]
	if n.Type != nil && n.Type.Kind == families.KindStrings {
		return p.elements(dst, from, to)
	}
	if first.Kind == dissect.KindValue || first.Kind == dissect.KindPadding {
		return p.leaf(dst, first)
	}
	if first.Kind == dissect.KindUnknown && first.Field == nil {
		return p.leaf(dst, first)
	}
	if n.Type != nil && (n.Kind == dissect.KindAttr || n.Kind == dissect.KindElem) {
		switch n.Type.Kind {
		case families.KindIndexed, families.KindArray:
			return p.elements(dst, from, to)
		case families.KindRecords:
			if n.Kind == dissect.KindAttr {
				return p.elements(dst, from, to)
			}
		}
	}
	return p.object(dst, from, to)
}

// elements appends rows as an array.
func (p *JSON) elements(dst []byte, from, to int32) []byte {
	dst = append(dst, '[')
	open := len(dst)
	for i := from; i < to; i = p.t.Nodes[i].End {
		n := &p.t.Nodes[i]
		switch {
		case n.Kind == dissect.KindPadding:
		case n.Kind.Leaf():
			dst = comma(dst, open)
			dst = p.leaf(dst, n)
		default:
			dst = comma(dst, open)
			dst = p.attrValue(dst, i)
		}
	}
	return append(dst, ']')
}

// leaf appends one value: numbers as numbers, everything that has a better
// form for people as a string.
func (p *JSON) leaf(dst []byte, n *dissect.Node) []byte {
	if p.secret(n) && n.Kind != dissect.KindPadding {
		return append(dst, `"`+hidden+`"`...)
	}
	b := p.t.Bytes(n)
	if n.Type == nil || n.Kind == dissect.KindUnknown || n.Kind == dissect.KindTrailing || n.Kind == dissect.KindPadding {
		return appendHexJSON(dst, b)
	}
	return p.typedJSON(dst, n.Type, b, n)
}

func appendHexJSON(dst, b []byte) []byte {
	dst = append(dst, '"')
	dst = appendHex(dst, b)
	return append(dst, '"')
}

func (p *JSON) typedJSON(dst []byte, t *families.Type, b []byte, n *dissect.Node) []byte {
	switch t.Kind {
	case families.KindUint, families.KindSint:
		return p.numberJSON(dst, t, b, n)
	case families.KindString, families.KindStrings:
		return appendJSONString(dst, cstring(b))
	case families.KindBitfield32:
		if len(b) == 8 {
			dst = append(dst, `{"value":`...)
			dst = appendFlagsJSON(dst, t.Enum, dissect.Uint(b[:4], n.Big))
			dst = append(dst, `,"selector":`...)
			dst = appendFlagsJSON(dst, t.Enum, dissect.Uint(b[4:], n.Big))
			return append(dst, '}')
		}
	case families.KindArray:
		if isBitmap(t) {
			return appendBitmapJSON(dst, t, b, n.Big)
		}
		if size := t.Elem.FixedSize(); size > 0 {
			dst = append(dst, '[')
			for i := 0; i+size <= len(b); i += size {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = p.typedJSON(dst, t.Elem, b[i:i+size], n)
			}
			return append(dst, ']')
		}
	}
	dst = append(dst, '"')
	if t.Kind == families.KindPacket {
		dst = appendLayer(dst, n.ID, b)
	} else {
		dst = p.bytes(dst, t, b, n)
	}
	return append(dst, '"')
}

// numberJSON appends an integer. Durations, sizes and counts stay numbers in
// their unit; what names something becomes its name.
func (p *JSON) numberJSON(dst []byte, t *families.Type, b []byte, n *dissect.Node) []byte {
	v := dissect.Uint(b, n.Big)
	if t.Kind == families.KindSint {
		v = uint64(dissect.Int(v, len(b))) // enum values are kept sign-extended
	}
	if e := t.Enum; e != nil && t.Hint != families.HintErrno && t.Hint != families.HintTCInfo {
		switch e.Kind {
		case families.EnumFlags:
			return appendFlagsJSON(dst, e, v)
		case families.EnumBits:
			return p.bitsJSON(dst, e, v, n)
		}
		if name := e.ValueName(v); name != "" {
			return append(append(append(dst, '"'), name...), '"')
		}
	}
	switch t.Hint {
	case families.HintHex, families.HintIPv4, families.HintIPv6, families.HintIP, families.HintUnix, families.HintUnixNs,
		families.HintTCHandle, families.HintTCInfo, families.HintChar, families.HintVersion:
		dst = append(dst, '"')
		mark := len(dst)
		dst = p.number(dst, t, b, n)
		if t.Hint == families.HintChar {
			return appendJSONString(dst[:mark-1], []byte{byte(v)})
		}
		return append(dst, '"')
	}
	if t.Kind == families.KindSint {
		return strconv.AppendInt(dst, int64(v), 10)
	}
	return strconv.AppendUint(dst, v, 10)
}

func (p *JSON) bitsJSON(dst []byte, e *families.Enum, v uint64, n *dissect.Node) []byte {
	dst = append(dst, '{')
	for i := range e.Entries {
		x := &e.Entries[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), x.Name...), '"', ':')
		part := bits(x, v)
		if x.Type == nil || x.Type.Enum == nil || x.Type.Enum.Kind == families.EnumValues && x.Type.Enum.ValueName(part) == "" {
			dst = strconv.AppendUint(dst, part, 10)
			continue
		}
		dst = append(dst, '"')
		dst = p.part(dst, x, v, n)
		dst = append(dst, '"')
	}
	return append(dst, '}')
}
