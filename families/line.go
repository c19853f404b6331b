package families

import (
	"slices"
	"strings"
	"sync/atomic"
)

// maxPaths is how many places one path of a line may lead to.
const maxPaths = 64

// LineItem is one part of a summary: the first of Alts that a message has,
// behind Label if that is not empty.
type LineItem struct {
	Label string
	Alts  []string
	// Always is set if a header's member is shown though it is zero.
	Always bool
	// Count is set if the number of what is inside is shown, not what it is,
	// or an integer as a number whatever it stands for; All if there is no limit
	// to what is shown.
	Count, All bool
	// Other is set if nothing is shown where the line's first item shows the same.
	Other bool
}

// BoundItem is a LineItem resolved against a Body, an attribute space or a
// struct.
type BoundItem struct {
	Label                     string
	Always, Count, All, Other bool
	Alts                      []BoundAlt
}

// BoundAlt is where a value is, or a text that stands for itself. It counts
// only if all conditions hold.
type BoundAlt struct {
	Path []*Field // nil: the value behind the headers
	Many bool     // there can be several
	Text string
	When []Cond
}

// Line is what a summary shows of what stands in one place.
type Line struct {
	Items []BoundItem
	// Named has the attributes of which an item shows everything, Partly
	// those of which it shows a part, by their types up to 255; Members the
	// same of a header's members, by their place.
	Named, Partly          [4]uint64
	Members, PartlyMembers uint64
	// Inner are the ends of the paths that go deeper.
	Inner []*Field
	// Payload is set if an item shows the value behind the headers.
	Payload bool
	// Only is set if nothing but the items is to be shown.
	Only bool
}

// InLine says whether a line leads to the field, or through it.
func (f *Field) InLine() bool { return atomic.LoadUint32(&f.inLine) != 0 }

// HasID says whether an attribute's type is in a set of those up to 255.
func HasID(set *[4]uint64, id uint16) bool {
	return id < 256 && set[id>>6]>>(id&63)&1 != 0
}

// onlyWord ends a line that says all that there is to say.
const onlyWord = "."

// lineItems reads "[label=]alternative[|alternative]…[!|#|*|~]…". An alternative is
// a path, or ":text", and may have conditions behind it: "?cond[&cond]…".
func (p *parser) lineItems(words []string) (out []LineItem, only bool, err error) {
	for i, w := range words {
		if w == onlyWord {
			if i+1 < len(words) {
				return nil, false, p.fail("unexpected %s", words[i+1])
			}
			return out, true, nil
		}
		item := LineItem{}
		if label, rest, ok := strings.Cut(w, "="); ok && !strings.ContainsAny(label, ":?|") {
			if err := p.name(label); err != nil {
				return nil, false, err
			}
			item.Label, w = label, rest
		}
		w, item.Other = strings.CutSuffix(w, "~")
		w, item.Always = strings.CutSuffix(w, "!")
		w, item.Count = strings.CutSuffix(w, "#")
		w, item.All = strings.CutSuffix(w, "*")
		item.Alts = strings.Split(w, "|")
		out = append(out, item)
	}
	return out, false, nil
}

// place is where the paths of a line start.
type place struct {
	header  *Struct
	set     *AttrSet
	payload *Type
}

// bindLines resolves the paths of the lines in a block, once everything is
// linked.
func (p *parser) bindLines(b block) error {
	var items []LineItem
	var only bool
	var places []place
	var lines []*Line
	var name string
	switch b.words[0] {
	case "body":
		set := p.fam.Bodies[b.words[1]]
		items, only, name = set.Line, set.Only, set.Name
		for _, x := range set.Bodies {
			places, lines = append(places, place{x.Header, x.Set, x.Payload}), append(lines, &x.Line)
		}
	case "attrs", "tlv":
		set := p.fam.Sets[b.words[1]]
		items, only, name = set.words, set.only, set.Name
		places, lines = []place{{nil, set, nil}}, []*Line{&set.Line}
	case "struct":
		s := p.fam.Structs[b.words[1]]
		items, only, name = s.words, s.only, s.Name
		places, lines = []place{{s, nil, nil}}, []*Line{&s.Line}
	default:
		return nil
	}
	var at []int // where each item stands
	for _, l := range b.body {
		if l.words[0] == "line" {
			for range l.words[1:] {
				at = append(at, l.no)
			}
		}
	}
	for i := range items {
		p.no = at[i]
		if err := p.bindItem(&items[i], places, lines, name); err != nil {
			return err
		}
	}
	for i, l := range lines {
		l.Only = only
		l.index(places[i])
	}
	return nil
}

// bindItem appends an item to the lines of the places that have what it shows.
func (p *parser) bindItem(item *LineItem, places []place, lines []*Line, name string) error {
	found := make([]bool, len(item.Alts))
	for i, at := range places {
		bound := BoundItem{Label: item.Label, Always: item.Always, Count: item.Count, All: item.All, Other: item.Other}
		for k, alt := range item.Alts {
			what, conds, _ := strings.Cut(alt, "?")
			var when []Cond
			for _, c := range strings.Split(conds, "&") {
				if c == "" {
					continue
				}
				cond, err := p.cond(c, at.header)
				if err != nil && len(places) == 1 {
					return err
				} else if err != nil {
					when = nil
					what = "" // a header that another variant has
					break
				}
				when = append(when, cond)
			}
			if text, ok := strings.CutPrefix(what, ":"); ok {
				found[k] = true
				bound.Alts = append(bound.Alts, BoundAlt{Text: text, When: when})
				continue
			}
			for _, path := range at.paths(what) {
				found[k] = true
				for _, f := range path {
					if f != nil {
						atomic.StoreUint32(&f.inLine, 1)
					}
				}
				bound.Alts = append(bound.Alts, BoundAlt{Path: path, When: when, Many: many(path)})
			}
		}
		if bound.Alts != nil {
			lines[i].Items = append(lines[i].Items, bound)
		}
	}
	for k, ok := range found {
		if !ok {
			return p.fail("line: no %s in %s", item.Alts[k], name)
		}
	}
	return nil
}

// many says whether a path can lead to several values.
func many(path []*Field) bool {
	for i, f := range path {
		if f.Multi || i+1 < len(path) && (f.Type.Elem != nil || f.Type.Kind == KindRecords || f.Type.Kind == KindTLV) {
			return true
		}
	}
	return false
}

// index notes what the items of a line show.
func (l *Line) index(at place) {
	for _, item := range l.Items {
		for _, alt := range item.Alts {
			if len(alt.Path) == 0 {
				l.Payload = l.Payload || alt.Text == ""
				continue
			}
			f := alt.Path[0]
			if at.header != nil {
				if k := slices.Index(at.header.Members, f); k >= 0 && k < 64 {
					if len(alt.Path) > 1 {
						l.PartlyMembers |= 1 << k
						l.Inner = append(l.Inner, alt.Path[len(alt.Path)-1])
					} else {
						l.Members |= 1 << k
					}
					continue
				}
			}
			if f.ID < 256 {
				bits := &l.Named
				if len(alt.Path) > 1 {
					bits = &l.Partly
				}
				bits[f.ID>>6] |= 1 << (f.ID & 63)
			}
			if len(alt.Path) > 1 || at.set == nil {
				l.Inner = append(l.Inner, alt.Path[len(alt.Path)-1])
			}
		}
	}
}

// PayloadPath is what a line calls the value behind the headers of a message
// that has no attributes. It is bound as a path of no field.
const PayloadPath = "payload"

// paths resolves names separated by slashes: a header member or an attribute,
// then attributes or members inside it. Where a format depends on something
// else, each format that has the name gives a path of its own.
func (b *place) paths(s string) [][]*Field {
	if s == PayloadPath && b.payload != nil {
		return [][]*Field{nil}
	}
	name, rest, _ := strings.Cut(s, "/")
	var out [][]*Field
	if b.header != nil {
		out = below(out, nil, b.header.Member(name), rest)
	}
	if b.set != nil {
		out = below(out, nil, b.set.ByName(name), rest)
	}
	if b.payload != nil && len(out) == 0 {
		out = within(out, nil, b.payload, s)
	}
	return out
}

// below appends the paths that go on from a field.
func below(out [][]*Field, path []*Field, f *Field, rest string) [][]*Field {
	if f == nil {
		return out
	}
	path = append(path[:len(path):len(path)], f)
	if rest == "" {
		return append(out, path)
	}
	return within(out, path, &f.Type, rest)
}

// within appends the paths to what a type has of that name, in each format
// that it can have.
func within(out [][]*Field, path []*Field, t *Type, s string) [][]*Field {
	name, rest, _ := strings.Cut(s, "/")
	formats, _ := formatsOf(nil, nil, t)
	for _, t := range formats {
		if len(out) >= maxPaths {
			break
		}
		if t.Struct != nil {
			out = below(out, path, t.Struct.Member(name), rest)
		}
		set := t.Set
		if t.TLV != nil {
			set = t.TLV.Set
		}
		if set != nil {
			out = below(out, path, set.ByName(name), rest)
		}
	}
	return out
}

// formatsOf appends what a type or its elements can be. A sub may be one of its
// own formats: each is entered once.
func formatsOf(out []*Type, seen []*SubMessage, t *Type) ([]*Type, []*SubMessage) {
	for t.Elem != nil {
		t = t.Elem
	}
	if t.Kind != KindSub {
		return append(out, t), seen
	}
	if slices.Contains(seen, t.Sub) {
		return out, seen
	}
	seen = append(seen, t.Sub)
	for _, x := range t.Sub.Formats() {
		out, seen = formatsOf(out, seen, x)
	}
	return out, seen
}
