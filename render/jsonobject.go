package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// got says how much of a value is in what was printed.
type got uint8

const (
	gotNone got = iota // nothing was printed: the bytes cannot be of that type
	gotPart            // the rest is in the payload, which is printed beside it
	gotAll
)

// object appends the rows from…to as an object. levels is how many levels of
// attributes whose types are values it starts with.
func (p *JSON) object(dst []byte, from, to int32, levels int) []byte {
	dst = append(dst, '{')
	open := len(dst)
	left := len(p.left)
	dst = p.members(dst, from, to, open, levels)
	dst = p.leftovers(dst, open, left)
	return append(dst, '}')
}

// members appends the rows from…to as members of an object: attributes under
// their names, struct members under theirs, bytes without a name under
// "unknown" and "trailing".
func (p *JSON) members(dst []byte, from, to int32, open, levels int) []byte {
	if from < to && p.t.Nodes[from].Kind == dissect.KindMember {
		return p.plainMembers(dst, from, to, open) // a struct has no attributes
	}
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
	if plain {
		dst = p.plainMembers(dst, from, to, open)
	}
	end := len(p.group.entries)
	for k := mark; k < end; k++ {
		e := &p.group.entries[k]
		if !e.head {
			continue
		}
		if x := p.simple(e); x != nil {
			n := &p.t.Nodes[e.row]
			start := len(dst)
			dst = objectKey(dst, open, n.Field.Name)
			var much got
			if dst, much = p.leaf(dst, n.Type, x); much != gotAll || p.more {
				dst = p.written(dst, start, n.Field.Name, e.row, much)
			}
			continue
		}
		dst = p.attribute(dst, int32(k), open, levels)
	}
	p.group.end(mark)
	return dst
}

// simple returns the value of an attribute that stands once and is one number,
// text or run of bytes, as most are; nil for any other.
func (p *JSON) simple(e *entry) *dissect.Node {
	rows := p.t.Nodes[e.row:]
	n := &rows[0]
	f := n.Field
	if e.next >= 0 || f == nil || n.Type != &f.Type || n.Type.Kind > families.KindString || f.Multi || f.Guess || n.Kind != dissect.KindAttr {
		return nil
	}
	head := int32(1)
	if e.row+1 < n.End && rows[1].Kind == dissect.KindLen {
		head = 3 // the attribute, nla_len, nla_type
	}
	switch size := n.End - e.row; {
	case size == head+1, size == head+2 && rows[head+1].Kind == dissect.KindPadding:
		if x := &rows[head]; x.Kind == dissect.KindValue {
			return x
		}
	}
	return nil
}

// plainMembers appends the rows that are no attributes.
func (p *JSON) plainMembers(dst []byte, from, to int32, open int) []byte {
	unknown, trailing := false, false
	for i := from; i < to; i = p.t.Nodes[i].End {
		switch n := &p.t.Nodes[i]; n.Kind {
		case dissect.KindMessage:
			dst = p.inner(dst, i, open)
		case dissect.KindStruct:
			if n.Field == nil { // a fixed header gives its members to the object around it
				dst = p.plainMembers(dst, i+1, n.End, open)
				continue
			}
			dst = p.member(dst, i, open)
		case dissect.KindMember, dissect.KindValue:
			f := n.Field
			if f == nil || n.Type != &f.Type || n.Type.Kind > families.KindString {
				dst = p.member(dst, i, open)
				continue
			}
			start := len(dst) // as most are
			dst = objectKey(dst, open, f.Name)
			var much got
			if dst, much = p.leaf(dst, n.Type, n); much != gotAll || p.more {
				dst = p.written(dst, start, f.Name, i, much)
			}
		case dissect.KindUnknown, dissect.KindTrailing:
			once := &unknown
			if n.Kind == dissect.KindTrailing {
				once = &trailing
			}
			switch {
			case n.Field != nil:
				dst = p.member(dst, i, open)
			case *once:
				p.left = append(p.left, leftover{row: i})
			default:
				*once = true
				dst = objectKey(dst, open, leafName(n))
				dst = p.hexJSON(dst, i, n.End)
			}
		}
	}
	return dst
}

// objectKey appends `"name":` behind what the object has already.
func objectKey(dst []byte, open int, name string) []byte {
	dst = append(comma(dst, open), '"')
	dst = append(dst, name...)
	return append(dst, '"', ':')
}

func objectKeyOf(dst []byte, open int, n *dissect.Node) []byte {
	dst = append(comma(dst, open), '"')
	dst = appendKey(dst, n)
	return append(dst, '"', ':')
}

func comma(dst []byte, open int) []byte {
	if len(dst) > open {
		return append(dst, ',')
	}
	return dst
}

// appendKey appends the key of an attribute or element.
func appendKey(dst []byte, n *dissect.Node) []byte {
	if n.Field != nil && n.Kind == dissect.KindAttr || elemNamed(n) {
		return append(dst, n.Field.Name...)
	}
	return strconv.AppendUint(dst, uint64(n.ID), 10)
}

// member appends a member of a struct. One that is cut is left over.
func (p *JSON) member(dst []byte, i int32, open int) []byte {
	n := &p.t.Nodes[i]
	mark := len(dst)
	name := leafName(n)
	dst = objectKey(dst, open, name)
	from, to := i, i+1
	if n.Kind == dissect.KindStruct {
		from, to = i+1, n.End
	}
	t, decl := n.Type, n.Type
	if n.Field != nil {
		decl = &n.Field.Type
	}
	if n.Kind == dissect.KindUnknown {
		t = nil
	}
	dst, much := p.payload(dst, t, decl, from, to)
	return p.written(dst, mark, name, i, much)
}

// written ends a member of an object that starts at mark: it stays if it has a
// value, and what that does not tell is left over.
func (p *JSON) written(dst []byte, mark int, name string, row int32, much got) []byte {
	if much == gotAll && !p.more {
		return dst
	}
	if much == gotNone {
		dst = dst[:mark]
	}
	if p.more {
		p.more = false
		dst = p.numberName(dst, name, row)
	}
	if much != gotAll {
		p.left = append(p.left, leftover{row: row})
	}
	return dst
}

// ordered appends the attributes or elements from…to as a list of objects with
// one key each, in the order of the message.
func (p *JSON) ordered(dst []byte, from, to int32) []byte {
	dst = append(dst, '[')
	list := len(dst)
	for i := from; i < to; i = p.t.Nodes[i].End {
		n := &p.t.Nodes[i]
		if n.Kind == dissect.KindPadding || n.Field != nil && n.Field.Type.Kind == families.KindPad {
			continue
		}
		dst = append(comma(dst, list), '{')
		open, left := len(dst), len(p.left)
		switch {
		case n.Kind != dissect.KindAttr && n.Kind != dissect.KindElem:
			dst = objectKey(dst, open, leafName(n))
			dst = p.hexJSON(dst, i, n.End)
		case n.Field == nil && n.Kind == dissect.KindAttr || n.Kind == dissect.KindElem && n.Field == nil && n.Type == nil:
			dst = append(objectKeyOf(dst, open, n), '[')
			dst = append(p.readAs(dst, i), ']')
		default:
			mark := len(dst)
			dst = objectKeyOf(dst, open, n)
			out, much := p.attrValue(dst, i)
			if dst = out; much == gotNone {
				dst = dst[:mark]
			}
			if much != gotAll {
				p.left = append(p.left, leftover{row: i})
			}
		}
		dst = append(p.leftovers(dst, open, left), '}')
	}
	return append(dst, ']')
}

// rawJSON appends the payload of a row in hexadecimal.
func (p *JSON) rawJSON(dst []byte, row int32) []byte {
	n := &p.t.Nodes[row]
	from, to := row, n.End
	if n.Kind == dissect.KindAttr || n.Kind == dissect.KindElem {
		from, to = p.t.Payload(row)
	}
	return p.hexJSON(dst, from, to)
}

// hexJSON appends the bytes of the rows from…to in hexadecimal, those of key
// material as asterisks. What has no row in a lean tree is the head of an
// attribute.
func (p *JSON) hexJSON(dst []byte, from, to int32) []byte {
	dst = append(dst, '"')
	var shown uint32
	if from < to {
		shown = p.t.Nodes[from].Off
	}
	for i := from; i < to; i++ {
		n := &p.t.Nodes[i]
		if n.Kind.Leaf() || i == to-1 {
			start := n.Off
			if !n.Kind.Leaf() {
				start += n.Len
			}
			if shown < start {
				dst = appendHex(dst, p.t.Data[shown:start])
			}
			shown = n.Off + n.Len
		}
		switch {
		case !n.Kind.Leaf():
		case p.secret(n):
			for range n.Len {
				dst = append(dst, '*', '*')
			}
		default:
			dst = appendHex(dst, p.t.Bytes(n))
		}
	}
	return append(dst, '"')
}

// numberName appends a second key: for a number that has a name, such as one
// that stands for forever, the name; for a verdict that has a number, such as
// the chain to go to, the number.
func (p *JSON) numberName(dst []byte, key string, row int32) []byte {
	n := &p.t.Nodes[row]
	if n.Field == nil {
		return dst
	}
	t := n.Type
	if t == nil || t.Kind != families.KindUint && t.Kind != families.KindSint || t.Enum == nil || !t.Enum.Numbers && t.Hint != families.HintVerdict {
		return dst
	}
	if n.Kind != dissect.KindMember {
		from, to := p.t.Payload(row)
		if from >= to {
			return dst
		}
		n = &p.t.Nodes[from]
	}
	v := p.integer(t, n)
	if t.Hint == families.HintVerdict {
		if op := v >> 28; op != tcActJump && op != tcActGotoChain {
			return dst
		}
		dst = append(append(append(dst, ',', '"'), key...), `_value":`...)
		return strconv.AppendUint(dst, v&(1<<28-1), 10)
	}
	name := t.Enum.ValueName(v)
	if name == "" {
		return dst
	}
	dst = append(dst, ',', '"')
	dst = append(append(dst, key...), `_name":"`...)
	return append(append(dst, name...), '"')
}
