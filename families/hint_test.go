package families

import (
	"slices"
	"testing"
)

// engineHints are the words of families/spec/netlink.spec and of YNL's
// display-hint, which no other description has a use for.
var engineHints = []string{"msg_type", "genl_cmd", "fddi"}

// TestHints: docs/descriptions.md names every hint, and no others.
func TestHints(t *testing.T) {
	text := manual(t)
	ints := quoted(section(t, text, "by a word that says how to show it, or both:", "An array of integers"))
	binary := quoted(section(t, text, "`binary` may be followed by ", "."))
	named := slices.Concat(ints, binary, quoted(section(t, text, "An array of integers may be followed by", "and an enum")))
	for _, w := range named {
		if _, ok := hintWords[w]; !ok {
			t.Errorf("%s is no hint", w)
		}
	}
	for w := range hintWords {
		if _, alias := aliasTypes[w]; !alias && !slices.Contains(named, w) && !slices.Contains(engineHints, w) {
			t.Errorf("docs/descriptions.md does not name the hint %s", w)
		}
	}
	for _, w := range engineHints {
		if slices.Contains(named, w) || hintWords[w] == HintNone {
			t.Errorf("%s is no word of the engine's", w)
		}
	}
	for _, c := range []struct {
		typ   string
		words []string
	}{{"u32 ", ints}, {"binary ", binary}} {
		for _, w := range c.words {
			f, err := parseLines("attrs a", "  1 A "+c.typ+w)
			if err != nil {
				t.Errorf("%s%s: %v", c.typ, w, err)
				continue
			}
			if got := f.Sets["a"].Field(1).Type.Hint; got != hintWords[w] {
				t.Errorf("%s%s: hint %d, want %d", c.typ, w, got, hintWords[w])
			}
		}
	}
}

// TestHintsComplete: each hint has one word, and each alias a hint.
func TestHintsComplete(t *testing.T) {
	words := map[Hint]string{}
	for w, h := range hintWords {
		if words[h] != "" {
			t.Errorf("%s and %s are the same hint", w, words[h])
		}
		words[h] = w
	}
	for h := HintNone + 1; h < NumHints; h++ {
		if words[h] == "" {
			t.Errorf("hint %d has no word", h)
		}
		if hintWord(h) != words[h] {
			t.Errorf("hint %d is written %s, want %s", h, hintWord(h), words[h])
		}
	}
	if hintWord(HintNone) != "" {
		t.Errorf("no hint is written %s", hintWord(HintNone))
	}
	types := section(t, manual(t), "| type | meaning |", "An integer may be followed")
	for w, a := range aliasTypes {
		if a.Hint == HintNone {
			t.Errorf("%s has no hint", w)
		}
		if !slices.ContainsFunc(quoted(types), func(q string) bool { return q == w || q == w+"," }) {
			t.Errorf("docs/descriptions.md does not name the type %s", w)
		}
	}
}
