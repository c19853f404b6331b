package dissect

import "slices"

// Clone copies a tree so that it outlives the dissector's next frame. The
// frame's bytes are shared.
func (t *Tree) Clone() *Tree {
	c := t.copied()
	for m := range t.Own() {
		// One request a frame is remembered at the most (Input.Request).
		if asked := t.Asked(m); asked != nil {
			a := asked.copied()
			a.Data = slices.Clone(a.Data)
			c.asked, c.askedBy = a, m.Node
			break
		}
	}
	return c
}

func (t *Tree) copied() *Tree {
	c := *t
	c.Nodes = slices.Clone(t.Nodes)
	c.Msgs = slices.Clone(t.Msgs)
	c.Findings = slices.Clone(t.Findings)
	for i := range c.Msgs {
		x := &c.Msgs[i].ExtAck
		x.Path = cloneSteps(x.Path)
		x.Miss = cloneSteps(x.Miss)
	}
	return &c
}

func cloneSteps(s []Step) []Step {
	if len(s) == 0 {
		return nil
	}
	return slices.Clone(s)
}
