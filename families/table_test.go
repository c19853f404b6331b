package families

import (
	"sync"
	"testing"
)

// TestTableReadsLate: which messages came first makes no difference to what is
// found, and nothing is read of which no message came.
func TestTableReadsLate(t *testing.T) {
	t.Parallel()
	for _, p := range []uint8{ProtoRoute, ProtoNetfilter, 20} {
		all := Embedded()
		if _, err := all.LoadAll(); err != nil {
			t.Fatal(err)
		}
		whole, late := all.Protocol(p), Embedded().Protocol(p)
		if late.Keyed != whole.Keyed {
			t.Errorf("%s: keyed is %v, once everything is read %v", ProtocolName(p), late.Keyed, whole.Keyed)
		}
		name := func(m *Message) string {
			if m == nil {
				return ""
			}
			return m.Name
		}
		for id := 0xffff; id >= 0; id-- {
			for _, reply := range []bool{false, true} {
				if got, want := name(late.Lookup(uint16(id), reply)), name(whole.Lookup(uint16(id), reply)); got != want {
					t.Errorf("%s %d: %q, once everything is read %q", ProtocolName(p), id, got, want)
				}
			}
			if got, want := name(late.Event(uint16(id))), name(whole.Event(uint16(id))); got != want {
				t.Errorf("%s event %d: %q, once everything is read %q", ProtocolName(p), id, got, want)
			}
		}
	}
	const newLink, newQdisc = 16, 36
	db := Embedded()
	table := db.Protocol(ProtoRoute)
	read := func(name string) bool { return db.units[name].fam != nil }
	if read("rt-link") || table.Lookup(newLink, false) == nil || !read("rt-link") || read("tc") {
		t.Errorf("after the lookup of a link: rt-link %v, tc %v", read("rt-link"), read("tc"))
	}
	if len(table.Messages()) < 50 || !read("tc") {
		t.Errorf("%d messages, tc %v", len(table.Messages()), read("tc"))
	}
	var wait sync.WaitGroup
	table = Embedded().Protocol(ProtoRoute)
	for id := range uint16(newQdisc + 1) {
		wait.Go(func() {
			if m := table.Lookup(id, false); id == newLink && m == nil {
				t.Error("no RTM_NEWLINK")
			}
		})
	}
	wait.Wait()
}

// TestIDsOnce: a message number belongs to one description, so that it does not
// matter which is read first.
func TestIDsOnce(t *testing.T) {
	t.Parallel()
	db := Embedded()
	for p, names := range db.protos {
		for i, name := range names {
			for _, other := range names[:i] {
				for _, r := range db.units[name].ids {
					for _, o := range db.units[other].ids {
						if r.first <= o.last && o.first <= r.last {
							t.Errorf("protocol %d: %s and %s have the same numbers", p, name, other)
						}
					}
				}
			}
		}
	}
}
