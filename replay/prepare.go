package replay

import (
	"fmt"
	"slices"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// Prepare puts before a plan's requests those earlier ones of the capture that
// made what they name, and lists the interfaces that nothing in the capture
// makes. Two requests belong together if they name the same thing: an interface,
// by name or index, or, in one protocol, a string that is a name.
func (c *Capture) Prepare(p *Plan) error {
	want := names{}
	b := newBuilder(c)
	chosen := map[int]bool{}
	last := 0
	for i := range p.Requests {
		chosen[p.Requests[i].Frame] = true
		last = max(last, p.Requests[i].Frame)
	}
	var earlier []int
	for i := len(c.Frames) - 1; i >= 0; i-- {
		f := &c.Frames[i]
		if f.Event != nil || f.Number > last || len(f.Data) <= capture.CookedLen {
			continue
		}
		if chosen[f.Number] {
			want.add(f, c.Tree(i))
			continue
		}
		if !c.builds(f, i) || f.OrigLen > len(f.Data) {
			continue
		}
		has := names{}
		has.add(f, c.Tree(i))
		if !want.shares(has) {
			continue
		}
		// Whatever this one needs was made before it.
		for n := range has {
			want[n] = true
		}
		earlier = append(earlier, i)
	}
	slices.Reverse(earlier)
	for _, i := range earlier {
		b.add(&c.Frames[i], c.Tree(i))
	}
	for i := range b.plan.Requests {
		b.plan.Requests[i].Prepares = true
	}
	p.merge(b.plan)
	c.prepareLinks(p)
	return nil
}

// prepareLinks lists the interfaces that a plan's requests name and that none of
// them makes.
func (c *Capture) prepareLinks(p *Plan) {
	there := c.before()
	made := map[string]bool{"lo": true}
	for i := range p.Requests {
		q := &p.Requests[i]
		t := c.Tree(side{c: c}.index(q.Frame))
		for m := range t.Own() {
			given(t, m, func(name string) { made[name] = true })
		}
		for n := range q.Rewrites {
			w := &q.Rewrites[n]
			if w.Kind != RewriteIndex {
				continue
			}
			if w.Name == "" && p.Sockets[q.Socket].Proto != families.ProtoRoute {
				continue // of something else, such as a datapath
			}
			if w.Name == "" {
				w.Name = fmt.Sprintf("link%d", w.Value) // any name does: the capture has none
			}
			if made[w.Name] || c.lacked(q) {
				continue
			}
			l := Link{Name: w.Name, Index: uint32(w.Value)}
			if at := slices.IndexFunc(there.links, func(x Link) bool { return x.Name == w.Name }); at >= 0 {
				l = there.links[at]
			}
			p.addLink(l)
		}
	}
}

// lacked says that the kernel refused a request since an interface was not there
// (ENODEV).
func (c *Capture) lacked(q *Request) bool {
	return slices.ContainsFunc(q.Exchanges, func(id uint64) bool {
		e := c.Exchange(id)
		return e != nil && (e.Errno == 19 || e.Errno == -19)
	})
}

// merge puts the requests of o among those of p, in the order of the capture.
func (p *Plan) merge(o *Plan) {
	// The same socket of the capture is one of both: of the same protocol and
	// portid.
	for i := range o.Requests {
		s := o.Sockets[o.Requests[i].Socket]
		at := slices.IndexFunc(p.Sockets, func(x Socket) bool { return x.Proto == s.Proto && x.PortID == s.PortID })
		if at < 0 {
			at = len(p.Sockets)
			p.Sockets = append(p.Sockets, s)
		}
		o.Requests[i].Socket = at
	}
	p.Requests = append(p.Requests, o.Requests...)
	slices.SortStableFunc(p.Requests, func(a, b Request) int { return a.Frame - b.Frame })
}

// builds reports whether a frame's requests changed something: they are no
// questions, and the kernel did not refuse all of them.
func (c *Capture) builds(f *Loaded, i int) bool {
	ok := false
	for _, r := range f.Refs {
		if r.Role != flow.Request {
			continue
		}
		if e := c.Exchange(r.Exchange); e == nil || e.Errno != 0 || e.Dump {
			continue
		}
		ok = true
	}
	if !ok {
		return false
	}
	for m := range c.Tree(i).Own() {
		if m.Dir == dissect.DirToKernel && m.Class != families.ClassGet && !isBatchMark(m) {
			return true
		}
	}
	return false
}

// name is something that requests are about.
type name struct {
	proto uint8 // 0 for interfaces, whatever the protocol
	link  bool
	text  string
}

type names map[name]bool

func (n names) shares(o names) bool {
	for x := range o {
		if n[x] {
			return true
		}
	}
	return false
}

// add collects what a frame's messages name. What chooses a format (the kind
// of an interface, an expression) names nothing.
func (n names) add(f *Loaded, t *dissect.Tree) {
	for m := range t.Own() {
		for i := m.Node; i < t.Nodes[m.Node].End; i++ {
			row := &t.Nodes[i]
			if row.Type == nil || row.Kind != dissect.KindValue && row.Kind != dissect.KindMember {
				continue
			}
			switch {
			case row.Type.Hint == families.HintIfIndex && row.Len == 4:
				if v := uint32(t.Uint(row)); v != 0 && v != 1 {
					if s := LinkName(&f.Input, v); s != "" {
						n[name{link: true, text: s}] = true
					}
				}
			case row.Type.Kind == families.KindString:
				field := row.Field
				if field == nil && row.Parent >= 0 {
					field = t.Nodes[row.Parent].Field
				}
				if field == nil || selects(t, i, field) {
					continue
				}
				if b := t.Bytes(row); len(b) > 0 {
					s := cstring(b)
					if s == "" || s == "lo" {
						continue
					}
					n[name{proto: m.Proto, text: s}] = true
					n[name{link: true, text: s}] = true
				}
			}
		}
	}
}

// selects reports whether a field chooses the format of a sibling.
func selects(t *dissect.Tree, row int32, field *families.Field) bool {
	p := t.Nodes[row].Parent
	if p >= 0 && t.Nodes[p].Kind == dissect.KindAttr {
		p = t.Nodes[p].Parent
	}
	if p < 0 {
		return false
	}
	for i := p + 1; i < t.Nodes[p].End; i = t.Nodes[i].End {
		if x := t.Nodes[i].Field; x != nil && x.Type.Kind == families.KindSub && (x.Type.Selector == field.Name || len(x.Type.Inside) > 0 && x.Type.Inside[len(x.Type.Inside)-1] == field.Name) {
			return true
		}
	}
	return len(field.Name) > 5 && field.Name[len(field.Name)-5:] == "_KIND"
}

func cstring(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
