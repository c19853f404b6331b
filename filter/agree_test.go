package filter

import (
	"fmt"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/internal/synth"
	"github.com/nlsniff/nlsniff/render"
)

// corpus is all frames of all captures, prepared.
func corpus(t testing.TB) [][]dissect.Input {
	var out [][]dissect.Input
	for _, name := range pcaptest.Names {
		s := dissect.NewSession(dissect.OrderAuto)
		pcaptest.Inputs(t, name, s)
		full := dissect.NewSession(dissect.OrderAuto)
		full.Adopt(s)
		out = append(out, pcaptest.Inputs(t, name, full))
	}
	return out
}

// TestRawAgrees compares, for every attribute and member that is described,
// what is looked up in the bytes with what the tree says.
func TestRawAgrees(t *testing.T) {
	db := families.Embedded()
	env := NewEnv(db, time.UTC)
	list, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	core := coreFields(env)
	var sources []*attrSource
	seen := map[*families.Field]bool{}
	d := dissect.New(db)
	inputs := corpus(t)
	// Only fields that occur are worth the time.
	occurring := map[*families.Field]bool{}
	for _, c := range inputs {
		for i := range c {
			for _, n := range d.Frame(&c[i]).Nodes {
				if n.Field != nil {
					occurring[n.Field] = true
				}
			}
		}
	}
	for _, f := range list {
		for _, x := range f.Fields() {
			if occurring[x.Field] && !seen[x.Field] && !core[x.Field] && x.Field.Type.Kind != families.KindPad {
				seen[x.Field] = true
				r := &ref{name: x.Field.Name, fields: []*families.Field{x.Field}}
				sources = append(sources, newAttrSource(r, core, env.db))
			}
		}
	}
	if len(sources) < 1000 {
		t.Fatalf("only %d fields occur", len(sources))
	}
	f := &Filter{env: env, need: NeedTree, root: andTest{}}
	m, m2 := f.Matcher(), f.Matcher()
	known, all := 0, 0
	for no, c := range inputs {
		for i := range c {
			in := &c[i]
			if i%7 != 0 && len(c) > 400 {
				continue
			}
			ev := &render.Event{Number: in.Number, OrigLen: in.OrigLen, Links: in.Links, Tree: d.Frame(in)}
			for k, s := range sources {
				if (k+i)%211 != 0 {
					continue
				}
				all++
				ok, wrong := agrees(m, m2, in, ev, s)
				if wrong != "" {
					t.Fatalf("%s frame %d: %s", pcaptest.Names[no], in.Number, wrong)
				}
				if ok {
					known++
				}
			}
		}
	}
	t.Logf("%d of %d lookups needed no tree", known, all)
	if known < all*8/10 {
		t.Errorf("only %d of %d lookups did without the tree", known, all)
	}
}

// agrees looks a field up in the bytes, and says whether that is possible and what is
// other than in the tree.
func agrees(m, m2 *Matcher, in *dissect.Input, ev *render.Event, s *attrSource) (ok bool, wrong string) {
	var want, got []value
	m2.enter(ev)
	for x := range ev.Tree.Own() {
		m2.stage, m2.msg, m2.none = NeedTree, x, false
		want, _ = s.load(m2, want)
	}
	if !readRaw(m, in, ev, s, &got) {
		return false, ""
	}
	if len(got) != len(want) {
		return true, fmt.Sprintf("%s has %d values in the bytes, %d in the tree", s.ref.name, len(got), len(want))
	}
	for j := range got {
		a, b := got[j], want[j]
		if a.kind != b.kind || a.num != b.num || a.neg != b.neg || string(a.b) != string(b.b) || a.t != b.t {
			return true, fmt.Sprintf("%s is %+v in the bytes, %+v in the tree", s.ref.name, a, b)
		}
	}
	return true, ""
}

// TestRawAgreesSynthetic compares the same for requests with every value that a
// description knows.
func TestRawAgreesSynthetic(t *testing.T) {
	db := families.Embedded()
	env := NewEnv(db, time.UTC)
	list, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	core := coreFields(env)
	sources := map[*families.Field]*attrSource{}
	d := dissect.New(db)
	f := &Filter{env: env, need: NeedTree, root: andTest{}}
	m, m2 := f.Matcher(), f.Matcher()
	n, known, all := 0, 0, 0
	for _, fam := range list {
		for r := range synth.Requests(fam) {
			if n++; testing.Short() && n%16 != 0 {
				continue
			}
			in := r.Input()
			ev := &render.Event{Number: in.Number, OrigLen: in.OrigLen, Links: in.Links, Tree: d.Frame(in)}
			asked := map[*families.Field]bool{}
			for i := range ev.Tree.Nodes {
				x := ev.Tree.Nodes[i].Field
				if x == nil || asked[x] || core[x] || x.Type.Kind == families.KindPad || ev.Tree.Nodes[i].Off < 16 {
					continue
				}
				asked[x] = true
				if sources[x] == nil {
					sources[x] = newAttrSource(&ref{name: x.Name, fields: []*families.Field{x}}, core, env.db)
				}
				all++
				ok, wrong := agrees(m, m2, in, ev, sources[x])
				if wrong != "" {
					t.Errorf("%s %s: %s", fam.Name, r.What, wrong)
				}
				if ok {
					known++
				}
			}
		}
	}
	t.Logf("%d of %d lookups needed no tree", known, all)
	if known < all*5/10 {
		t.Errorf("only %d of %d lookups did without the tree", known, all)
	}
}

// readRaw walks a frame's messages as Quick does.
func readRaw(m *Matcher, in *dissect.Input, ev *render.Event, s *attrSource, out *[]value) bool {
	for m.begin(in, ev); m.next(); m.no++ {
		if !m.whole() {
			return false
		}
		m.stage = NeedAttrs
		vals, known := s.load(m, *out)
		if !known {
			return false
		}
		*out = vals
	}
	return m.no > 0
}
