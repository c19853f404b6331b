package families

import (
	"strconv"
	"strings"
)

// typ reads a type expression and returns the words behind it.
func (p *parser) typ(w []string) (Type, []string, error) { return p.typIn(w, nil) }

// typIn is typ for a member of the struct in, whose members can hold the
// number of elements.
func (p *parser) typIn(w []string, in *Struct) (Type, []string, error) {
	if len(w) == 0 {
		return Type{}, nil, p.fail("no type")
	}
	head, rest := w[0], w[1:]
	base, size, array, err := p.brackets(head)
	if err != nil {
		return Type{}, nil, err
	}
	var t Type
	switch base {
	case "binary", "string":
		t = Type{Kind: KindBinary, Size: size}
		if base == "string" {
			t.Kind = KindString
		} else if len(rest) > 0 {
			if h, ok := hintWords[rest[0]]; ok {
				t.Hint, rest = h, rest[1:]
			}
		}
		return t, rest, nil
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
		e, rest, err := p.typ(rest)
		return Type{Kind: KindIndexed, Elem: &e}, rest, err
	case "levels":
		for i, x := range rest {
			if x == "nest" {
				t, tail, err := p.nestType(rest[i:][1:])
				t.Kind, t.Levels = KindTypeValue, rest[:i]
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
		return Type{Kind: KindSub, Sub: s, Selector: rest[2]}, rest[3:], nil
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
		if !ok || v == 0 || v > 1<<16 {
			return "", 0, false, p.fail("bad size %s", s)
		}
		n = int(v)
	}
	return base, n, true, nil
}

// intType knows u8…u64, s8…s64, be16…be64, le16…le64, uint, sint.
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
	case strings.HasPrefix(s, "s"):
		t.Kind, s = KindSint, s[1:]
	case strings.HasPrefix(s, "be"):
		t.Order, s = OrderBig, s[2:]
	case strings.HasPrefix(s, "le"):
		t.Order, s = OrderLittle, s[2:]
	default:
		return t, false
	}
	n, err := strconv.Atoi(s)
	if err != nil || n != 8 && n != 16 && n != 32 && n != 64 {
		return t, false
	}
	t.Size = n / 8
	return t, true
}

// nestType: SET [header STRUCT].
func (p *parser) nestType(w []string) (Type, []string, error) {
	t := Type{Kind: KindNest}
	if len(w) == 0 {
		return t, nil, p.fail("nest needs the name of attrs")
	}
	if w[0] != "-" {
		if t.Set = p.set(w[0]); t.Set == nil {
			return t, nil, p.fail("unknown attrs %s", w[0])
		}
	}
	w = w[1:]
	if len(w) >= 2 && w[0] == "header" {
		if t.Struct = p.strct(w[1]); t.Struct == nil {
			return t, nil, p.fail("unknown struct %s", w[1])
		}
		w = w[2:]
	}
	return t, w, nil
}

// arrayType: [N | by MEMBER] type.
func (p *parser) arrayType(w []string, in *Struct) (Type, []string, error) {
	t := Type{Kind: KindArray}
	if len(w) >= 2 && w[0] == "by" {
		if in != nil {
			for _, m := range in.Members {
				if m.Name == w[1] {
					t.CountMember = m
				}
			}
		}
		if t.CountMember == nil {
			return t, nil, p.fail("no member %s before the array", w[1])
		}
		w = w[2:]
	} else if len(w) > 0 {
		if n, err := strconv.Atoi(w[0]); err == nil && n > 0 && n <= 1<<16 {
			t.Count, w = n, w[1:]
		}
	}
	e, rest, err := p.typIn(w, nil)
	if err != nil {
		return t, nil, err
	}
	t.Elem, t.Order = &e, e.Order
	return t, rest, nil
}

// recordsType: STRUCT [attrs SET].
func (p *parser) recordsType(w []string) (Type, []string, error) {
	t := Type{Kind: KindRecords}
	if len(w) == 0 || p.strct(w[0]) == nil {
		return t, nil, p.fail("records needs the name of a struct")
	}
	t.Struct, w = p.strct(w[0]), w[1:]
	if len(w) >= 2 && w[0] == "attrs" {
		if t.Set = p.set(w[1]); t.Set == nil {
			return t, nil, p.fail("unknown attrs %s", w[1])
		}
		w = w[2:]
	}
	return t, w, nil
}

// tlvType: SET type=N len=N [len-first] [inclusive] [align=N] [be|le].
func (p *parser) tlvType(w []string) (Type, []string, error) {
	tlv := &TLV{TypeSize: 1, LenSize: 1, Align: 1}
	if len(w) == 0 {
		return Type{}, nil, p.fail("tlv needs the name of attrs")
	}
	if tlv.Set = p.set(w[0]); tlv.Set == nil {
		return Type{}, nil, p.fail("unknown attrs %s", w[0])
	}
	w = w[1:]
	for len(w) > 0 {
		key, val, _ := strings.Cut(w[0], "=")
		n, err := strconv.Atoi(val)
		ok := err == nil && (n == 1 || n == 2 || n == 4)
		switch {
		case key == "type" && ok:
			tlv.TypeSize = n
		case key == "len" && ok:
			tlv.LenSize = n
		case key == "align" && ok:
			tlv.Align = n
		case w[0] == "len-first":
			tlv.LenFirst = true
		case w[0] == "inclusive":
			tlv.LenIncludesHeader = true
		case w[0] == "be":
			tlv.Order = OrderBig
		case w[0] == "le":
			tlv.Order = OrderLittle
		default:
			return Type{Kind: KindTLV, TLV: tlv}, w, nil
		}
		w = w[1:]
	}
	return Type{Kind: KindTLV, TLV: tlv}, w, nil
}
