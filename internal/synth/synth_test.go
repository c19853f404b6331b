package synth

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

const minType = 0x10 // NLMSG_MIN_TYPE of linux/netlink.h: those below are every protocol's

// TestRequests: the requests are understood, and have nearly all attributes that
// are described; the others are of answers and events.
func TestRequests(t *testing.T) {
	db := families.Embedded()
	all, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	d := dissect.New(db)
	requests, wrong := 0, 0
	seen := map[*families.Field]bool{}
	for _, f := range all {
		for r := range Requests(f) {
			requests++
			tree := d.Frame(r.Input())
			for i := range tree.Nodes {
				seen[tree.Nodes[i].Field] = true
			}
			for m := range tree.Own() {
				if m.Type >= minType && (m.Message == nil || m.Message.Name != r.Message.Name) {
					t.Errorf("%s %s is another message", f.Name, r.What)
				}
				for _, x := range tree.FindingsOf(m.Node, tree.Nodes[m.Node].End) {
					if x.Severity() > dissect.Note && x.Code != dissect.AttrRange {
						wrong++ // a member that makes the message another one, most of the time
						break
					}
				}
			}
		}
	}
	fields, have := 0, 0
	for _, f := range all {
		for _, s := range f.Sets {
			for _, x := range s.Fields {
				if fields++; seen[x] {
					have++
				}
			}
		}
	}
	t.Logf("%d requests, of which %d are not well-formed, with %d of %d attributes", requests, wrong, have, fields)
	if have*100 < fields*93 || wrong*100 > requests*3 {
		t.Error("these are few")
	}
}

// TestStops: whoever has seen enough gets no more.
func TestStops(t *testing.T) {
	f, err := families.Embedded().Load("rt-link")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range Requests(f) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d requests", n)
	}
}
