package families

import (
	"math"
	"strings"
)

// define fills in what a block declares.
func (p *parser) define(b block) error {
	switch b.words[0] {
	case "enum", "numbers", "flags", "bits":
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
	case "events":
		return p.defineMessages(b, false, false)
	case "groups":
		return p.defineGroups(b)
	case "datagram":
		body := p.body(b.words[1])
		if body == nil {
			return p.fail("unknown body %s", b.words[1])
		}
		p.fam.Datagram = &Message{Name: body.Name, Short: body.Name, Req: true, Rep: true, Body: body, Family: p.fam}
	}
	if len(b.body) > 0 {
		p.no = b.body[0].no
		return p.fail("%s takes no lines below it", b.words[0])
	}
	return nil
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
	e.Entries = make([]Entry, 0, len(b.body))
	for _, l := range b.body {
		p.no = l.no
		if len(l.words) < 2 {
			return p.fail("want: value NAME")
		}
		x, err := p.entry(e, l.words)
		if err == nil {
			err = p.name(x.Name, x.Short)
		}
		if err != nil {
			return err
		}
		e.Entries = append(e.Entries, x)
	}
	return nil
}

func (p *parser) entry(e *Enum, w []string) (Entry, error) {
	if e.Kind == EnumBits {
		return p.part(w)
	}
	v, err := p.number(w[0], 64)
	if err != nil {
		return Entry{}, err
	}
	if len(w) > 3 {
		return Entry{}, p.fail("unexpected %s", w[3])
	}
	x := Entry{Value: v, Name: w[1], Short: word(w, 2)}
	if x.Short == "" {
		x.Short = shortName(x.Name, e.Prefix)
	}
	if _, ok := p.fam.consts[x.Name]; !ok {
		p.fam.consts[x.Name] = v
	}
	return x, nil
}

// part reads a line of bits.
func (p *parser) part(w []string) (Entry, error) {
	if len(w) < 3 {
		return Entry{}, p.fail("want: shift width NAME [type]")
	}
	shift, err := p.count(w[0], 63)
	if err != nil {
		return Entry{}, err
	}
	width, err := p.count(w[1], 64)
	if err != nil || width == 0 || shift+width > 64 {
		return Entry{}, p.fail("bad width %s", w[1])
	}
	x := Entry{Value: shift, Width: uint8(width), Name: w[2], Short: w[2]}
	if len(w) > 3 {
		t, rest, err := p.typ(append([]string{"u64"}, w[3:]...))
		if err != nil {
			return Entry{}, err
		}
		if len(rest) > 0 {
			return Entry{}, p.fail("unexpected %s", rest[0])
		}
		x.Type = &t
	}
	return x, nil
}

// defineStruct: lines "name type…".
func (p *parser) defineStruct(b block) error {
	s := p.fam.Structs[b.words[1]]
	for _, w := range b.words[2:] {
		if v, ok := strings.CutPrefix(w, "min="); ok {
			n, err := p.count(v, maxSize)
			if err != nil || n == 0 {
				return p.fail("bad number %s", v)
			}
			s.Min = int(n)
		} else if v, ok := strings.CutPrefix(w, "show="); ok {
			if s.Show = showWords[v]; s.Show == ShowMembers {
				return p.fail("no way to show is called %s", v)
			}
		} else if w == "packed" {
			s.Packed = true
		} else {
			return p.fail("unexpected %s", w)
		}
	}
	if len(b.body) == 0 {
		return p.fail("struct %s has no members", s.Name)
	}
	names := make(map[string]bool, len(b.body))
	fields := make([]Field, len(b.body)) // in one piece
	s.Members = make([]*Field, 0, len(b.body))
	for i, l := range b.body {
		p.no = l.no
		if l.words[0] == "line" {
			items, only, err := p.lineItems(l.words[1:])
			if err != nil {
				return err
			}
			s.words, s.only = append(s.words, items...), s.only || only
			continue
		}
		if names[l.words[0]] {
			return p.fail("%s is there twice", l.words[0])
		}
		names[l.words[0]] = true
		f := &fields[i]
		f.Name, f.Short = l.words[0], shortName(l.words[0], "")
		if err := p.field(f, l.words[1:], s); err != nil {
			return err
		}
		s.Members = append(s.Members, f)
	}
	return nil
}

// maxAttr is the largest attribute type (NLA_TYPE_MASK in linux/netlink.h).
const maxAttr = 0x3fff

// defineAttrs: lines "id NAME type…".
func (p *parser) defineAttrs(b block, set *AttrSet) error {
	limit := uint64(maxAttr)
	if b.words[0] == "tlv" {
		limit = math.MaxUint16
	}
	option := word(b.words, 3)
	if option != "" && option != "multi" && option != "secret" {
		return p.fail("unexpected %s", option)
	}
	fields := make([]Field, len(b.body)) // in one piece
	set.Fields = make([]*Field, 0, len(b.body))
	for i, l := range b.body {
		p.no = l.no
		if l.words[0] == "line" {
			items, only, err := p.lineItems(l.words[1:])
			if err != nil {
				return err
			}
			set.words, set.only = append(set.words, items...), set.only || only
			continue
		}
		if len(l.words) < 3 {
			return p.fail("want: id NAME type")
		}
		id, err := p.count(l.words[0], limit)
		if err != nil {
			return err
		}
		f := &fields[i]
		f.ID, f.Name, f.Short = uint16(id), l.words[1], shortName(l.words[1], set.Prefix)
		if err := p.field(f, l.words[2:], nil); err != nil {
			return err
		}
		f.Multi = f.Multi || option == "multi"
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
		case w == "quiet":
			f.Quiet = true
		case w == "guess":
			f.Guess = true
		case hasVal && key == "short":
			f.Short = val
		case hasVal && key == "since":
			f.Since = val
		case hasVal && key == "until":
			f.Until = val
		case hasVal && key == "volatile":
			word, space, _ := strings.Cut(val, ":")
			v, ok := volatileWords[word]
			if !ok || (space != "") != (v == VolatileID) {
				return p.fail("%s: volatile takes id:SPACE, gen, count, time or host", w)
			}
			f.Volatile, f.Space = v, space
		case hasVal && key == "doc":
			f.Doc = val
		case hasVal && (key == "used" || key == "as" || key == "cut"):
			if err := p.parallel(f, key, val, in); err != nil {
				return err
			}
		case hasVal && key == "unit" && val != "":
			t, err := p.integer(f, key)
			if err != nil {
				return err
			}
			t.Unit = val
		case hasVal && key == "scale":
			t, err := p.integer(f, key)
			if err != nil {
				return err
			}
			n, err := p.count(val, maxScale)
			if err != nil || n == 0 {
				return p.fail("bad number %s", val)
			}
			t.Scale = int(n)
		case hasVal && (key == "min" || key == "max"):
			n, err := p.number(val, 64)
			if err != nil {
				return err
			}
			t, err := p.integer(f, key)
			if err != nil {
				return err
			}
			if key == "min" {
				t.Min, t.HasMin = int64(n), true
			} else {
				t.Max, t.HasMax = int64(n), true
			}
		case hasVal && (key == "minlen" || key == "maxlen" || key == "len"):
			n, err := p.count(val, math.MaxUint16)
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
	return p.name(f.Name, f.Short)
}

// maxScale bounds what an integer is divided by to be shown.
const maxScale = 1_000_000_000

// integer finds the integer that what stands behind a type is about: the type,
// or for how it is shown (unit, scale) the elements of a list of integers.
func (p *parser) integer(f *Field, key string) (*Type, error) {
	t := &f.Type
	for (key == "unit" || key == "scale") && (t.Kind == KindIndexed || t.Kind == KindArray) && t.Elem != nil {
		t = t.Elem
	}
	if t.Kind != KindUint && t.Kind != KindSint {
		return nil, p.fail("%s= is for integers; minlen and maxlen count bytes", key)
	}
	return t, nil
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
		if len(rest) > 0 && rest[0] == "secret" {
			t.Secret, rest = true, rest[1:]
		}
		if len(rest) > 0 {
			return p.fail("unexpected %s", rest[0])
		}
		if t.Kind == KindSub && t.Sub.reaches(s, maxTypes) {
			return p.fail("a format cannot be a sub itself")
		}
		for _, k := range strings.Split(l.words[0], ",") {
			if !p.format(s, k, &t) {
				return p.fail("%s is there twice", k)
			}
			if k == "" {
				return p.fail("a key is empty")
			}
		}
	}
	return nil
}

// reaches says whether a format of s, or one of those that its formats choose
// among, is t, or is that many levels down.
func (s *SubMessage) reaches(t *SubMessage, levels int) bool {
	at := map[*SubMessage]bool{s: true}
	for range levels {
		next := map[*SubMessage]bool{}
		for sub := range at {
			if sub == t {
				return true
			}
			for _, f := range sub.Formats() {
				if f.Kind == KindSub {
					next[f.Sub] = true
				}
			}
		}
		at = next
	}
	return len(at) > 0
}

// format enters the format of a key. It reports whether the key is new.
func (p *parser) format(s *SubMessage, key string, t *Type) bool {
	if key == "*" {
		was := s.Default
		s.Default = t
		return was == nil
	}
	if v, ok := p.constant(key); ok {
		if s.ByValue == nil {
			s.ByValue = map[uint64]*Type{}
		}
		_, twice := s.ByValue[v]
		s.ByValue[v] = t
		if key[0] < 'a' || key[0] > 'z' || twice {
			return !twice
		}
		// The uapi's constants are in capitals: this may be a string that is
		// called like one of our own.
	}
	if s.ByName == nil {
		s.ByName = map[string]*Type{}
	}
	_, twice := s.ByName[key]
	s.ByName[key] = t
	return !twice
}

func (p *parser) defineGroups(b block) error {
	for _, l := range b.body {
		p.no = l.no
		g := Group{Name: l.words[len(l.words)-1]}
		if len(l.words) > 2 {
			return p.fail("unexpected %s", l.words[2])
		}
		if len(l.words) == 2 {
			n, err := p.count(l.words[0], math.MaxUint32)
			if err != nil {
				return err
			}
			g.ID = uint32(n)
		}
		if err := p.name(g.Name); err != nil {
			return err
		}
		p.fam.Groups = append(p.fam.Groups, g)
	}
	return nil
}
