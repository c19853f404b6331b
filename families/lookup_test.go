package families

import (
	"fmt"
	"testing"
)

func TestAttrLookup(t *testing.T) {
	lines := []string{"attrs a A_"}
	ids := []int{1, 2, 70, 100, 4095, 4096, 5000, 0x3fff}
	for _, id := range ids {
		lines = append(lines, fmt.Sprintf("  %d A_N%d u8", id, id), fmt.Sprintf("  %d A_AGAIN%d u16", id, id))
	}
	a := mustParse(t, lines...).Sets["a"]
	for _, id := range ids {
		name := fmt.Sprintf("A_N%d", id)
		if f := a.Field(uint16(id)); f == nil || f.Name != name {
			t.Errorf("%d: %v, want %s, the first one", id, f, name)
		}
		if f := a.ByName(fmt.Sprintf("n%d", id)); f == nil || f.Name != name {
			t.Errorf("n%d: %v", id, f)
		}
		if f := a.ByName(fmt.Sprintf("A_AGAIN%d", id)); f == nil || f.ID != uint16(id) {
			t.Errorf("A_AGAIN%d: %v", id, f)
		}
	}
	for _, id := range []uint16{0, 3, 71, 4094, 4097, 0x3ffe, 0xffff} {
		if f := a.Field(id); f != nil {
			t.Errorf("%d: %s", id, f.Name)
		}
	}
	if a.ByName("") != nil || a.ByName("A_NONE") != nil {
		t.Error("a name that is not there is found")
	}
	if (&AttrSet{}).Field(1) != nil {
		t.Error("an attribute of nothing")
	}
}

// TestDenseSmall: a few entries with large numbers do not take a large table.
func TestDenseSmall(t *testing.T) {
	f := mustParse(t, "attrs a", "  4095 A u8", "enum e", "  511 E")
	if n := len(f.Sets["a"].dense); n > 200 {
		t.Errorf("%d entries for an attribute", n)
	}
	if n := len(f.Enums["e"].dense); n > 200 {
		t.Errorf("%d entries for a value", n)
	}
}

func TestEnumLookup(t *testing.T) {
	e := mustParse(t, "enum e E_", "  0 E_ZERO", "  1 E_ONE", "  1 E_UNO", "  511 E_NEAR", "  512 E_FAR", "  512 E_AWAY", "  -1 E_MINUS", "  9 E_ONE").Enums["e"]
	for v, want := range map[uint64]string{0: "E_ZERO", 1: "E_ONE", 2: "", 511: "E_NEAR", 512: "E_FAR", 513: "", ^uint64(0): "E_MINUS", 9: "E_ONE"} {
		if got := e.ValueName(v); got != want {
			t.Errorf("%d: %s, want %s", v, got, want)
		}
	}
	for name, want := range map[string]uint64{"E_ZERO": 0, "one": 1, "E_ONE": 1, "E_UNO": 1, "uno": 1, "E_AWAY": 512, "minus": ^uint64(0)} {
		if got, ok := e.Value(name); !ok || got != want {
			t.Errorf("%s: %d, %v, want %d", name, got, ok, want)
		}
	}
	if _, ok := e.Value(""); ok {
		t.Error("no name has a value")
	}
}

func TestKnown(t *testing.T) {
	e := mustParse(t, "flags f", "  0x1 A", "  0x6 B", "  1<<63 C", "  0 NONE").Enums["f"]
	if got := e.Known(); got != 1<<63|7 {
		t.Errorf("%#x", got)
	}
	if e.ValueName(0) != "NONE" || e.ValueName(1<<63) != "C" {
		t.Error("masks have names too")
	}
}

func TestTableLookup(t *testing.T) {
	m := func(id uint16, name string, req, rep bool) *Message {
		return &Message{ID: id, Name: name, Req: req, Rep: rep}
	}
	table := &Table{}
	for _, x := range []*Message{
		m(1, "ASK", true, false), m(1, "TELL", false, true), m(2, "BOTH", true, true), m(3, "ONLY_ASK", true, false),
		m(4, "ONLY_TELL", false, true), m(2, "LATE", true, true), m(0xffff, "LAST", true, true),
	} {
		table.Add(x, false)
	}
	table.Add(m(9, "OLD", true, true), false)
	table.Add(m(9, "NEW", true, false), true)
	for _, c := range []struct {
		id    uint16
		reply bool
		want  string
	}{
		{1, false, "ASK"}, {1, true, "TELL"}, {2, false, "BOTH"}, {2, true, "BOTH"},
		{3, true, "ONLY_ASK"}, {3, false, "ONLY_ASK"}, {4, false, "ONLY_TELL"}, {4, true, "ONLY_TELL"},
		{0xffff, true, "LAST"}, {9, false, "NEW"}, {9, true, "OLD"},
	} {
		if got := table.Lookup(c.id, c.reply); got == nil || got.Name != c.want {
			t.Errorf("%d, reply %v: %v, want %s", c.id, c.reply, got, c.want)
		}
	}
	for _, id := range []uint16{0, 5, 0xfffe} {
		if got := table.Lookup(id, false); got != nil {
			t.Errorf("%d: %s", id, got.Name)
		}
	}
	if (&Table{}).Lookup(0, true) != nil {
		t.Error("an empty table has a message")
	}
}
