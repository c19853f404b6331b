package families

import (
	"strconv"
	"strings"
)

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
		p.checkHeader(t.Struct)
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
		if c := t.CountMember.Type; c.Kind != KindUint && c.Kind != KindSint || c.Size == 0 {
			return t, nil, p.fail("%s is not a number", w[1])
		}
		w = w[2:]
	} else if len(w) > 0 {
		if n, ok := p.constant(w[0]); ok {
			if n == 0 || n > maxElems {
				return t, nil, p.fail("bad size %s", w[0])
			}
			t.Count, w = int(n), w[1:]
		}
	}
	e, rest, err := p.typIn(w, nil)
	if err != nil {
		return t, nil, err
	}
	t.Elem, t.Order = &e, e.Order
	p.checkElem(&e)
	return t, rest, nil
}

// recordsType: STRUCT [attrs SET].
func (p *parser) recordsType(w []string) (Type, []string, error) {
	t := Type{Kind: KindRecords}
	if len(w) == 0 || p.strct(w[0]) == nil {
		return t, nil, p.fail("records needs the name of a struct")
	}
	t.Struct, w = p.strct(w[0]), w[1:]
	p.checkRecord(t.Struct)
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
