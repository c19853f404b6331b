package layers

import (
	"slices"

	"github.com/nlsniff/nlsniff/dissect"
)

// own copies what belongs to the dissector, which decodes other packets later.
// The bytes are the packet's.
func (n *Netlink) own() {
	t := *n.tree
	t.Nodes = slices.Clone(t.Nodes)
	t.Msgs = slices.Clone(t.Msgs)
	t.Findings = slices.Clone(t.Findings)
	for i := range t.Msgs {
		x := &t.Msgs[i].ExtAck
		x.Path = cloneSteps(x.Path)
		x.Miss = cloneSteps(x.Miss)
	}
	n.tree = &t
}

func cloneSteps(s []dissect.Step) []dissect.Step {
	if len(s) == 0 {
		return nil
	}
	return slices.Clone(s)
}
