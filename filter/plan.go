package filter

import (
	"slices"

	"github.com/nlsniff/nlsniff/families"
)

// planner knows, for the attribute spaces that it has met, behind which
// attributes a field can be, so that a walk skips all others.
type planner struct {
	src     *attrSource
	sets    map[*families.AttrSet]*setPlan
	structs map[*families.Struct]*structPlan
	// reach says of spaces and structs whether the field can be inside.
	reach map[any]bool
	// never says of message types and of generic families that none of their
	// bodies can have the field.
	never     map[uint32]bool
	neverGenl map[string]bool
	// lastKey and lastNever are the answer before: of a dump's messages all
	// have one type.
	lastKey   uint32
	lastNever bool
	db        *families.DB
}

// setPlan has an entry for each attribute type worth looking at.
type setPlan struct {
	byID  []*attrPlan // by attribute type
	empty bool
}

// attrPlan says what to do with one attribute.
type attrPlan struct {
	field *families.Field
	hit   bool // it is the field
	enter bool // the field can be inside
}

// structPlan lists the members of a struct that are the field.
type structPlan struct {
	members []*families.Field
	// tree is set if only the dissector finds its way.
	tree  bool
	empty bool
}

func newPlanner(s *attrSource, db *families.DB) *planner {
	return &planner{src: s, db: db, never: map[uint32]bool{}, neverGenl: map[string]bool{}, sets: map[*families.AttrSet]*setPlan{}, structs: map[*families.Struct]*structPlan{}, reach: map[any]bool{}}
}

// planner returns the matcher's planner for a field.
func (m *Matcher) planner(s *attrSource) *planner {
	if m.plan != nil && m.plan.src == s { // most filters ask for one field
		return m.plan
	}
	p := m.plans[s]
	if p == nil {
		p = newPlanner(s, m.f.env.db)
		m.plans[s] = p
	}
	m.plan = p
	return p
}

// neverOf is never for a message type of a classic protocol.
func (p *planner) neverOf(proto uint8, typ uint16) bool {
	key := uint32(proto)<<16 | uint32(typ)
	if key == p.lastKey && key != 0 {
		return p.lastNever
	}
	p.lastKey, p.lastNever = key, p.findNever(key, proto, typ)
	return p.lastNever
}

func (p *planner) findNever(key uint32, proto uint8, typ uint16) bool {
	if !p.src.holders().Protocol(proto) {
		return true
	}
	never, ok := p.never[key]
	if !ok {
		t := p.db.Protocol(proto)
		never = !p.body(t.Lookup(typ, false)) && !p.body(t.Lookup(typ, true)) && !p.body(t.Event(typ))
		p.never[key] = never
	}
	return never
}

// neverIn is never for a generic family. Of one without a name nobody knows
// the attributes.
func (p *planner) neverIn(name string) bool {
	if name != "" && !p.src.holders().Genl(name) {
		return true
	}
	never, ok := p.neverGenl[name]
	if !ok {
		never = true
		if f := p.db.Genl(name); name != "" && f != nil {
			never = !slices.ContainsFunc(f.Messages, p.body)
		}
		p.neverGenl[name] = never
	}
	return never
}

// body says whether a message's body can have the field.
func (p *planner) body(m *families.Message) bool {
	if m == nil || m.Body == nil {
		return false
	}
	return slices.ContainsFunc(m.Body.Bodies, func(b *families.Body) bool {
		if b.Header != nil {
			p.explore(b.Header)
		}
		if b.Set != nil {
			p.explore(b.Set)
		}
		return b.Header != nil && p.reach[b.Header] || b.Set != nil && p.reach[b.Set] || b.Payload != nil && p.payload(b.Payload)
	})
}

// set returns the plan of an attribute space.
func (p *planner) set(s *families.AttrSet) *setPlan {
	if s == nil {
		return &setPlan{empty: true}
	}
	if plan := p.sets[s]; plan != nil {
		return plan
	}
	p.explore(s)
	plan := &setPlan{empty: true}
	for _, f := range s.Fields {
		if s.Field(f.ID) != f {
			continue // another one has its number
		}
		a := &attrPlan{field: f, hit: p.src.has(f), enter: p.inside(&f.Type, 0)}
		if !a.hit && !a.enter {
			continue
		}
		plan.empty = false
		for len(plan.byID) <= int(f.ID) {
			plan.byID = append(plan.byID, nil)
		}
		plan.byID[f.ID] = a
	}
	p.sets[s] = plan
	return plan
}

// strct returns the plan of a struct.
func (p *planner) strct(s *families.Struct) *structPlan {
	if s == nil {
		return &structPlan{empty: true}
	}
	if plan := p.structs[s]; plan != nil {
		return plan
	}
	p.explore(s)
	plan := &structPlan{empty: !p.reach[s]}
	if !plan.empty {
		plan.tree = s.Leaves() == nil
		for _, l := range s.Leaves() {
			if l.Field != nil && p.src.has(l.Field) {
				plan.members = append(plan.members, l.Field)
			}
		}
	}
	p.structs[s] = plan
	return plan
}

// inside says whether the field can be within a value of a type. What stands
// in it was explored.
func (p *planner) inside(t *families.Type, depth int) bool {
	if t == nil || depth > 8 {
		return false
	}
	if t.Set != nil && p.reach[t.Set] || t.Struct != nil && p.reach[t.Struct] {
		return true
	}
	if t.TLV != nil && (p.reach[t.TLV.Set] || t.TLV.Head != nil && p.reach[t.TLV.Head]) {
		return true
	}
	if t.Kind == families.KindMessage {
		return true // anything can be in there
	}
	if t.Sub != nil && slices.ContainsFunc(t.Sub.Formats(), func(f *families.Type) bool { return p.inside(f, depth+1) }) {
		return true
	}
	return p.inside(t.Elem, depth+1)
}

// explore finds out, for all that can be reached from a space or a struct,
// from where the field can be reached.
func (p *planner) explore(root any) {
	if _, ok := p.reach[root]; ok {
		return
	}
	into := map[any][]any{} // who leads there
	queue := []any{root}
	p.reach[root] = false
	var hits []any
	add := func(from, to any) {
		into[to] = append(into[to], from)
		if _, ok := p.reach[to]; !ok {
			p.reach[to] = false
			queue = append(queue, to)
		} else if p.reach[to] {
			hits = append(hits, to)
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		fields := []*families.Field(nil)
		switch x := at.(type) {
		case *families.AttrSet:
			fields = x.Fields
		case *families.Struct:
			fields = x.Members
		}
		for _, f := range fields {
			if p.src.has(f) || holdsAnything(&f.Type, 0) {
				hits = append(hits, at)
			}
			links(&f.Type, 0, func(to any) { add(at, to) })
		}
	}
	for len(hits) > 0 {
		at := hits[len(hits)-1]
		hits = hits[:len(hits)-1]
		if p.reach[at] && len(into[at]) == 0 {
			continue
		}
		p.reach[at] = true
		for _, from := range into[at] {
			if !p.reach[from] {
				hits = append(hits, from)
			}
		}
		into[at] = nil
	}
}

// holdsAnything says whether a payload can be what no space describes: whole
// messages. Of a packet only its elements are described, which its type has.
func holdsAnything(t *families.Type, depth int) bool {
	if t == nil || depth > 8 {
		return false
	}
	switch t.Kind {
	case families.KindMessage:
		return true
	case families.KindSub:
		return slices.ContainsFunc(t.Sub.Formats(), func(f *families.Type) bool { return holdsAnything(f, depth+1) })
	}
	return holdsAnything(t.Elem, depth+1)
}

// links calls fn for the spaces and structs that a type leads to.
func links(t *families.Type, depth int, fn func(any)) {
	if t == nil || depth > 8 {
		return
	}
	if t.Set != nil {
		fn(t.Set)
	}
	if t.Struct != nil {
		fn(t.Struct)
	}
	if t.TLV != nil {
		fn(t.TLV.Set)
		if t.TLV.Head != nil {
			fn(t.TLV.Head)
		}
	}
	if t.Sub != nil {
		for _, f := range t.Sub.Formats() {
			links(f, depth+1, fn)
		}
	}
	links(t.Elem, depth+1, fn)
}
