package render

import (
	"reflect"
	"testing"
)

// groups reads back what was entered since mark, a slice of rows for each key.
func (g *grouper) groups(mark int) [][]int32 {
	var out [][]int32
	for k := mark; k < len(g.entries); k++ {
		if !g.entries[k].head {
			continue
		}
		var rows []int32
		for j := int32(k); j >= 0; j = g.entries[j].next {
			rows = append(rows, g.entries[j].row)
		}
		out = append(out, rows)
	}
	return out
}

func TestGrouper(t *testing.T) {
	var g grouper
	outer := g.begin()
	for row, id := range []uint16{7, 0, 7, 0xffff, 7, 0xffff} {
		g.add(id, int32(row))
	}
	want := [][]int32{{0, 2, 4}, {1}, {3, 5}}
	if got := g.groups(outer); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// An object inside uses the same ids and goes away again.
	for range 3 {
		inner := g.begin()
		g.add(7, 100)
		g.add(0, 101)
		g.add(7, 102)
		if got := g.groups(inner); !reflect.DeepEqual(got, [][]int32{{100, 102}, {101}}) {
			t.Errorf("inside: %v", got)
		}
		g.end(inner)
	}
	if got := g.groups(outer); !reflect.DeepEqual(got, want) {
		t.Errorf("after the object inside: %v, want %v", got, want)
	}
	g.end(outer)
	if len(g.entries) != 0 {
		t.Errorf("%d entries are left", len(g.entries))
	}
}

// TestGrouperWraps: generations start again after 2³² objects.
func TestGrouperWraps(t *testing.T) {
	var g grouper
	g.end(g.begin())
	g.add(1, 1)
	g.entries = g.entries[:0]
	g.gen = ^uint32(0)
	mark := g.begin()
	if g.gen != 1 {
		t.Errorf("generation %d", g.gen)
	}
	g.add(1, 5)
	if got := g.groups(mark); !reflect.DeepEqual(got, [][]int32{{5}}) {
		t.Errorf("%v: an old object shows through", got)
	}
}
