// Package craft makes requests of what someone types: a command, and names with
// values. It completes these, checks the request against the descriptions and
// what the running kernel says that it accepts, and varies it at the edges of
// what is allowed.
package craft

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
)

// ErrCommand says that no request has a name.
var ErrCommand = errors.New("no request is called that")

// Find finds a request by its uapi name (RTM_NEWLINK), or by the name of its
// family and either of its own (rt-link newlink). It returns how many of args it
// took.
func Find(db *families.DB, args []string) (*families.Message, int, error) {
	if len(args) == 0 {
		return nil, 0, fmt.Errorf("%w: no name", ErrCommand)
	}
	if f := Family(db, args[0]); f != nil {
		if len(args) == 1 {
			return nil, 0, fmt.Errorf("%w: %s has %s", ErrCommand, args[0], some(Commands(f)))
		}
		for _, m := range f.Messages {
			if m.Req && (m.Name == args[1] || m.Short == args[1]) {
				return m, 2, nil
			}
		}
		return nil, 0, fmt.Errorf("%w: %s has no %s, but %s", ErrCommand, args[0], args[1], some(Commands(f)))
	}
	if m := db.FindRequest(args[0]); m != nil {
		return m, 1, nil
	}
	return nil, 0, fmt.Errorf("%w: %s", ErrCommand, args[0])
}

// Family finds a description by its name or that which a generic family
// registers.
func Family(db *families.DB, name string) *families.Family {
	for _, in := range db.List() {
		if in.Name == name && !in.Library {
			f, err := db.Load(name)
			if err == nil && len(f.Messages) > 0 {
				return f
			}
		}
	}
	return db.Genl(name)
}

// Commands are the names of a family's requests.
func Commands(f *families.Family) []string {
	var out []string
	for _, m := range f.Messages {
		if m.Req {
			out = append(out, m.Name)
		}
	}
	return out
}

func some(list []string) string {
	const most = 8
	if len(list) > most {
		return strings.Join(list[:most], ", ") + ", …"
	}
	return strings.Join(list, ", ")
}

// New makes a request without values: its type, the flags that its kind mostly
// has, and those of flags.
func New(m *families.Message, flags []string) *encode.Value {
	v := &encode.Value{Shape: encode.Object}
	f := m.Family
	v.Set("protocol", encode.Text(families.ProtocolName(f.Protocol)))
	v.Set("direction", encode.Text("to_kernel"))
	nl := &encode.Value{Shape: encode.Object}
	list := &encode.Value{Shape: encode.List, Items: []*encode.Value{encode.Text("REQUEST"), encode.Text("ACK")}}
	dump := false
	for _, x := range flags {
		list.Items = append(list.Items, encode.Text(x))
		dump = dump || x == "DUMP" || x == "NLM_F_DUMP"
	}
	if dump { // ends with NLMSG_DONE
		list.Items = append(list.Items[:1], list.Items[2:]...)
	}
	if f.Genl != "" {
		nl.Set("type", encode.Text(f.Genl))
		g := &encode.Value{Shape: encode.Object}
		g.Set("family", encode.Text(f.Genl))
		g.Set("cmd", encode.Text(m.Name))
		defer v.Set("genl", g)
	} else {
		nl.Set("type", encode.Text(m.Name))
	}
	nl.Set("flags", list)
	nl.Set("seq", &encode.Value{Shape: encode.Number, Text: "1"})
	v.Set("nlmsg", nl)
	return v
}

// Assign gives a member or an attribute a value: NAME=VALUE, NAME:=JSON, or NAME
// for an attribute that is a flag. NAME is a path: A/B, or A[1]/B for the second
// of several.
func Assign(v *encode.Value, m *families.Message, word string) error {
	name, val := word, &encode.Value{Shape: encode.Bool, Text: "true"}
	if i := strings.IndexByte(word, '='); i > 0 {
		name, val = word[:i], encode.Text(word[i+1:])
		if word[i-1] == ':' {
			name = word[:i-1]
			var err error
			if val, err = encode.ParseOne([]byte(word[i+1:])); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	steps, err := path(name)
	if err != nil {
		return err
	}
	top := topOf(m)
	f := top.find(steps[0].name)
	where := "attrs"
	if f != nil && top.isMember(f) {
		where = "header"
	}
	if f == nil && !number(steps[0].name) {
		return fmt.Errorf("%s has no member or attribute %s%s", m.Name, steps[0].name, top.hint(steps[0].name))
	}
	obj := v.Get(where)
	if obj == nil {
		obj = &encode.Value{Shape: encode.Object}
		v.Set(where, obj)
	}
	return set(obj, top, steps, val)
}

// step is a part of a path.
type step struct {
	name  string
	index int // of several, -1: the last, or a new one at the end of a path
}

func path(s string) ([]step, error) {
	var out []step
	for _, w := range strings.Split(s, "/") {
		x := step{w, -1}
		if i := strings.IndexByte(w, '['); i > 0 && strings.HasSuffix(w, "]") {
			if _, err := fmt.Sscanf(w[i:], "[%d]", &x.index); err != nil || x.index < 0 || x.index > 1<<12 {
				return nil, fmt.Errorf("%s: %q is no place in a list", s, w[i:])
			}
			x.name = w[:i]
		}
		if x.name == "" {
			return nil, fmt.Errorf("%q has an empty name (hint: NAME=VALUE, or OUTER/INNER=VALUE)", s)
		}
		out = append(out, x)
	}
	return out, nil
}

// set goes along a path and puts a value at its end.
func set(obj *encode.Value, p place, steps []step, val *encode.Value) error {
	s := steps[0]
	f := p.find(s.name)
	if f == nil && !number(s.name) {
		return fmt.Errorf("no member or attribute %s%s", s.name, p.hint(s.name))
	}
	name := s.name
	var t *families.Type
	multi := false
	if f != nil {
		name, t, multi = f.Name, &f.Type, f.Multi
	}
	if p.ordered { // a list of objects with one key each
		obj = elementOf(obj, s, name, len(steps) == 1)
	} else if multi || t != nil && listed(t) && len(steps) > 1 {
		list := obj.Get(name)
		if list == nil {
			list = &encode.Value{Shape: encode.List}
			obj.Set(name, list)
		}
		if len(steps) == 1 {
			if val.Shape == encode.List && multi {
				list.Items = append(list.Items, val.Items...)
			} else {
				list.Items = append(list.Items, val)
			}
			return nil
		}
		i := s.index
		if i < 0 {
			i = max(len(list.Items)-1, 0)
		}
		for len(list.Items) <= i {
			list.Items = append(list.Items, &encode.Value{Shape: encode.Object})
		}
		return wrap(s.name, set(list.Items[i], inside(t), steps[1:], val))
	}
	if len(steps) == 1 {
		obj.Set(name, val)
		return nil
	}
	if t == nil {
		return fmt.Errorf("%s: nobody described what is in it", s.name)
	}
	in := obj.Get(name)
	if in == nil {
		in = &encode.Value{Shape: encode.Object}
		if inside(t).ordered {
			in.Shape = encode.List
		}
		obj.Set(name, in)
	}
	return wrap(s.name, set(in, inside(t), steps[1:], val))
}

// elementOf returns the object for a key in a list of objects with one key each.
func elementOf(list *encode.Value, s step, name string, last bool) *encode.Value {
	list.Shape = encode.List
	n := 0
	for _, x := range list.Items {
		if len(x.Members) == 1 && x.Members[0].Key == name {
			if s.index == n || s.index < 0 && !last && n == count(list, name)-1 {
				return x
			}
			n++
		}
	}
	x := &encode.Value{Shape: encode.Object}
	if !last {
		x.Set(name, &encode.Value{Shape: encode.Object})
	}
	list.Items = append(list.Items, x)
	return x
}

func count(list *encode.Value, name string) (n int) {
	for _, x := range list.Items {
		if len(x.Members) == 1 && x.Members[0].Key == name {
			n++
		}
	}
	return n
}

func wrap(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s/%w", name, err)
}

func number(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// place is where names stand: attribute spaces and structs, several where
// something beside them decides.
type place struct {
	sets    []*families.AttrSet
	structs []*families.Struct
	ordered bool
}

// topOf is the place that a message is.
func topOf(m *families.Message) place {
	var p place
	if m.Body == nil {
		return p
	}
	for _, b := range m.Body.Bodies {
		skip := false
		for _, c := range b.When {
			skip = skip || c.Kind == families.CondReply && !c.Not || c.Kind == families.CondAttrsAt && !c.Not
		}
		if skip {
			continue
		}
		if b.Header != nil {
			p.structs = append(p.structs, b.Header)
		}
		if b.Set != nil {
			p.sets = append(p.sets, b.Set)
		}
		if b.Payload != nil {
			in := inside(b.Payload)
			p.sets = append(p.sets, in.sets...)
			p.structs = append(p.structs, in.structs...)
		}
	}
	return p
}

// isMember says whether a field is one of a header's.
func (p place) isMember(f *families.Field) bool {
	for _, s := range p.structs {
		if s.Member(f.Name) == f {
			return true
		}
	}
	return false
}

// inside is the place that a value of a type is.
func inside(t *families.Type) place {
	var p place
	switch t.Kind {
	case families.KindSub:
		for _, x := range t.Sub.Formats() {
			in := inside(x)
			p.sets = append(p.sets, in.sets...)
			p.structs = append(p.structs, in.structs...)
			p.ordered = p.ordered || in.ordered
		}
		return p
	case families.KindIndexed, families.KindArray:
		if t.Elem != nil {
			return inside(t.Elem)
		}
	case families.KindTLV:
		return place{sets: []*families.AttrSet{t.TLV.Set}, ordered: t.Ordered}
	}
	if t.Set != nil {
		p.sets = append(p.sets, t.Set)
	}
	if t.Struct != nil {
		p.structs = append(p.structs, t.Struct)
	}
	p.ordered = t.Ordered && t.Kind == families.KindNest
	return p
}

// listed says whether a value is a list of what is inside it.
func listed(t *families.Type) bool {
	switch t.Kind {
	case families.KindIndexed, families.KindArray, families.KindRecords:
		return !t.Ordered
	}
	return false
}

func (p place) find(name string) *families.Field {
	for _, s := range p.structs {
		if f := s.Member(name); f != nil {
			return f
		}
	}
	for _, s := range p.sets {
		if f := s.ByName(name); f != nil {
			return f
		}
	}
	return nil
}

// fields are all members and attributes, each name once.
func (p place) fields() []*families.Field {
	var out []*families.Field
	seen := map[string]bool{}
	add := func(f *families.Field) {
		if f.Type.Kind != families.KindPad && !seen[f.Name] {
			seen[f.Name] = true
			out = append(out, f)
		}
	}
	for _, s := range p.structs {
		for _, f := range s.Members {
			add(f)
		}
	}
	for _, s := range p.sets {
		for _, f := range s.Fields {
			add(f)
		}
	}
	return out
}

// hint names what there is that looks like name.
func (p place) hint(name string) string {
	want := strings.ToLower(strings.ReplaceAll(name, "-", "_"))
	var like, all []string
	for _, f := range p.fields() {
		have := strings.ToLower(f.Name)
		if strings.Contains(have, want) || strings.Contains(want, strings.ToLower(f.Short)) && f.Short != "" {
			like = append(like, f.Name)
		}
		all = append(all, f.Name)
	}
	if len(like) == 0 {
		like = all
	}
	if len(like) == 0 {
		return ""
	}
	return " (hint: " + some(like) + ")"
}

// Complete returns what can stand in the place of word behind a request's name,
// each with a word about it behind a tab.
func Complete(m *families.Message, word string) []string {
	var out []string
	name, val, hasVal := strings.Cut(word, "=")
	parts := strings.Split(name, "/")
	p, prefix := topOf(m), ""
	for _, w := range parts[:len(parts)-1] {
		base, _, _ := strings.Cut(w, "[")
		f := p.find(base)
		if f == nil {
			return nil
		}
		p, prefix = inside(&f.Type), prefix+w+"/"
	}
	last := parts[len(parts)-1]
	if hasVal {
		base, _, _ := strings.Cut(last, "[")
		f := p.find(base)
		if f == nil {
			return nil
		}
		return append(values(prefix+last+"=", &f.Type, val), kinds(p, f, prefix+last+"=", val)...)
	}
	for _, f := range p.fields() {
		if !strings.HasPrefix(f.Name, last) && !strings.HasPrefix(f.Short, last) {
			continue
		}
		end := "="
		in := inside(&f.Type)
		switch {
		case len(in.sets)+len(in.structs) > 0:
			end = "/"
		case f.Type.Kind == families.KindFlag:
			end = ""
		}
		info := f.Doc
		if info == "" {
			info = f.Type.String()
		}
		out = append(out, prefix+f.Name+end+"\t"+info)
	}
	return out
}

// values completes the value of a type: names of enums and flags, kinds.
func values(before string, t *families.Type, val string) []string {
	var names []string
	e := t.Enum
	if t.Elem != nil && e == nil {
		e = t.Elem.Enum
	}
	if i := strings.LastIndexAny(val, "|,"); i >= 0 {
		before, val = before+val[:i+1], val[i+1:]
	}
	if e != nil {
		for i := range e.Entries {
			names = append(names, e.Entries[i].Name)
			if e.Kind == families.EnumBits {
				names = names[:len(names)-1]
			}
		}
	}
	if t.Hint == families.HintBool {
		names = append(names, "0", "1")
	}
	var out []string
	for _, n := range names {
		if strings.HasPrefix(n, val) || e != nil && strings.HasPrefix(strings.TrimPrefix(n, e.Prefix), strings.ToUpper(val)) {
			out = append(out, before+n)
		}
	}
	return out
}

// kinds completes a text by which the format of something beside it is chosen.
func kinds(p place, f *families.Field, before, val string) []string {
	if f.Type.Kind != families.KindString {
		return nil
	}
	seen := map[string]bool{}
	for _, s := range p.sets {
		for _, x := range s.Fields {
			if x.Type.Kind != families.KindSub || x.Type.Selector != f.Name && x.Type.Selector != f.Short || len(x.Type.Inside) > 0 {
				continue
			}
			for name := range x.Type.Sub.ByName {
				seen[name] = seen[name] || strings.HasPrefix(name, val)
			}
		}
	}
	var out []string
	for name, fits := range seen {
		if fits {
			out = append(out, before+name)
		}
	}
	sort.Strings(out)
	return out
}

// Names completes the first words: families, and requests by their uapi names.
func Names(db *families.DB, word string) []string {
	var out []string
	for _, in := range db.List() {
		if !in.Library && strings.HasPrefix(in.Name, word) {
			out = append(out, in.Name)
		}
	}
	if word != "" && word == strings.ToUpper(word) {
		all, err := db.LoadAll()
		if err == nil {
			for _, f := range all {
				for _, m := range f.Messages {
					if m.Req && strings.HasPrefix(m.Name, word) {
						out = append(out, m.Name+"\t"+f.Name)
					}
				}
			}
		}
	}
	sort.Strings(out)
	return out
}
