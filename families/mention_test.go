package families

import "testing"

func TestMentioning(t *testing.T) {
	db := Embedded()
	list, err := db.Mentioning("IFLA_IFNAME")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range list {
		for _, d := range f.Fields() {
			found = found || d.Field.Name == "IFLA_IFNAME"
		}
	}
	if !found || len(list) > 5 {
		t.Errorf("found %v in %d descriptions", found, len(list))
	}
	if list, _ := db.Mentioning("IFLA_IFNAM"); len(list) > 0 {
		t.Errorf("a part of a word found in %s", list[0].Name)
	}
	own := &Family{Name: "own", Genl: "own", Origin: "own.spec"}
	db.Add(own, false)
	if list, _ := db.Mentioning("NO_SUCH_NAME"); len(list) != 1 || list[0] != own {
		t.Errorf("a description from elsewhere is not asked: %v", list)
	}
}

func TestHasWord(t *testing.T) {
	for _, c := range []struct {
		text, word string
		want       bool
	}{
		{"a b c", "b", true}, {"b", "b", true}, {"ab", "b", false}, {"bc", "b", false}, {"ab b", "b", true},
		{"a-b", "b", false}, {"(b)", "b", true}, {"b", "", false}, {"", "b", false},
	} {
		if got := hasWord([]byte(c.text), c.word); got != c.want {
			t.Errorf("hasWord(%q, %q) = %v", c.text, c.word, got)
		}
	}
}

func TestGeneric(t *testing.T) {
	db := Embedded()
	for name, want := range map[string]bool{"rt-link": false, "ethtool": true, "nlctrl": true, "rt-route": false, "common": true, "no-such": true} {
		if got := db.Generic(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
