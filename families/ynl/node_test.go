package ynl

import (
	"fmt"
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	complain(t, `name: fam
colour: red
name: again
[a]: b
operations: {list: []}
`, `
		t.yaml:3:1: name is there twice
		t.yaml:4:1: a key of the spec should be a word
		warning: t.yaml:2:1: unknown key "colour" in the spec`)
}

// TestAliases has the same list in several places, as upstream specs do, and
// mappings that take over others'.
func TestAliases(t *testing.T) {
	check(t, "", `name: fam
attribute-sets:
  - name: s
    attributes:
      - &a {name: a, type: u32, byte-order: big-endian}
      - {<<: *a, name: b}
      - {name: c, <<: *a, type: u16}
  - {name: z, attributes: [*a]}
operations:
  list:
    - {name: x, attribute-set: s, do: &d {request: {attributes: &l [a, b]}, reply: {attributes: *l}}, dump: *d}
`, showSets, `
		s FAM_A_S_
		1 FAM_A_S_A a: u32 be
		2 FAM_A_S_B b: u32 be
		3 FAM_A_S_C c: u16 be
		z FAM_A_Z_
		1 FAM_A_Z_A a: u32 be`)
	complain(t, genl+"attribute-sets: [{<<: 5, name: s}]\n", "t.yaml:3:23: << takes a mapping")
}

// TestBomb has small files that stand for huge ones.
func TestBomb(t *testing.T) {
	var words, lists strings.Builder
	words.WriteString("name: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 30 {
		fmt.Fprintf(&words, "k%d: &a%d [*a%[3]d, *a%[3]d, *a%[3]d, *a%[3]d, *a%[3]d, *a%[3]d, *a%[3]d, *a%[3]d]\n", i, i+1, i)
	}
	words.WriteString("operations: *a30\n")
	lists.WriteString(genl + "definitions:\n  - {name: e, type: enum, entries: &e [")
	for i := range 5000 {
		fmt.Fprintf(&lists, "v%d, ", i)
	}
	lists.WriteString("]}\n")
	for i := range 5000 {
		fmt.Fprintf(&lists, "  - {name: e%d, type: enum, entries: *e}\n", i)
	}
	for name, text := range map[string]string{
		"words": words.String(),
		"lists": lists.String(),
		"self":  "name: fam\noperations: &o {list: [*o, *o]}\n",
		"merge": "name: fam\noperations: &o {<<: *o, list: []}\n",
		"deep":  "name: " + strings.Repeat("[", 1<<20),
		"dash":  strings.Repeat("- ", 1<<20),
	} {
		_, _, err := Read("t.yaml", strings.NewReader(text))
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		t.Logf("%s: %.100s", name, err)
	}
}
