package families

import (
	"fmt"
	"strings"
	"testing"
)

// TestLayout compares with what a C compiler for a 64-bit machine does. Each
// member is name@offset.
func TestLayout(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       string // of struct s
	}{
		{"aligned", "struct s\n a u8\n b u8\n c u16\n d u32", "a@0 b@1 c@2 d@4 size=8 min=8"},
		{"holes", "struct s\n a u8\n b u32\n c u8\n d u64\n e u16", "a@0 b@4 c@8 d@16 e@24 size=32 min=32"},
		{"packed", "struct s packed\n a u8\n b u32\n c u8\n d u64", "a@0 b@1 c@5 d@6 size=14 min=14"},
		{"packed, said last", "struct s min=1 packed\n a u8\n b u32", "a@0 b@1 size=5 min=1"},
		{"min", "struct s min=4\n a u32\n b u64", "a@0 b@8 size=16 min=4"},
		{"a tail", "struct s\n a u64\n b u8", "a@0 b@8 size=16 min=16"},
		{"bytes", "struct s\n a u8\n b mac\n c ipv4\n d u16", "a@0 b@1 c@7 d@12 size=14 min=14"},
		{"strings", "struct s\n a string[5]\n b binary[3]\n c pad[2]\n d u16", "a@0 b@5 c@8 d@10 size=12 min=12"},
		{"arrays", "struct s\n a u8\n b u16[3]\n c u32[1]", "a@0 b@2 c@8 size=12 min=12"},
		{"structs", "struct s\n a u8\n b struct i\n c u8\nstruct i\n x u32\n y u8", "a@0 b@4 c@12 size=16 min=16"},
		{"arrays of structs", "struct s\n a u8\n b struct i[3]\nstruct i\n x u16\n y u8", "a@0 b@2 size=14 min=14"},
		{"a packed struct", "struct s\n a u8\n b struct i\n c u16\nstruct i packed\n x u32\n y u8", "a@0 b@1 c@6 size=8 min=8"},
		{"bitfield32", "struct s\n a u8\n b bitfield32", "a@0 b@4 size=12 min=12"},
		{"a flexible array", "struct s\n n u16\n v u32[]", "n@0 v@4 size=4 min=4 flex"},
		{"a flexible array behind padding", "struct s\n a u32\n b u8\n v u8[]", "a@0 b@4 v@5 size=8 min=8 flex"},
		{"a count", "struct s\n n u8\n v array by n u16", "n@0 v@2 size=2 min=2 flex"},
		{"attributes", "attrs t\nstruct s\n n u16\n v nest t", "n@0 v@2 size=2 min=2 flex"},
		{"a message", "struct s\n e s32\n v message", "e@0 v@4 size=4 min=4 flex"},
		{"only a flexible array", "struct s\n v u32[]", "v@0 size=0 min=0 flex"},
		{"a choice", "struct s\n k u8\n v sub c by k\n e u8\nsub c\n 1 u8\n 2 u64\n 3 binary[3]", "k@0 v@8 e@16 size=24 min=24"},
		{"a choice without a size", "struct s\n k u8\n v sub c by k\nsub c\n 1 string\n 2 nest -", "k@0 v@1 size=1 min=1 flex"},
	} {
		f, err := parseLines(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		s := f.Structs["s"]
		var got []string
		for _, m := range s.Members {
			got = append(got, fmt.Sprintf("%s@%d", m.Name, m.Off))
		}
		got = append(got, fmt.Sprintf("size=%d min=%d", s.Size, s.Min))
		if s.Flex {
			got = append(got, "flex")
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", c.name, strings.Join(got, " "), c.want)
		}
		checkStruct(t, s)
	}
}

func TestLeaves(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no holes", "a u32\n b u16\n c u8[2]", "a:4 b:2 c:2"},
		{"holes", "a u8\n b u32\n c u8", "a:1 _:3 b:4 c:1 _:3"},
		{"padding that is named", "a u8\n p pad[3]\n b u32", "a:1 p:3 b:4"},
		{"a struct", "a u8\n b struct i", ""},
		{"structs", "a struct i[2]", ""},
		{"an open end", "a u8\n b u8[]", ""},
		{"a choice", "a u8\n b sub c by a", ""},
	} {
		f := mustParse(t, "struct s\n "+c.text, "struct i", " x u8", "sub c", " * u8")
		var got []string
		for _, l := range f.Structs["s"].Leaves() {
			name := "_"
			if l.Field != nil {
				name = l.Field.Name
			}
			got = append(got, fmt.Sprintf("%s:%d", name, l.Size))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", c.name, strings.Join(got, " "), c.want)
		}
	}
}

// TestLevels: how deep structs may nest does not depend on which is laid out
// first.
func TestLevels(t *testing.T) {
	chain := func(n int, up bool) []string {
		var lines []string
		for i := range n {
			k := i
			if up {
				k = n - 1 - i
			}
			lines = append(lines, fmt.Sprintf("struct s%d", k), " a u8", fmt.Sprintf(" b struct s%d", k+1))
		}
		return append(lines, fmt.Sprintf("struct s%d", n), " a u8")
	}
	for _, up := range []bool{false, true} {
		if _, err := parseLines(chain(maxLevels-1, up)...); err != nil {
			t.Error(err)
		}
		if _, err := parseLines(chain(maxLevels, up)...); err == nil || !strings.HasSuffix(err.Error(), "structs are nested too deep") {
			t.Errorf("%d levels: %v", maxLevels+1, err)
		}
	}
}

// TestLayoutFast: no work multiplies along structs that hold several of the
// next.
func TestLayoutFast(t *testing.T) {
	var lines []string
	for i := range maxLevels - 1 {
		lines = append(lines, fmt.Sprintf("struct s%d packed", i))
		for k := range 2 {
			lines = append(lines, fmt.Sprintf(" m%d struct s%d", k, i+1))
		}
	}
	lines = append(lines, fmt.Sprintf("struct s%d", maxLevels-1), " a u32")
	if got := mustParse(t, lines...).Structs["s0"].Size; got != 4<<(maxLevels-1) {
		t.Errorf("%d bytes, want %d", got, 4<<(maxLevels-1))
	}
}

func TestStructNames(t *testing.T) {
	f := mustParse(t, "struct s", "  ifa_family u8 af", "  b_b u8 short=x", "  x u8")
	s := f.Structs["s"]
	if s.AF != s.Members[0] || s.Member("ifa_family") != s.Members[0] || s.Member("ifa-family") != s.Members[0] || s.Member("none") != nil {
		t.Errorf("%v, address family %v", s.Members, s.AF)
	}
	if s.Member("x") != s.Members[2] {
		t.Error("a short name hides a name")
	}
	if x := s.Self(); x.Kind != KindStruct || x.Struct != s {
		t.Errorf("%v", x)
	}
}

func TestFixedSize(t *testing.T) {
	for in, want := range map[string]int{
		"u32": 4, "uint": 0, "string": 0, "string[3]": 3, "mac": 6, "bitfield32": 8, "flag": 0, "u32[3]": 12, "u32[]": 0,
		"struct point": 2, "struct point[5]": 10, "nest other": 0, "indexed u8": 0, "message": 0, "pad[4]": 4, "sub data by A": 1,
	} {
		if got := typeOf(t, in).FixedSize(); got != want {
			t.Errorf("%s: %d, want %d", in, got, want)
		}
	}
}
