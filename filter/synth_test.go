package filter_test

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/internal/synth"
	"github.com/nlsniff/nlsniff/render"
)

// TestSynthetic: every attribute and member that is described can be asked for by
// its name, and is found by each value that it can have.
func TestSynthetic(t *testing.T) {
	db := families.Embedded()
	all, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	env := filter.NewEnv(db, nil)
	env.ShowSecrets = true
	d := dissect.New(db)
	n, asked := 0, map[string]bool{}
	for _, f := range all {
		for r := range synth.Requests(f) {
			if n++; testing.Short() && n%16 != 0 {
				continue
			}
			tree := d.Frame(r.Input())
			for i := range tree.Nodes {
				x := &tree.Nodes[i]
				if x.Off < 16 || x.Field == nil || x.Type == nil || !x.Kind.Leaf() || x.Kind == dissect.KindPadding || x.Kind == dissect.KindUnknown {
					continue
				}
				for _, expr := range questions(tree, x) {
					key := f.Name + expr
					if asked[key] {
						continue
					}
					asked[key] = true
					c, err := filter.Compile(expr, env)
					if err != nil {
						t.Errorf("%s %s: %s: %v", f.Name, r.What, expr, err)
						continue
					}
					if n, _ := c.Matcher().Frame(&render.Event{Number: 1, Tree: tree}); n != 1 {
						t.Errorf("%s %s: %s does not match", f.Name, r.What, expr)
					}
				}
			}
		}
	}
	t.Logf("%d questions", len(asked))
	if len(asked) < 8000 {
		t.Error("these are few")
	}
}

// questions are filters that let a message with a value through.
func questions(t *dissect.Tree, n *dissect.Node) []string {
	name, b := n.Field.Name, t.Bytes(n)
	if n.Parent >= 0 {
		if in := t.Nodes[n.Parent].Type; in != nil && in.Struct != nil { // as what is built in comes first
			name = in.Struct.Name + "." + name
		}
	}
	if !strings.ContainsAny(name, ".ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return nil // the same
	}
	out := []string{name}
	switch n.Type.Kind {
	case families.KindUint, families.KindSint:
		v := t.Uint(n)
		switch n.Type.Hint {
		case families.HintIPv4, families.HintIP, families.HintIPv6, families.HintErrno:
			return out
		}
		if n.Type.Kind == families.KindSint {
			return append(out, name+" == "+strconv.FormatInt(dissect.Int(v, len(b)), 10))
		}
		text := strconv.FormatUint(v, 10)
		if e := n.Type.Enum; e != nil {
			if _, named := e.Value(text); named {
				return out // a width of 20 MHz is called 20, which is not its number
			}
		}
		return append(out, name+" == "+text)
	case families.KindString:
		s, _, _ := strings.Cut(string(b), "\x00")
		return append(out, name+" == "+strconv.Quote(s))
	case families.KindBinary:
		if ip, ok := netip.AddrFromSlice(b); ok && n.Type.Hint == families.HintIP && n.Type.Size == 0 {
			return append(out, name+" == "+ip.String())
		}
	}
	return out
}
