package families

import (
	"slices"
	"strings"
)

// typ reads a type expression and returns the words behind it.
func (p *parser) typ(w []string) (Type, []string, error) { return p.typIn(w, nil) }

// maxTypes bounds how many types stand in one another in an expression.
const maxTypes = 4

// unsized are the words of types that take no size in brackets.
var unsized = map[string]bool{
	"flag": true, "message": true, "bitfield32": true, "nest": true, "indexed": true, "levels": true,
	"array": true, "struct": true, "sub": true, "tlv": true, "records": true, "strings": true, "packet": true, "cstring": true,
}

// typIn is typ for a member of the struct in, whose members can hold the
// number of elements.
func (p *parser) typIn(w []string, in *Struct) (Type, []string, error) {
	if len(w) == 0 {
		return Type{}, nil, p.fail("no type")
	}
	if p.depth == maxTypes {
		return Type{}, nil, p.fail("more than %d types in one another", maxTypes)
	}
	p.depth++
	defer func() { p.depth-- }()
	head, rest := w[0], w[1:]
	base, size, array, err := p.brackets(head)
	if err != nil {
		return Type{}, nil, err
	}
	var t Type
	if array && unsized[base] {
		return t, nil, p.fail("%s takes no size", base)
	}
	switch base {
	case "binary", "string":
		t = Type{Kind: KindBinary, Size: size}
		if base == "string" {
			t.Kind = KindString
		}
		if len(rest) > 1 && rest[0] == "by" && !array {
			if err := p.counted(&t, rest[1], in); err != nil {
				return t, nil, err
			}
			rest = rest[2:]
		}
		if base == "binary" && len(rest) > 0 {
			if h, ok := hintWords[rest[0]]; ok {
				t.Hint, rest = h, rest[1:]
			}
		}
		return t, rest, nil
	case "cstring":
		return Type{Kind: KindString, ToNUL: true}, rest, nil
	case "strings":
		t = Type{Kind: KindStrings}
		if len(rest) > 1 && rest[0] == "by" {
			if err := p.counted(&t, rest[1], in); err != nil {
				return t, nil, err
			}
			rest = rest[2:]
		}
		return t, rest, nil
	case "packet":
		return p.packetType(rest)
	case "flag":
		return Type{Kind: KindFlag}, rest, nil
	case "pad":
		return Type{Kind: KindPad, Size: size}, rest, nil
	case "message":
		return Type{Kind: KindMessage}, rest, nil
	case "bitfield32":
		t = Type{Kind: KindBitfield32, Size: 8}
		if len(rest) > 0 {
			if e := p.enum(rest[0]); e != nil {
				t.Enum, rest = e, rest[1:]
			}
		}
		return t, rest, nil
	case "nest":
		return p.nestType(rest)
	case "indexed":
		ordered := word(rest, 0) == "ordered"
		if ordered {
			rest = rest[1:]
		}
		e, rest, err := p.typ(rest)
		return Type{Kind: KindIndexed, Elem: &e, Ordered: ordered}, rest, err
	case "levels":
		for i, x := range rest {
			if x == "nest" && i > 0 {
				if err := p.name(rest[:i]...); err != nil {
					return t, nil, err
				}
				t, tail, err := p.nestType(rest[i:][1:])
				if err == nil && t.Struct != nil {
					err = p.fail("a nest behind levels has no header")
				}
				t.Kind, t.Levels = KindTypeValue, slices.Clone(rest[:i])
				return t, tail, err
			}
		}
		return t, nil, p.fail("levels needs: levels name… nest SET")
	case "array":
		return p.arrayType(rest, in)
	case "struct":
		if len(rest) == 0 {
			return t, nil, p.fail("struct needs a name")
		}
		name, n, isArray, err := p.brackets(rest[0])
		if err != nil {
			return t, nil, err
		}
		s := p.strct(name)
		if s == nil {
			return t, nil, p.fail("unknown struct %s", name)
		}
		t = Type{Kind: KindStruct, Struct: s}
		if isArray {
			elem := t
			t = Type{Kind: KindArray, Elem: &elem, Count: n, Order: elem.Order}
			p.checkElem(&elem)
		}
		return t, rest[1:], nil
	case "sub":
		if len(rest) < 3 || rest[1] != "by" {
			return t, nil, p.fail("want: sub NAME by SELECTOR")
		}
		s := p.sub(rest[0])
		if s == nil {
			return t, nil, p.fail("unknown sub %s", rest[0])
		}
		t = Type{Kind: KindSub, Sub: s, Choose: choiceWords[rest[2]]}
		if t.Choose != ByName {
			return t, rest[3:], nil
		}
		var way string
		way, t.Present = strings.CutSuffix(rest[2], "?")
		path := strings.Split(way, "/")
		if err := p.name(path...); err != nil {
			return t, nil, err
		}
		if t.Selector, t.Inside = path[0], path[1:]; in != nil {
			if t.Present {
				return t, nil, p.fail("a member is always there: %s", rest[2])
			}
			p.checkSibling(in, path[0])
		}
		return t, rest[3:], nil
	case "tlv":
		return p.tlvType(rest)
	case "records":
		return p.recordsType(rest)
	}
	if a, ok := aliasTypes[base]; ok {
		t = a
		if array && (base == "ip" || base == "lladdr" || base == "sockaddr" || base == "mpls") {
			t.Size, array = size, false // ip[16]: room for either
		}
	} else if t, ok = intType(base); !ok {
		return t, nil, p.fail("unknown type %s", base)
	}
	if t.Kind == KindUint || t.Kind == KindSint {
		rest = p.intWords(&t, base, rest)
	}
	if array {
		elem := t
		t = Type{Kind: KindArray, Elem: &elem, Count: size, Order: elem.Order}
		p.checkElem(&elem)
	}
	return t, rest, nil
}

// intWords reads a hint or the name of an enum behind an integer type. A hint
// with an enum of the same name (af, errno) takes both.
func (p *parser) intWords(t *Type, base string, rest []string) []string {
	if t.Hint != HintNone {
		t.Enum = p.enum(hintName(base))
	}
	for len(rest) > 0 {
		h, isHint := hintWords[rest[0]]
		e := p.enum(rest[0])
		if !isHint && e == nil {
			break
		}
		if isHint {
			t.Hint = h
		}
		if e != nil {
			t.Enum = e
		}
		rest = rest[1:]
	}
	return rest
}

func hintName(base string) string {
	if base == "family" {
		return "af"
	}
	return base
}

// maxElems bounds the elements of an array, and the bytes of a string.
const maxElems = 1 << 16

// brackets splits name[4] and name[].
func (p *parser) brackets(s string) (base string, n int, array bool, err error) {
	base, idx, ok := strings.Cut(s, "[")
	if !ok {
		return s, 0, false, nil
	}
	idx, ok = strings.CutSuffix(idx, "]")
	if !ok {
		return "", 0, false, p.fail("bad type %s", s)
	}
	if idx != "" {
		v, ok := p.constant(idx)
		if !ok || v == 0 || v > maxElems {
			return "", 0, false, p.fail("bad size %s", s)
		}
		n = int(v)
	}
	return base, n, true, nil
}

// intType knows u8…u64, s8…s64, be16…be64, le16…le64, sbe16…sbe64, uint, sint.
func intType(s string) (Type, bool) {
	t := Type{Kind: KindUint}
	switch {
	case s == "uint":
		return t, true
	case s == "sint":
		t.Kind = KindSint
		return t, true
	case strings.HasPrefix(s, "u"):
		s = s[1:]
	case strings.HasPrefix(s, "sbe"):
		t.Kind, t.Order, s = KindSint, OrderBig, s[3:]
	case strings.HasPrefix(s, "s"):
		t.Kind, s = KindSint, s[1:]
	case strings.HasPrefix(s, "be"):
		t.Order, s = OrderBig, s[2:]
	case strings.HasPrefix(s, "le"):
		t.Order, s = OrderLittle, s[2:]
	default:
		return t, false
	}
	t.Size = map[string]int{"8": 1, "16": 2, "32": 4, "64": 8}[s]
	return t, t.Size > 1 || t.Size == 1 && t.Order == OrderHost
}
