package families

import (
	"slices"
	"testing"
	"testing/fstest"
)

func TestFields(t *testing.T) {
	f := mustParse(t, "struct z", "  m u8", "  l u8", "attrs y", "  2 Y2 u8", "  1 Y1 u8", "attrs b", "  1 B u8", "struct c", "  n u8")
	var got []string
	for _, d := range f.Fields() {
		s := d.Family + " " + d.Set + " " + d.Field.Name
		if d.Member {
			s += " member"
		}
		got = append(got, s)
	}
	want := []string{"test b B", "test y Y2", "test y Y1", "test c n member", "test z m member", "test z l member"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLoadAll(t *testing.T) {
	db := open(t, map[string]string{"b": "protocol NETLINK_ROUTE", "a": "genl a", "c": ""})
	list, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range list {
		got = append(got, f.Name)
	}
	if want := []string{"b", "c", "a"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q: by protocol, then name", got, want)
	}
	bad := open(t, map[string]string{"b": "protocol NETLINK_ROUTE", "a": "genl a\nnonsense"})
	if _, err := bad.LoadAll(); err == nil || err.Error() != "a.spec:3: unknown block nonsense" {
		t.Errorf("error %v", err)
	}
}

// open makes a DB of descriptions by name.
func open(t *testing.T, specs map[string]string) *DB {
	t.Helper()
	fs := fstest.MapFS{}
	for name, text := range specs {
		fs[name+".spec"] = &fstest.MapFile{Data: []byte("family " + name + "\n" + text)}
	}
	db, err := Open(fs)
	if err != nil {
		t.Fatal(err)
	}
	return db
}
