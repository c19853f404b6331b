package families

import (
	"slices"
	"strings"
	"testing"
)

// scenery is what the types below name.
var scenery = []string{"enum color", "  3 THREE", "flags caps", "  1 CAP", "struct point", "  x u16", "struct rec", "  len u16", "attrs other", "tlv ie",
	"sub data", "  * u8", "enum af", "  2 AF_INET", "enum unix", "  1 U", "attrs a"}

// typeOf reads a type expression.
func typeOf(t *testing.T, expr string) *Type {
	t.Helper()
	return &mustParse(t, append(slices.Clone(scenery), "  1 A "+expr)...).Sets["a"].Field(1).Type
}

// typeCases are type expressions, and how they are written.
var typeCases = []struct{ in, want string }{
	{"u8", ""}, {"u16", ""}, {"u32", ""}, {"u64", ""}, {"s8", ""}, {"s16", ""}, {"s32", ""}, {"s64", ""},
	{"be16", ""}, {"be32", ""}, {"be64", ""}, {"le16", ""}, {"le32", ""}, {"le64", ""}, {"uint", ""}, {"sint", ""},
	{"string", ""}, {"string[16]", ""}, {"binary", ""}, {"binary[8]", ""}, {"binary[THREE]", "binary[3]"}, {"flag", ""}, {"pad", ""}, {"pad[4]", ""},
	{"mac", "binary[6] mac"}, {"ipv4", "binary[4] ipv4"}, {"ipv6", "binary[16] ipv6"}, {"uuid", "binary[16] uuid"},
	{"ip", "binary ip"}, {"ip[16]", "binary[16] ip"}, {"lladdr", "binary lladdr"}, {"lladdr[32]", "binary[32] lladdr"},
	{"sockaddr", "binary sockaddr"}, {"sockaddr[128]", "binary[128] sockaddr"}, {"mpls", "binary mpls"},
	{"ifindex", "u32 ifindex"}, {"port", "be16 port"}, {"errno", "s32 errno"}, {"bool", "u8 bool"}, {"family", "u8 af"},
	{"bitfield32", ""}, {"bitfield32 caps", ""}, {"struct point", ""}, {"nest other", ""}, {"nest a", ""}, {"nest -", ""},
	{"nest other header point", ""}, {"nest - header point", ""}, {"indexed u8", ""}, {"indexed nest other", ""}, {"indexed indexed struct point", ""},
	{"indexed sub data by A", ""}, {"levels x nest other", ""}, {"levels x y nest -", ""},
	{"u32[4]", "array 4 u32"}, {"u32[]", "array u32"}, {"u32[THREE] hex", "array 3 u32 hex"}, {"mac[2]", "array 2 binary[6] mac"},
	{"struct point[2]", "array 2 struct point"}, {"struct point[]", "array struct point"}, {"array struct point", ""}, {"array 3 u8", ""},
	{"array THREE u8", "array 3 u8"}, {"array 0x10 string[4]", "array 16 string[4]"}, {"array array 2 u8", ""}, {"array bitfield32 caps", ""},
	{"sub data by A", ""}, {"tlv ie", ""}, {"tlv other type=1 len=1 align=1", "tlv other"},
	{"tlv ie align=4 inclusive len=2 le type=4 len-first", "tlv ie type=4 len=2 align=4 len-first inclusive le"}, {"tlv ie be", ""},
	{"records rec", ""}, {"records rec attrs other", ""}, {"message", ""},
	{"u8 color", ""}, {"u8 hex", ""}, {"u8 color hex", "u8 hex color"}, {"u8 hex color", ""}, {"be16 caps", ""},
	{"u8 af", ""}, {"u8 af hex", ""}, {"u8 hex af", "u8 af"}, {"u8 af color", ""}, {"u32 unix", ""}, {"u32 unix ns", ""},
	{"u32[] bitmap caps", "array u32 bitmap caps"}, {"binary key", ""}, {"binary[4] hex", ""}, {"binary bitmap", ""},
}

func TestTypes(t *testing.T) {
	for _, c := range typeCases {
		want := c.want
		if want == "" {
			want = c.in
		}
		if got := typeOf(t, c.in).String(); got != want {
			t.Errorf("%s: %s, want %s", c.in, got, want)
			continue
		}
		// What is written reads as the same type.
		if again := typeOf(t, want).String(); again != want {
			t.Errorf("%s is read as %s", want, again)
		}
	}
}

func TestTypeDetails(t *testing.T) {
	for _, c := range []struct {
		in   string
		good func(*Type) bool
	}{
		{"be32", func(x *Type) bool { return x.Kind == KindUint && x.Size == 4 && x.Order == OrderBig }},
		{"le64", func(x *Type) bool { return x.Kind == KindUint && x.Size == 8 && x.Order == OrderLittle }},
		{"s16", func(x *Type) bool { return x.Kind == KindSint && x.Size == 2 && x.Order == OrderHost }},
		{"sint", func(x *Type) bool { return x.Kind == KindSint && x.Size == 0 }},
		{"be16[3]", func(x *Type) bool { return x.Order == OrderBig && x.Count == 3 && x.Elem.Size == 2 }},
		{"array be16", func(x *Type) bool { return x.Order == OrderBig && x.Count == 0 }},
		{"bitfield32 caps", func(x *Type) bool { return x.Size == 8 && x.Enum.Name == "caps" }},
		{"u8 af", func(x *Type) bool { return x.Hint == HintAF && x.Enum.Name == "af" }},
		{"u8 af hex", func(x *Type) bool { return x.Hint == HintHex && x.Enum.Name == "af" }},
		{"family", func(x *Type) bool { return x.Hint == HintAF && x.Enum.Name == "af" }},
		{"nest -", func(x *Type) bool { return x.Kind == KindNest && x.Set == nil }},
		{"nest other header point", func(x *Type) bool { return x.Set.Name == "other" && x.Struct.Name == "point" }},
		{"levels x y nest other", func(x *Type) bool { return x.Kind == KindTypeValue && slices.Equal(x.Levels, []string{"x", "y"}) }},
		{"tlv ie", func(x *Type) bool { return *x.TLV == TLV{TypeSize: 1, LenSize: 1, Align: 1, Set: x.TLV.Set} }},
		{"tlv ie type=2 len=4 len-first inclusive align=4 be", func(x *Type) bool {
			return *x.TLV == TLV{TypeSize: 2, LenSize: 4, Align: 4, LenFirst: true, LenIncludesHeader: true, Order: OrderBig, Set: x.TLV.Set}
		}},
		{"records rec attrs other", func(x *Type) bool { return x.Struct.Name == "rec" && x.Set.Name == "other" }},
		{"sub data by A", func(x *Type) bool { return x.Sub.Name == "data" && x.Selector == "A" }},
		{"u32[] bitmap caps", func(x *Type) bool { return x.Elem.Hint == HintBitmap && x.Elem.Enum.Name == "caps" }},
	} {
		if x := typeOf(t, c.in); !c.good(x) {
			t.Errorf("%s: %+v", c.in, x)
		}
	}
}

// TestTypesStable writes and reads every type of the embedded descriptions.
func TestTypesStable(t *testing.T) {
	db := Embedded()
	list, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, f := range list {
		p := &parser{file: "again", fam: f}
		for _, n := range f.Use {
			u, err := db.Load(n)
			if err != nil {
				t.Fatal(err)
			}
			p.use = append(p.use, u)
		}
		for _, d := range f.Fields() {
			var in *Struct
			if d.Member {
				in = f.Structs[d.Set]
			}
			s := d.Field.Type.String()
			x, rest, err := p.typIn(strings.Fields(s), in)
			if err != nil || len(rest) > 0 || x.String() != s {
				t.Errorf("%s: %s: %s is read as %s (%v)", f.Name, d.Field.Name, s, x.String(), err)
			}
			checked++
		}
	}
	if checked < 1000 {
		t.Errorf("only %d types", checked)
	}
}
