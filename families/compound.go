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
	if word(w, 0) == "ordered" && t.Struct == nil {
		t.Ordered, w = true, w[1:]
	}
	return t, w, nil
}

// counted reads MEMBER[*N|/N][+N|-N]: how many elements or bytes there are.
func (p *parser) counted(t *Type, expr string, in *Struct) error {
	if in == nil {
		return p.fail("by is for the members of a struct")
	}
	name := expr
	if i := strings.LastIndexAny(expr, "+-"); i > 0 && isNumber(expr[i+1:]) {
		n, err := p.count(expr[i+1:], maxElems)
		if err != nil {
			return err
		}
		if t.CountAdd = int(n); expr[i] == '-' {
			t.CountAdd = -t.CountAdd
		}
		name = expr[:i]
	}
	if base, mul, ok := strings.Cut(name, "*"); ok {
		n, err := p.count(mul, maxElems)
		if err != nil || n == 0 {
			return p.fail("bad number %s", mul)
		}
		t.CountMul, name = int(n), base
	}
	if base, div, ok := strings.Cut(name, "/"); ok {
		n, err := p.count(div, maxElems)
		if err != nil || n == 0 {
			return p.fail("bad number %s", div)
		}
		t.CountDiv, name = int(n), base
	}
	for _, m := range in.Members {
		if m.Name == name {
			t.CountMember = m
			m.Quiet = true // what it counts says it
		}
	}
	if t.CountMember == nil {
		return p.fail("no member %s before the array", name)
	}
	if c := t.CountMember.Type; c.Kind != KindUint && c.Kind != KindSint || c.Size == 0 {
		return p.fail("%s is not a number", name)
	}
	return nil
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 32)
	return err == nil
}

// packetType: LAYER. The elements that end an 802.11 frame are those of the
// attribute space ieee80211-ies, where the file knows it.
func (p *parser) packetType(w []string) (Type, []string, error) {
	t := Type{Kind: KindPacket}
	if t.Layer = layerWords[word(w, 0)]; t.Layer == LayerNone {
		return t, nil, p.fail("packet needs what it starts with: ethernet, ip …")
	}
	if t.Layer == LayerIEEE80211 || t.Layer == LayerRadiotap {
		if set := p.set("ieee80211-ies"); set != nil {
			t.TLV = &TLV{TypeSize: 1, LenSize: 1, Align: 1, Set: set}
		}
	}
	return t, w[1:], nil
}

// arrayType: [N | by MEMBER[*N][+N]] type.
func (p *parser) arrayType(w []string, in *Struct) (Type, []string, error) {
	t := Type{Kind: KindArray}
	if len(w) >= 2 && w[0] == "by" {
		if err := p.counted(&t, w[1], in); err != nil {
			return t, nil, err
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

// tlvType: SET [head=STRUCT] type=N len=N [unit=N] [len-first] [inclusive]
// [align=N] [be|le]. With a head, type and len are its members.
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
		case key == "head" && tlv.Head == nil:
			if tlv.Head = p.strct(val); tlv.Head == nil {
				return Type{}, nil, p.fail("unknown struct %s", val)
			}
			p.checkHeader(tlv.Head)
		case tlv.Head != nil && (key == "type" || key == "len"):
			if err := p.tlvMember(tlv, key, val); err != nil {
				return Type{}, nil, err
			}
		case key == "unit" && (ok || n == 8):
			tlv.Unit = n
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
		case w[0] == "ordered":
			t, rest, err := p.tlvDone(tlv, w[1:])
			t.Ordered = true
			return t, rest, err
		default:
			return p.tlvDone(tlv, w)
		}
		w = w[1:]
	}
	return p.tlvDone(tlv, w)
}

func (p *parser) tlvDone(tlv *TLV, rest []string) (Type, []string, error) {
	if tlv.Head != nil && (tlv.TypeMember == nil || tlv.LenMember == nil) {
		return Type{}, nil, p.fail("a tlv with a head needs type=MEMBER and len=MEMBER")
	}
	return Type{Kind: KindTLV, TLV: tlv}, rest, nil
}

// tlvMember finds the member of a TLV's head that is its type or its length.
func (p *parser) tlvMember(tlv *TLV, key, name string) error {
	if err := p.name(name); err != nil {
		return err
	}
	p.check(func() error {
		m := tlv.Head.Member(name)
		if m == nil || m.Type.Kind != KindUint || m.Type.Size == 0 || m.Type.Size > 4 {
			return p.fail("struct %s has no number %s", tlv.Head.Name, name)
		}
		if key == "type" {
			*tlv.TypeMember = *m
		} else {
			*tlv.LenMember = *m
		}
		return nil
	})
	if key == "type" {
		tlv.TypeMember = &Field{Name: name}
	} else {
		tlv.LenMember = &Field{Name: name}
	}
	return nil
}
