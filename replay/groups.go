package replay

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// groupKey is a generic multicast group's number on one of the capture's hosts.
type groupKey struct {
	stream int
	id     uint32
}

// Message numbers of the generic netlink controller (linux/genetlink.h).
const (
	ctrlType      = 16 // GENL_ID_CTRL
	ctrlNewFamily = 1
)

// learnGroups takes the names of the groups that the controller lists in a
// frame: the numbers are the kernel's choice, and other ones elsewhere.
func (c *Capture) learnGroups(f *Loaded) {
	t := c.d.Frame(&f.Input)
	for m := range t.Own() {
		if m.Proto != families.ProtoGeneric || m.Type != ctrlType || m.GenlCmd != ctrlNewFamily || m.Dir == dissect.DirToKernel {
			continue
		}
		family, group := "", Group{}
		for i := m.Node; i < t.Nodes[m.Node].End; i++ {
			n := &t.Nodes[i]
			if n.Kind != dissect.KindAttr || n.Field == nil {
				continue
			}
			switch n.Field.Name {
			case "CTRL_ATTR_FAMILY_NAME":
				family = text(t, i)
			case "CTRL_ATTR_MCAST_GRP_NAME":
				group.Name = text(t, i)
			case "CTRL_ATTR_MCAST_GRP_ID":
				if from, to := t.Payload(i); from < to {
					group.ID = uint32(t.Uint(&t.Nodes[from]))
				}
			default:
				continue
			}
			if family != "" && group.Name != "" && group.ID != 0 {
				c.groups[groupKey{f.Stream(), group.ID}] = Group{Family: family, Name: group.Name}
				group = Group{}
			}
		}
	}
}

// ctrlAnswer says whether a frame can be one that learnGroups reads.
func ctrlAnswer(in *dissect.Input) bool {
	var h dissect.Header
	walk := dissect.Scan(in)
	for walk.Next(&h) {
		if h.Proto == families.ProtoGeneric && h.Type == ctrlType {
			return true
		}
	}
	return false
}
