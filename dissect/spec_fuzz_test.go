package dissect_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/invariant"
)

// specGen writes descriptions in which every shape of value stands in every
// other that takes it, and many in those that do not.
type specGen struct {
	*rand.Rand
	b strings.Builder
}

func (g *specGen) pick(words ...string) string { return words[g.IntN(len(words))] }

// name is one of a few, so that things find each other; not always.
func (g *specGen) name(kind string) string { return fmt.Sprint(kind, g.IntN(4)) }

func (g *specGen) scalar() string {
	return g.pick("u8", "u16", "u32", "u64", "s8", "s32", "be16", "be32", "le64", "u8 e0", "u16 parts", "u32 mask",
		"u64 wide", "u8 af", "u32 hex", "mac", "ipv4", "ip[16]", "lladdr[32]", "string[5]", "binary[3]", "pad[2]", "bool", "port",
		"sockaddr[28]", "bitfield32 mask", "uuid", "char", "s64 ns", "u32 bitmap mask")
}

func (g *specGen) typ(depth int) string {
	if depth > 0 {
		switch g.IntN(16) {
		case 0:
			return "struct " + g.name("st") + g.pick("", "", "[2]", "[]")
		case 1:
			return "array " + g.pick("", "2 ", "3 ", "65536 ") + g.typ(depth-1)
		case 2:
			return "indexed " + g.typ(depth-1)
		case 3:
			return "nest " + g.pick("as0", "as1", "as2", "as3", "-") + g.pick("", "", " header "+g.name("st"))
		case 4:
			return "sub " + g.name("su") + " by " + g.pick("m0", "m1", "A1", "A2", "A3", "nobody")
		case 5:
			return "tlv " + g.pick("tl0", "tl1", "as0") + g.pick("", " type=2", " type=4") + g.pick("", " len=2", " len=4") +
				g.pick("", " len-first") + g.pick("", " inclusive") + g.pick("", " align=4") + g.pick("", " be", " le")
		case 6:
			return "records " + g.pick("st0", "rec", "rec") + g.pick("", " attrs "+g.name("as"))
		case 7:
			return "message"
		case 8:
			return "levels a" + g.pick("", " b") + " nest " + g.name("as")
		case 9:
			return g.pick("uint", "sint", "string", "binary", "flag", "pad", "ip", "mpls", "u16[]", "u32[] bitmap e0", "s16[3]", "be32[2]", "binary mac")
		}
	}
	return g.scalar()
}

func (g *specGen) line(format string, args ...any) { fmt.Fprintf(&g.b, format+"\n", args...) }

// spec writes one description.
func (g *specGen) spec() string {
	g.b.Reset()
	g.line("family random\nprotocol NETLINK_ROUTE\nuse common")
	g.line("enum e0 E_\n 1 E_ONE\n 2 E_TWO\nflags mask M_\n 1 M_A\n 1<<63 M_Z")
	g.line("bits parts\n 0 4 low\n 4 12 high hex\nbits wide\n 0 64 all e0")
	g.line("struct rec\n len u16\n m0 u8")
	for i := range 4 {
		g.line("struct st%d%s", i, g.pick("", "", " packed", " min=1"))
		n := 1 + g.IntN(4)
		for k := range n {
			t := g.scalar()
			switch {
			case g.IntN(4) == 0:
				t = g.typ(2)
			case k == n-1 && k > 0 && g.IntN(2) == 0:
				t = g.pick("array by m0 "+g.scalar(), "array by m0 struct "+g.name("st"), "u8[]", "binary", "string", "nest as0", "message", g.typ(2))
			}
			g.line(" m%d %s", k, t)
		}
	}
	for i := range 4 {
		g.line("attrs as%d A", i)
		for k := range 10 {
			g.line(" %d A%d %s%s", k+1, k, g.typ(3), g.pick("", "", " multi", " len=4", " maxlen=2", " secret"))
		}
	}
	for i := range 2 {
		g.line("tlv tl%d", i)
		for k := range 4 {
			g.line(" %d L%d %s", k, k, g.typ(3))
		}
	}
	for i := range 4 {
		g.line("sub su%d\n 1 %s\n 2,0 %s\n a,b %s\n * %s", i, g.typ(2), g.typ(3), g.typ(2), g.typ(3))
	}
	g.line("body b0\n len<8 : payload %s\n header st0 attrs as0\n line A0|m0 x=A1/A2\nbody b1\n attrs as1", g.typ(3))
	g.line("body b2\n header %s payload %s\nbody b3\n payload %s", g.name("st"), g.typ(3), g.typ(3))
	g.line("messages R\n 16 R0 b0\n 17 R1 b1\n 18 R2 b2\n 19 R3 b3")
	return g.b.String()
}

// payload is bytes that look like attributes more often than chance has it.
func (g *specGen) payload(depth int) []byte {
	var out []byte
	for range g.IntN(5) {
		switch {
		case depth > 0 && g.IntN(3) > 0:
			out = append(out, le.attr(uint16(g.IntN(12)), g.payload(depth-1))...)
		case g.IntN(3) == 0:
			out = append(out, le.msg(hdr{typ: uint16(14 + g.IntN(7))}, make([]byte, g.IntN(9)))...)
		default:
			for range g.IntN(24) {
				out = append(out, byte(g.IntN(256)>>g.IntN(9)))
			}
		}
	}
	return out[:min(len(out), 60000)]
}

// maxMistakes is how many lines a description may lose.
const maxMistakes = 50

// lenient reads a description of which some lines are wrong: what the error
// names is taken out, as long as there is one.
func lenient(text string, load func(string) (*families.Family, error)) *families.Family {
	lines := strings.Split(text, "\n")
	for range maxMistakes {
		f, err := families.ParseSpec("random.spec", strings.Join(lines, "\n"), load)
		if err == nil {
			return f
		}
		var no int
		if _, e := fmt.Sscanf(strings.TrimPrefix(err.Error(), "random.spec:"), "%d:", &no); e != nil || no < 1 || no > len(lines) {
			return nil
		}
		if at := lines[no-1]; strings.HasPrefix(at, " ") {
			lines[no-1] = "" // a line less
		} else {
			return nil
		}
	}
	return nil
}

// rowsPerByte bounds the tree of a description that nests structs as deep as
// the language allows.
const rowsPerByte = 64

// using returns a Dissector that reads a description which somebody wrote.
func using(t testing.TB, f *families.Family) *dissect.Dissector {
	db := emptyDB(t)
	db.Add(f, false)
	return dissect.New(db)
}

func checkSpec(t testing.TB, d *dissect.Dissector, text string, in *dissect.Input) *dissect.Tree {
	t.Helper()
	tree := d.Frame(in)
	if err := invariant.Check(tree); err != nil {
		t.Fatalf("%v\n% x\n%s", err, in.Data, text)
	}
	if rows := len(tree.Nodes); rows > rowsPerByte*len(in.Data)+64 {
		t.Fatalf("%d rows for %d bytes\n%s", rows, len(in.Data), text)
	}
	return tree
}

// TestUserSpecs has what descriptions of users can say and the embedded ones do
// not. want is the type of the last row that is no padding, if it has one.
func TestUserSpecs(t *testing.T) {
	for _, c := range []struct {
		name, attr string
		payload    []byte
		want       string
		findings   int
	}{
		{"a hole that is cut", "struct open", []byte{1, 0}, "u8", 1},
		{"a hole that ends the payload", "struct open", []byte{1, 0, 0, 0}, "u8", 0},
		{"a hole before an array", "struct open", []byte{1, 0, 0, 0, 1, 0, 0, 0}, "array u32", 0},
		{"an integer of any length without any", "uint", nil, "", 1},
		{"such a one with bounds", "uint min=1 max=5", le.u32(6), "uint", 1},
		{"such a one with bounds, without any", "uint min=1 max=5", nil, "", 1},
		{"a string chosen by a sibling", "struct picks", []byte{2, 'e', 't', 'h', '0', 0}, "string", 0},
		{"a nest chosen by a sibling", "struct picks", cat([]byte{3}, le.attr(1, []byte("x"))), "binary", 0},
		{"nothing that a sibling chooses", "struct picks", []byte{9, 1, 2}, "", 0},
	} {
		text := "family x\nprotocol NETLINK_ROUTE\nstruct open min=4\n n u8\n v u32[]\nstruct picks\n k u8\n v sub s by k\n" +
			"sub s\n 2 string\n 3 nest b\nattrs b\n 1 B binary\nattrs a\n 1 A " + c.attr + "\nbody a\n attrs a\nmessages\n 16 M a"
		f, err := families.ParseSpec("a.spec", text, nil)
		if err != nil {
			t.Fatal(err)
		}
		in := frame(families.ProtoRoute, le.msg(hdr{typ: 16, flags: 1}, le.rawAttr(4+len(c.payload), 1, c.payload)))
		tree := checkSpec(t, using(t, f), text, in)
		got, last := "", len(tree.Nodes)-1
		for last > 0 && tree.Nodes[last].Kind == dissect.KindPadding {
			last--
		}
		if n := &tree.Nodes[last]; n.Type != nil && n.Kind != dissect.KindType {
			got = n.Type.String()
		}
		findings := 0
		for i := range tree.Findings {
			if tree.Findings[i].Code != dissect.PaddingMissing {
				findings++
			}
		}
		if got != c.want || findings != c.findings {
			t.Errorf("%s: ends with %q and has %d findings, want %q and %d", c.name, got, findings, c.want, c.findings)
		}
	}
}

// TestRandomSpecs decodes random bytes with random descriptions.
func TestRandomSpecs(t *testing.T) {
	db := families.Embedded()
	read := 0
	for seed := range uint64(300) {
		g := &specGen{Rand: rand.New(rand.NewPCG(seed, 7))}
		text := g.spec()
		f := lenient(text, db.Load)
		if f == nil {
			continue
		}
		read++
		d := using(t, f)
		for range 100 {
			in := frame(families.ProtoRoute, le.msg(hdr{typ: uint16(16 + g.IntN(4)), flags: uint16(g.IntN(2))}, g.payload(3)))
			checkSpec(t, d, text, in)
		}
	}
	if read < 100 {
		t.Errorf("%d of 300 descriptions could be read", read)
	}
}

// FuzzSpec decodes any bytes with any description.
func FuzzSpec(f *testing.F) {
	g := &specGen{Rand: rand.New(rand.NewPCG(1, 1))}
	for range 8 {
		f.Add(g.spec(), uint16(16+g.IntN(4)), g.payload(3))
	}
	for _, s := range []string{testSpec, testGenl, testConnector} {
		f.Add(s, uint16(16), le.attr(1, []byte{1}))
	}
	paths, err := filepath.Glob("../families/spec/*.spec")
	if err != nil || len(paths) == 0 {
		f.Fatal("no descriptions", err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 3000 {
			f.Add(string(b), uint16(16), le.attr(1, []byte{1}))
		}
	}
	load := families.Embedded().Load
	f.Fuzz(func(t *testing.T, text string, typ uint16, payload []byte) {
		fam := lenient(text, load)
		if fam == nil {
			return
		}
		in := frame(fam.Protocol, le.msg(hdr{typ: typ}, payload))
		checkSpec(t, using(t, fam), text, in)
	})
}
