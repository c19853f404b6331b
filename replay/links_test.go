package replay

import (
	"slices"
	"testing"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestBefore: what was there before a capture is what the kernel lists without
// having notified of it as new, and what a request that succeeded names; not what
// requests make, their peers neither.
func TestBefore(t *testing.T) {
	tunnels := []string{"nlmon0", "gre0", "gretap0", "erspan0", "tunl0", "sit0"}
	for name, want := range map[string][]string{
		"route_links.pcap": tunnels,
		"tc_all.pcap":      tunnels,
		"strongswan.pcap":  {"v0", "nlmon0"},
		"tc_more.pcap":     {"link5"}, // begins when it is there, and nothing lists it
		"ovs.pcap":         nil,       // a datapath has an index too
		"xfrm.pcap":        nil,
	} {
		c := load(t, pcaptest.Path(name))
		p, err := c.Plan(nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Links) > 0 {
			t.Errorf("%s: %v in the plan by themselves", name, p.Links)
		}
		c.Before(p)
		if got := linkNames(p); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		if err := c.Prepare(p); err != nil {
			t.Fatal(err)
		}
		if got := linkNames(p); !slices.Equal(got, want) {
			t.Errorf("%s, prepared: %v, want %v", name, got, want)
		}
	}
}

func linkNames(p *Plan) (out []string) {
	for _, l := range p.Links {
		out = append(out, l.Name)
	}
	return out
}

// TestLearnsIndexes: the index of a datapath is learned from the answer to what
// made it, and put into the requests behind it.
func TestLearnsIndexes(t *testing.T) {
	p, err := load(t, pcaptest.Path("ovs.pcap")).Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	learned := Learn{}
	for i := range p.Requests {
		q := &p.Requests[i]
		for _, l := range q.Learns {
			if l.Space == IndexSpace && learned.Value == 0 {
				learned = l
			}
		}
		for _, w := range q.Rewrites {
			if w.Kind == RewriteIndex && w.Value == learned.Value && learned.Value != 0 {
				return
			}
		}
	}
	t.Errorf("%v is learned and nothing is made of it", learned)
}

// TestLearnsIDs: what the kernel chose is learned from what it said of it first,
// and put into what names it later.
func TestLearnsIDs(t *testing.T) {
	for _, x := range []struct{ file, learned, named, space string }{
		{"strongswan.pcap", "XFRM_MSG_ALLOCSPI", "XFRM_MSG_UPDSA", "xfrm-spi"},
	} {
		p, err := load(t, pcaptest.Path(x.file)).Plan(nil)
		if err != nil {
			t.Fatal(err)
		}
		var known []Learn
		n := 0
		for _, q := range p.Requests {
			if q.Op == x.learned {
				known = append(known, q.Learns...)
			}
			for _, w := range q.Rewrites {
				if q.Op == x.named && w.Kind == RewriteID && w.Name == x.space && slices.Contains(known, Learn{x.space, w.Value}) {
					n++
				}
			}
		}
		if n == 0 {
			t.Errorf("%s: no %s names a %s that %s told", x.file, x.named, x.space, x.learned)
		}
	}
}
