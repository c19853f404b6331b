package invariant_test

import (
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/invariant"
)

// frame is an RTM_GETLINK with one attribute, as nlmon shows it.
var frame = []byte{
	0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	40, 0, 0, 0, 18, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	8, 0, 29, 0, 1, 0, 0, 0,
}

// TestCheckSees damages a good tree in every way that Check knows: a check
// that lets everything pass proves nothing.
func TestCheckSees(t *testing.T) {
	d := dissect.New(families.Embedded())
	decode := func() *dissect.Tree {
		return d.Frame(&dissect.Input{Number: 1, Data: frame, OrigLen: len(frame)})
	}
	if err := invariant.Check(decode()); err != nil {
		t.Fatalf("a good tree: %v", err)
	}
	last := func(t *dissect.Tree) *dissect.Node { return &t.Nodes[len(t.Nodes)-1] }
	for _, c := range []struct {
		name   string
		damage func(*dissect.Tree)
		want   string
	}{
		{"hole", func(t *dissect.Tree) { last(t).Off++; last(t).Len-- }, "starts at"},
		{"overlap", func(t *dissect.Tree) { last(t).Off--; last(t).Len++ }, "starts at"},
		{"short", func(t *dissect.Tree) { last(t).Len-- }, "reaches to"},
		{"dropped", func(t *dissect.Tree) { t.Data = append(t.Data[:len(t.Data):len(t.Data)], 0) }, "cover"},
		{"outside", func(t *dissect.Tree) { last(t).Len += 100 }, "outside of the frame"},
		{"empty leaf", func(t *dissect.Tree) { last(t).Len = 0 }, "without bytes"},
		{"parent", func(t *dissect.Tree) { last(t).Parent = 0 }, "parent"},
		{"depth", func(t *dissect.Tree) { last(t).Depth++ }, "depth"},
		{"end", func(t *dissect.Tree) { last(t).End += 5 }, "ends at row"},
		{"leaf with rows", func(t *dissect.Tree) { t.Nodes[1].End++ }, "below it"},
		{"container", func(t *dissect.Tree) { t.Nodes[0].Len++ }, "reaches to"},
		{"message row", func(t *dissect.Tree) { t.Msgs[0].Node = 99 }, "message 0: row"},
		{"message kind", func(t *dissect.Tree) { t.Msgs[0].Node = 0 }, "is no message"},
		{"message offset", func(t *dissect.Tree) { t.Msgs[0].Off = 1 }, "offset 1"},
		{"echo", func(t *dissect.Tree) { t.Msgs[0].Echo = 7 }, "echoes"},
		{"echo of", func(t *dissect.Tree) { t.Msgs[0].EchoOf = 0 }, "echo of"},
		{"text", func(t *dissect.Tree) { t.Msgs[0].ExtAck.Text = 99 }, "text in row"},
		{"finding row", func(t *dissect.Tree) { t.Findings = append(t.Findings, dissect.Finding{Node: 99}) }, "row 99"},
		{"finding bytes", func(t *dissect.Tree) { t.Findings = append(t.Findings, dissect.Finding{Off: 50, Len: 20}) }, "outside"},
		{"finding order", func(t *dissect.Tree) {
			t.Findings = append(t.Findings, dissect.Finding{Node: 3}, dissect.Finding{Node: 2})
		}, "stands behind"},
	} {
		tree := decode()
		c.damage(tree)
		if err := invariant.Check(tree); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want something with %q", c.name, err, c.want)
		}
	}
	tree := decode()
	for range 300 {
		tree.Nodes = append(tree.Nodes, dissect.Node{})
	}
	if invariant.Bounded(tree) == nil {
		t.Error("Bounded has nothing against hundreds of rows for 56 bytes")
	}
	tree = decode()
	tree.Findings = make([]dissect.Finding, 300)
	if invariant.Bounded(tree) == nil {
		t.Error("Bounded has nothing against hundreds of findings for 56 bytes")
	}
}
