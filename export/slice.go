package export

import (
	"bytes"
	"fmt"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/replay"
)

// Slice writes the exchanges of a plan as a capture: their requests and what came
// of them, the events of their sockets, and, of the frames before, those that
// name the generic families and the interfaces that they speak of.
func Slice(w io.Writer, c *replay.Capture, plan *replay.Plan) error {
	want := map[uint64]bool{}
	for i := range plan.Requests {
		for _, id := range plan.Requests[i].Exchanges {
			want[id] = id != 0
		}
	}
	keep := make([]bool, len(c.Frames))
	names := named{families: map[string]bool{}, links: map[string]bool{}}
	for i := range plan.Requests {
		for _, x := range plan.Requests[i].Rewrites {
			switch x.Kind {
			case replay.RewriteFamily:
				names.families[x.Name] = true
			case replay.RewriteIndex:
				names.links[x.Name] = x.Name != ""
			}
		}
	}
	for i := range c.Frames {
		f := &c.Frames[i]
		for _, r := range f.Refs {
			keep[i] = keep[i] || want[r.Exchange]
		}
		if keep[i] && len(f.Data) > capture.CookedLen {
			for m := range c.Tree(i).Own() {
				if m.GenlName != "" && m.GenlName != "nlctrl" {
					names.families[m.GenlName] = true
				}
			}
		}
	}
	names.keep(c, keep)
	out := pcapng.NewWriter(w, pcapng.Section{})
	for i := range c.Frames {
		if !keep[i] {
			continue
		}
		if err := out.Write(&c.Frames[i].Frame); err != nil {
			return fmt.Errorf("frame %d: %w", c.Frames[i].Number, err)
		}
	}
	return out.Close()
}

// named are the names that a slice needs.
type named struct{ families, links map[string]bool }

// keep keeps the first frame that gives each of the names.
func (n *named) keep(c *replay.Capture, keep []bool) {
	for i := range c.Frames {
		f := &c.Frames[i]
		if len(f.Data) <= capture.CookedLen || len(n.families)+len(n.links) == 0 {
			continue
		}
		t := c.Tree(i)
		for m := range t.Own() {
			switch {
			case m.Dir != dissect.DirFromKernel:
			case m.Proto == families.ProtoGeneric && m.GenlName == "nlctrl":
				n.take(n.families, t, m, "CTRL_ATTR_FAMILY_NAME", &keep[i])
			case m.Message != nil && m.Message.Name == "RTM_NEWLINK":
				n.take(n.links, t, m, "IFLA_IFNAME", &keep[i])
			}
		}
	}
}

func (n *named) take(names map[string]bool, t *dissect.Tree, m *dissect.Msg, attr string, keep *bool) {
	for i := m.Node + 1; i < t.Nodes[m.Node].End; {
		x := &t.Nodes[i]
		if x.Kind == dissect.KindAttr && x.Field != nil && x.Field.Name == attr {
			from, to := t.Payload(i)
			if from < to {
				name := string(bytes.TrimRight(t.Bytes(&t.Nodes[from]), "\x00"))
				if names[name] {
					delete(names, name)
					*keep = true
				}
			}
		}
		i = x.End
	}
}
