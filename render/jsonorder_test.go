package render

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

// TestOrderIsDecided: an object says nothing of the order of attributes of
// different types. Of each attribute space in which that could matter, because
// one of its attributes may repeat beside others, testdata/unordered.txt says
// why it does not; if it does, the nest is marked ordered in the description
// ("nest SET ordered").
func TestOrderIsDecided(t *testing.T) {
	text, err := os.ReadFile("testdata/unordered.txt")
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if name, why, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(line, "#") && why != "" {
			reasons[name] = false
		}
	}
	list, err := families.Embedded().LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	owner := map[*families.AttrSet]string{}
	for _, f := range list {
		for name, s := range f.Sets {
			owner[s] = f.Name + " " + name
		}
	}
	seen := map[*families.AttrSet]bool{}
	ask := func(s *families.AttrSet) {
		multi := s != nil && slices.ContainsFunc(s.Fields, func(f *families.Field) bool { return f.Multi })
		if !multi || len(s.Fields) < 2 || seen[s] {
			return
		}
		seen[s] = true
		if _, ok := reasons[owner[s]]; !ok {
			t.Errorf("does the order of the attributes of %s mean something?", owner[s])
		}
		reasons[owner[s]] = true
	}
	var look func(ty *families.Type, depth int)
	look = func(ty *families.Type, depth int) {
		switch {
		case ty == nil || depth > 6:
		case ty.Kind == families.KindSub:
			eachFormat(ty.Sub, func(f *families.Type) { look(f, depth+1) })
		case ty.Kind == families.KindTLV && !ty.Ordered:
			ask(ty.TLV.Set)
		case ty.Set != nil && !ty.Ordered:
			ask(ty.Set)
		default:
			look(ty.Elem, depth+1)
		}
	}
	for _, f := range list {
		for _, d := range f.Fields() {
			look(&d.Field.Type, 0)
		}
		for _, set := range f.Bodies {
			for _, b := range set.Bodies {
				ask(b.Set)
				look(b.Payload, 0)
			}
		}
	}
	for name, asked := range reasons {
		if !asked {
			t.Errorf("testdata/unordered.txt: %s is ordered, or has no attribute that may repeat beside others", name)
		}
	}
}

// TestOrderIsPrinted: the two captures have the same actions in another order.
func TestOrderIsPrinted(t *testing.T) {
	db := describe(t, "nest inner ordered")
	num := func(v byte) []byte { return attribute(1, []byte{v, 0, 0, 0}) }
	text := attribute(2, []byte("x"))
	var out [2]string
	for i, body := range [][]byte{slices.Concat(num(1), text, num(2)), slices.Concat(num(1), num(2), text)} {
		line := string(NewJSON(Options{}, false).Frame(nil, decode(db, frameOf(attribute(1, body)))))
		_, out[i], _ = strings.Cut(strings.TrimSpace(line), `"attrs":`)
		out[i], _, _ = strings.Cut(out[i], `,"findings"`)
	}
	if want := `{"T_1":[{"IN_NUM":1},{"IN_TEXT":"x"},{"IN_NUM":2}]}`; out[0] != want {
		t.Errorf("%s, want %s", out[0], want)
	}
	if want := `{"T_1":[{"IN_NUM":1},{"IN_NUM":2},{"IN_TEXT":"x"}]}`; out[1] != want {
		t.Errorf("%s, want %s", out[1], want)
	}
}
