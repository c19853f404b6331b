package families

import (
	"math"
	"strconv"
	"strings"
)

// define fills in what a block declares.
func (p *parser) define(b block) error {
	switch b.words[0] {
	case "enum", "flags", "bits":
		return p.defineEnum(b)
	case "struct":
		return p.defineStruct(b)
	case "attrs":
		return p.defineAttrs(b, p.fam.Sets[b.words[1]])
	case "tlv":
		return p.defineAttrs(b, p.fam.Sets[b.words[1]])
	case "sub":
		return p.defineSub(b)
	case "body":
		return p.defineBody(b)
	case "messages":
		return p.defineMessages(b, true, true)
	case "requests":
		return p.defineMessages(b, true, false)
	case "replies":
		return p.defineMessages(b, false, true)
	case "groups":
		return p.defineGroups(b)
	}
	if len(b.body) > 0 {
		p.no = b.body[0].no
		return p.fail("%s takes no lines below it", b.words[0])
	}
	return nil
}

func (p *parser) number(s string, bits int) (uint64, error) {
	if strings.HasPrefix(s, "-") {
		v, err := strconv.ParseInt(s, 0, 64)
		if err != nil {
			return 0, p.fail("bad number %s", s)
		}
		return uint64(v) & (math.MaxUint64 >> (64 - bits)), nil
	}
	v, ok := p.constant(s)
	if !ok || bits < 64 && v>>bits != 0 {
		return 0, p.fail("bad number %s", s)
	}
	return v, nil
}

// defineEnum: enum and flags have lines "value NAME [short]", bits has lines
// "shift width NAME [type…]".
func (p *parser) defineEnum(b block) error {
	e := p.fam.Enums[b.words[1]]
	switch b.words[0] {
	case "flags":
		e.Kind = EnumFlags
	case "bits":
		e.Kind = EnumBits
	}
	for _, l := range b.body {
		p.no = l.no
		if len(l.words) < 2 {
			return p.fail("want: value NAME")
		}
		v, err := p.number(l.words[0], 64)
		if err != nil {
			return err
		}
		x := Entry{Value: v, Name: l.words[1]}
		if e.Kind == EnumBits {
			if len(l.words) < 3 {
				return p.fail("want: shift width NAME [type]")
			}
			w, err := p.number(l.words[1], 8)
			if err != nil || w == 0 || w+v > 64 {
				return p.fail("bad width %s", l.words[1])
			}
			x.Width, x.Name, x.Short = uint8(w), l.words[2], l.words[2]
			if len(l.words) > 3 {
				t, rest, err := p.typ(append([]string{"u64"}, l.words[3:]...))
				if err != nil {
					return err
				}
				if len(rest) > 0 {
					return p.fail("unexpected %s", rest[0])
				}
				x.Type = &t
			}
		} else {
			x.Short = word(l.words, 2)
			if x.Short == "" {
				x.Short = shortName(x.Name, e.Prefix)
			}
		}
		e.Entries = append(e.Entries, x)
	}
	return nil
}

// defineStruct: lines "name type…".
func (p *parser) defineStruct(b block) error {
	s := p.fam.Structs[b.words[1]]
	for _, w := range b.words[2:] {
		if v, ok := strings.CutPrefix(w, "min="); ok {
			n, err := p.number(v, 16)
			if err != nil {
				return err
			}
			s.Min = int(n)
		} else if w != "packed" {
			return p.fail("unexpected %s", w)
		}
	}
	for _, l := range b.body {
		p.no = l.no
		f := &Field{Name: l.words[0], Short: shortName(l.words[0], "")}
		if err := p.field(f, l.words[1:], s); err != nil {
			return err
		}
		s.Members = append(s.Members, f)
	}
	return nil
}

// defineAttrs: lines "id NAME type…".
func (p *parser) defineAttrs(b block, set *AttrSet) error {
	for _, l := range b.body {
		p.no = l.no
		if len(l.words) < 3 {
			return p.fail("want: id NAME type")
		}
		id, err := p.number(l.words[0], 16)
		if err != nil {
			return err
		}
		f := &Field{ID: uint16(id), Name: l.words[1], Short: shortName(l.words[1], set.Prefix)}
		if err := p.field(f, l.words[2:], nil); err != nil {
			return err
		}
		set.Fields = append(set.Fields, f)
	}
	return nil
}

// field reads a type and what may stand behind it.
func (p *parser) field(f *Field, words []string, in *Struct) error {
	if len(words) == 0 {
		return p.fail("%s needs a type", f.Name)
	}
	t, rest, err := p.typIn(words, in)
	if err != nil {
		return err
	}
	f.Type = t
	for _, w := range rest {
		key, val, hasVal := strings.Cut(w, "=")
		val = unquote(val)
		switch {
		case w == "multi":
			f.Multi = true
		case w == "secret":
			f.Secret = true
		case w == "guess":
			f.Guess = true
		case hasVal && key == "short":
			f.Short = val
		case hasVal && key == "since":
			f.Since = val
		case hasVal && key == "doc":
			f.Doc = val
		case hasVal && (key == "min" || key == "max"):
			n, err := strconv.ParseInt(val, 0, 64)
			if err != nil {
				return p.fail("bad number %s", val)
			}
			if key == "min" {
				f.Type.Min, f.Type.HasMin = n, true
			} else {
				f.Type.Max, f.Type.HasMax = n, true
			}
		case hasVal && (key == "minlen" || key == "maxlen" || key == "len"):
			n, err := p.number(val, 16)
			if err != nil {
				return err
			}
			if key != "maxlen" {
				f.Type.MinLen = int(n)
			}
			if key != "minlen" {
				f.Type.MaxLen = int(n)
			}
		default:
			return p.fail("%s: unexpected %q", f.Name, w)
		}
	}
	return nil
}

// defineSub: lines "key[,key…] type…"; the key * is the default.
func (p *parser) defineSub(b block) error {
	s := p.fam.Subs[b.words[1]]
	for _, l := range b.body {
		p.no = l.no
		if len(l.words) < 2 {
			return p.fail("want: key type")
		}
		t, rest, err := p.typ(l.words[1:])
		if err != nil {
			return err
		}
		if len(rest) > 0 {
			return p.fail("unexpected %s", rest[0])
		}
		for _, k := range strings.Split(l.words[0], ",") {
			if k == "*" {
				s.Default = &t
				continue
			}
			if v, ok := p.constant(k); ok {
				if s.ByValue == nil {
					s.ByValue = map[uint64]*Type{}
				}
				s.ByValue[v] = &t
				continue
			}
			if s.ByName == nil {
				s.ByName = map[string]*Type{}
			}
			if _, ok := s.ByName[k]; ok {
				return p.fail("%s is there twice", k)
			}
			s.ByName[k] = &t
		}
	}
	return nil
}

func (p *parser) defineGroups(b block) error {
	for _, l := range b.body {
		p.no = l.no
		if len(l.words) == 1 {
			p.fam.Groups = append(p.fam.Groups, Group{Name: l.words[0]})
			continue
		}
		n, err := p.number(l.words[0], 32)
		if err != nil {
			return err
		}
		p.fam.Groups = append(p.fam.Groups, Group{ID: uint32(n), Name: l.words[1]})
	}
	return nil
}
