package families

import (
	"math"
	"slices"
	"testing"
)

func TestEnum(t *testing.T) {
	f := mustParse(t, "enum e E_", "  0 E_ZERO", "  -1 E_MINUS", "  1<<5 E_SHIFT sh", "  0x1f E_HEX", "  E_HEX E_ALIAS", "  E_LATE E_EARLY", "  010 E_LATE",
		"flags f", "  1<<63 TOP")
	want := []Entry{
		{Value: 0, Name: "E_ZERO", Short: "zero"}, {Value: math.MaxUint64, Name: "E_MINUS", Short: "minus"},
		{Value: 32, Name: "E_SHIFT", Short: "sh"}, {Value: 31, Name: "E_HEX", Short: "hex"},
		{Value: 31, Name: "E_ALIAS", Short: "alias"}, {Value: 8, Name: "E_EARLY", Short: "early"}, {Value: 8, Name: "E_LATE", Short: "late"},
	}
	e := f.Enums["e"]
	if !slices.Equal(e.Entries, want) || e.Kind != EnumValues || e.Prefix != "E_" {
		t.Errorf("%+v\nwant %+v", e.Entries, want)
	}
	if f := f.Enums["f"]; f.Kind != EnumFlags || f.Entries[0].Value != 1<<63 {
		t.Errorf("%+v", f)
	}
}

// TestConstants: the first of two values of one name counts, the parts of bits
// have none, and a chain of names has an end.
func TestConstants(t *testing.T) {
	f := mustParse(t, "attrs a", "  TWICE A u8", "sub s", "  part u8", "enum x", "  3 TWICE", "enum w", "  4 TWICE", "bits b", "  5 1 part")
	if f.Sets["a"].ByName("A").ID != 3 {
		t.Errorf("TWICE is %d", f.Sets["a"].ByName("A").ID)
	}
	if f.Subs["s"].ByName["part"] == nil {
		t.Error("part is a number")
	}
	lines := []string{"enum e", "  N1 N0"}
	for c := 'a'; c < 'a'+20; c++ {
		lines = append(lines, "  "+string(c+1)+" "+string(c))
	}
	if _, err := parseLines(append(lines, "  1 N1", "  1 "+string(rune('a'+20)))...); err == nil {
		t.Error("20 names for one value are resolved")
	}
}

func TestBits(t *testing.T) {
	f := mustParse(t, "bits b", "  12 20 label", "  8 1 bos bool", "  0 8 ttl color hex", "bits whole", "  0 64 all", "enum color", "  1 RED")
	b := f.Enums["b"]
	if b.Kind != EnumBits || len(b.Entries) != 3 || f.Enums["whole"].Entries[0].Width != 64 {
		t.Fatalf("%+v", b)
	}
	for i, want := range []struct {
		shift uint64
		width uint8
		typ   string
	}{{12, 20, ""}, {8, 1, "u64 bool"}, {0, 8, "u64 hex color"}} {
		x, typ := b.Entries[i], ""
		if x.Type != nil {
			typ = x.Type.String()
		}
		if x.Value != want.shift || x.Width != want.width || typ != want.typ || x.Short != x.Name {
			t.Errorf("%s: %d, %d, %s, want %v", x.Name, x.Value, x.Width, typ, want)
		}
	}
}

func TestModifiers(t *testing.T) {
	f := mustParse(t, "enum e", "  4 FOUR", "attrs a A_", "  1 A_X u32 multi secret guess short=y since=5.4", `  2 A_DOC string doc="two words"`,
		"  3 A_RANGE s32 min=-5 max=FOUR", "  4 A_HEX u64 max=0x10", "  5 A_LEN binary len=6", "  6 A_LENS string minlen=2 maxlen=FOUR", "  7 A_PLAIN u8")
	field := func(n string) *Field { return f.Sets["a"].ByName(n) }
	if x := field("A_X"); !x.Multi || !x.Secret || !x.Guess || x.Short != "y" || x.Since != "5.4" || x.ID != 1 {
		t.Errorf("%+v", x)
	}
	if x := field("A_DOC"); x.Doc != "two words" {
		t.Errorf("%q", x.Doc)
	}
	if x := field("A_PLAIN"); x.Multi || x.Secret || x.Guess || x.Short != "plain" || x.Type.HasMin || x.Type.HasMax || x.Type.MaxLen != 0 {
		t.Errorf("%+v", x)
	}
	for _, c := range []struct {
		name           string
		min, max       int64
		hasMin, hasMax bool
		minLen, maxLen int
	}{
		{"A_RANGE", -5, 4, true, true, 0, 0}, {"A_HEX", 0, 16, false, true, 0, 0},
		{"A_LEN", 0, 0, false, false, 6, 6}, {"A_LENS", 0, 0, false, false, 2, 4},
	} {
		x := field(c.name).Type
		if x.Min != c.min || x.Max != c.max || x.HasMin != c.hasMin || x.HasMax != c.hasMax || x.MinLen != c.minLen || x.MaxLen != c.maxLen {
			t.Errorf("%s: %+v, want %+v", c.name, x, c)
		}
	}
}

func TestSub(t *testing.T) {
	f := mustParse(t, "enum e", "  4 FOUR", "sub s", "  a,b u8", "  FOUR,0x5 u16", "  -1 u32", "  6in4 u64", "  * binary")
	s := f.Subs["s"]
	for _, c := range []struct {
		name   string
		value  uint64
		isName bool
		want   string
	}{
		{"a", 0, true, "u8"}, {"b", 0, true, "u8"}, {"6in4", 0, true, "u64"}, {"c", 0, true, "binary"}, {"", 0, true, "binary"},
		{"", 4, false, "u16"}, {"", 5, false, "u16"}, {"", math.MaxUint64, false, "u32"}, {"a", 9, false, "binary"},
	} {
		if got := s.Format(c.name, c.value, c.isName).String(); got != c.want {
			t.Errorf("%q, %d: %s, want %s", c.name, c.value, got, c.want)
		}
	}
	if n := len(s.Formats()); n != 7 {
		t.Errorf("%d formats, want 7", n)
	}
	if got := mustParse(t, "sub s", "  a u8").Subs["s"].Format("b", 0, true); got != nil {
		t.Errorf("a key that is not there: %s", got)
	}
}

func TestGroups(t *testing.T) {
	f := mustParse(t, "groups", "  1 ONE", "  DYNAMIC", "  4294967295 LAST")
	if want := []Group{{1, "ONE"}, {0, "DYNAMIC"}, {math.MaxUint32, "LAST"}}; !slices.Equal(f.Groups, want) {
		t.Errorf("%v, want %v", f.Groups, want)
	}
}
