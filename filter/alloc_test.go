package filter

import (
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// TestAllocations holds that asking a filter allocates nothing once its memory
// has grown. A search is not among the filters: it prints the line first.
func TestAllocations(t *testing.T) {
	if slow {
		t.Skip("the race detector lets pools forget")
	}
	env := NewEnv(families.Embedded(), time.UTC)
	inputs := pcaptest.Inputs(t, "route_links", dissect.NewSession(dissect.OrderAuto))
	d := dissect.New(env.db)
	for _, s := range []string{
		"netlink.hdr_type == 2", "type == RTM_NEWLINK and flags & DUMP", "IFLA_IFNAME == \"lo\"", "rt-link.linkinfo.data.vxlan.id > 10",
		"IFLA_MTU in {1500, 9000..65536}", "family == rt-link and op contains LINK", "finding.severity >= warning", "len(IFLA_IFNAME) > 3 and upper(IFLA_IFNAME) matches \"^V\"",
	} {
		f, err := Compile(s, env)
		if err != nil {
			t.Fatal(err)
		}
		m := f.Matcher()
		ev := &render.Event{}
		all := func() {
			for i := range inputs {
				in := &inputs[i]
				*ev = render.Event{Number: in.Number, OrigLen: in.OrigLen, Links: in.Links}
				m.Rejects(in, ev)
				if _, known := m.Quick(in, ev); !known {
					ev.Tree = d.Frame(in)
					m.Frame(ev)
				}
			}
		}
		all()
		if n := testing.AllocsPerRun(2, all) / float64(len(inputs)); n > 0.02 {
			t.Errorf("%s: %.2f allocations a frame", s, n)
		}
	}
}
