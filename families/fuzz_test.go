package families

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// FuzzParseSpec reads any text as a description. What can be read has sound
// structs and types that are written as they are read; what cannot has an error
// of one line that says where.
func FuzzParseSpec(f *testing.F) {
	db := Embedded()
	for _, in := range db.List() {
		text, err := embedded.ReadFile("spec/" + in.Origin)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(everything)
	for _, s := range slices.Sorted(func(yield func(string) bool) {
		for _, c := range specErrors {
			if !yield(c.text) {
				return
			}
		}
	}) {
		f.Add("family x\nprotocol NETLINK_ROUTE\n" + s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			return
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		fam, err := ParseSpec("a.spec", text, db.Load)
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(64<<20); got > most {
			t.Fatalf("%d bytes allocated for %d, want at most %d", got, len(text), most)
		}
		if err != nil {
			if s := err.Error(); !strings.HasPrefix(s, "a.spec:") || strings.ContainsFunc(s, unicode.IsControl) || len(s) > 1000 {
				t.Fatalf("not an error that says where, on one line: %q", s)
			}
			return
		}
		checkFamily(t, fam)
	})
}

// checkFamily checks what every description is, whoever wrote it.
func checkFamily(t *testing.T, f *Family) {
	t.Helper()
	for name, s := range f.Structs {
		checkStruct(t, s)
		if name != s.Name {
			t.Errorf("struct %s is called %s", name, s.Name)
		}
	}
	for _, d := range f.Fields() {
		if !validName(d.Field.Name) || !validName(d.Field.Short) {
			t.Errorf("%s: %q, %q: no names", d.Set, d.Field.Name, d.Field.Short)
		}
	}
	for _, s := range f.Sets {
		for _, x := range s.Fields {
			if first := s.Field(x.ID); first == nil || first.ID != x.ID {
				t.Errorf("%s: no attribute %d", s.Name, x.ID)
			}
			if s.ByName(x.Name) == nil {
				t.Errorf("%s: no attribute %s", s.Name, x.Name)
			}
		}
	}
	for _, e := range f.Enums {
		for _, x := range e.Entries {
			if _, ok := e.Value(x.Name); !ok || e.ValueName(x.Value) == "" {
				t.Errorf("%s: no %s", e.Name, x.Name)
			}
		}
	}
	for _, m := range f.Messages {
		if m.Event && f.Table().Event(m.ID) == nil || !m.Event && f.Table().Lookup(m.ID, !m.Req) == nil {
			t.Errorf("no message %d", m.ID)
		}
	}
}

// checkStruct checks that members are aligned, do not overlap and lie inside.
func checkStruct(t *testing.T, s *Struct) {
	t.Helper()
	end, varies := 0, false
	for _, m := range s.Members {
		x, err := m.Type.extent()
		size := m.Type.FixedSize()
		if err != nil || size < 0 || m.Off < end || !s.Packed && !varies && m.Off%x.align != 0 {
			t.Errorf("%s.%s: %d bytes at %d (%v), the member before ends at %d", s.Name, m.Name, size, m.Off, err, end)
		}
		end = m.Off + size
		varies = varies || m.Type.Varies()
	}
	if s.Size < end || s.Size > maxSize+8 || !s.Packed && !s.Flex && s.Size%s.align != 0 {
		t.Errorf("%s: %d bytes, its members end at %d", s.Name, s.Size, end)
	}
	if leaves := s.Leaves(); leaves != nil {
		pos := 0
		for _, l := range leaves {
			if l.Off != pos || l.Size <= 0 {
				t.Errorf("%s: a leaf of %d bytes at %d, want one at %d", s.Name, l.Size, l.Off, pos)
			}
			pos += l.Size
		}
		if pos != s.Size {
			t.Errorf("%s: leaves of %d bytes, want %d", s.Name, pos, s.Size)
		}
	}
}
