package wslua

import (
	"bytes"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

// TestWrite: the script is the same each time, has every message, and what a
// description calls itself cannot end a literal.
func TestWrite(t *testing.T) {
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := Write(w, families.Embedded()); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two scripts of the same descriptions differ")
	}
	s := a.String()
	if opened, closed := strings.Count(s, "[==["), strings.Count(s, "]==]"); opened != closed || opened < 1000 {
		t.Errorf("%d literals begin, %d end", opened, closed)
	}
	all, err := families.Embedded().LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		for _, m := range f.Messages {
			if !strings.Contains(s, " "+m.Name+`"`) {
				t.Errorf("%s: %s is missing", f.Name, m.Name)
			}
		}
	}
	for _, want := range []string{"\n\"IFLA_MTU:u4\",", "\n\"IFLA_IFNAME:s\",", "\n\"IFLA_LINKINFO:n\",", "\n\"IFLA_ADDRESS:s\",", "\n\"WGDEVICE_A_PRIVATE_KEY:s\",", "{\"WGDEVICE_A_PRIVATE_KEY\",{k='h'}}"} {
		if !strings.Contains(s, want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestBoth(t *testing.T) {
	for _, tt := range [][3]string{{"u4", "u8", "u8"}, {"u4", "i4", "i8"}, {"s", "u4", "s"}, {"n", "u4", "s"}, {"y", "n", "s"}, {"i4", "i8", "i8"}} {
		if got := both(tt[0], tt[1]); got != tt[2] || both(tt[1], tt[0]) != tt[2] {
			t.Errorf("%s and %s are %s", tt[0], tt[1], got)
		}
	}
}
