package families

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseHead(t *testing.T) {
	f, err := ParseSpec("x.spec", "family rt-x\nprotocol NETLINK_NETFILTER\nsubsys 10\nheaders a.h b.h\nheaders c.h", none)
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != "rt-x" || f.Protocol != ProtoNetfilter || f.Subsys != 10 || f.Origin != "x.spec" || !slices.Equal(f.Headers, []string{"a.h", "b.h", "c.h"}) {
		t.Errorf("%+v", f)
	}
	f, err = ParseSpec("x.spec", "family x\ngenl thing version 2", none)
	if err != nil {
		t.Fatal(err)
	}
	if f.Genl != "thing" || f.Version != 2 || f.Protocol != ProtoGeneric || f.Subsys != -1 {
		t.Errorf("%+v", f)
	}
}

func TestParseHeadErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "a.spec:1: no family line"},
		{"\n\nprotocol NETLINK_ROUTE", "a.spec:1: no family line"},
		{"family", "a.spec:1: family needs a name"},
		{"family a b", "a.spec:1: unexpected b"},
		{"family a\nprotocol NETLINK_NONE", "a.spec:2: unknown protocol NETLINK_NONE"},
		{"family a\ngenl b version", "a.spec:2: want: genl NAME version N"},
		{"family a\ngenl b version 256", "a.spec:2: want: genl NAME version N"},
		{"family a\ngenl b c", "a.spec:2: want: genl NAME version N"},
		{"family a\ngenl b\nprotocol NETLINK_ROUTE", "a.spec:3: protocol: there is a line like this already"},
		{"family a\nbody b\nmessages\n  1 A b", "a.spec:3: messages need a protocol or genl line"},
		{"family a\ngenl b\nmessages\n  256 A -", "a.spec:4: bad number 256"},
		{"family a\nattrs " + strings.Repeat("y", 200) + "/", `a.spec:2: "` + strings.Repeat("y", 80) + `…" cannot be a name: letters, digits and _ - . + only`},
	} {
		if _, err := ParseSpec("a.spec", c.text, none); err == nil || err.Error() != c.want {
			t.Errorf("%q\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// TestUse: names of other files are found behind those of the file itself, and
// those of files that the others use are not.
func TestUse(t *testing.T) {
	load := func(name string) (*Family, error) {
		switch name {
		case "lib":
			return ParseSpec("lib.spec", "family lib\nuse deep\nenum e\n  7 SEVEN\n  1 BOTH\nstruct s\n  a u8\n  v u64\nattrs t\n  1 T u8\nsub c\n  x u8\nbody b\n  attrs t",
				func(string) (*Family, error) { return ParseSpec("deep.spec", "family deep\nenum d\n  9 NINE", none) })
		case "other":
			return ParseSpec("other.spec", "family other\nenum e2\n  8 SEVEN", none)
		}
		return none(name)
	}
	parse := func(s string) (*Family, error) {
		return ParseSpec("a.spec", "family a\nprotocol NETLINK_ROUTE\nuse lib other\n"+s, load)
	}
	f, err := parse("enum own\n  SEVEN MINE\n  2 BOTH\nattrs a\n  BOTH A nest t\n  SEVEN B struct s\n  3 C sub c by A\n  4 D u8 e\nmessages\n  16 M b")
	if err != nil {
		t.Fatal(err)
	}
	lib, _ := load("lib")
	a := f.Sets["a"]
	switch {
	case !slices.Equal(f.Use, []string{"lib", "other"}):
		t.Errorf("uses %q", f.Use)
	case a.ByName("A").ID != 2 || a.ByName("B").ID != 7 || f.Enums["own"].Entries[0].Value != 7:
		t.Errorf("A is %d, B is %d", a.ByName("A").ID, a.ByName("B").ID)
	case a.ByName("B").Type.Struct.Size != lib.Structs["s"].Size || a.ByName("D").Type.Enum.Name != "e":
		t.Errorf("B is %v", a.ByName("B").Type.Struct)
	case f.Messages[0].Body.Name != "b" || f.Messages[0].Family != f:
		t.Errorf("%+v", f.Messages[0])
	}
	if _, err := parse("enum own\n  NINE X"); err == nil || err.Error() != "a.spec:5: bad number NINE" {
		t.Errorf("a name from two files away: %v", err)
	}
}

// TestForward: a name may be used before the block that defines it.
func TestForward(t *testing.T) {
	f := mustParse(t, "messages", "  FIRST M b", "body b", "  header h attrs a", "  line X/Y",
		"attrs a", "  ID X nest later", "  3 Z sub s by X", "struct h", "  m struct inner", "struct inner", "  v u8[N] last",
		"sub s", "  FIRST u8", "attrs later", "  1 Y u8", "enum last", "  ID N", "  SECOND ID", "enum more", "  16 FIRST", "  2 SECOND")
	if f.Messages[0].ID != 16 || f.Sets["a"].ByName("X").ID != 2 || f.Structs["h"].Size != 2 || f.Subs["s"].ByValue[16] == nil {
		t.Errorf("message %d, attribute %d, %d bytes", f.Messages[0].ID, f.Sets["a"].ByName("X").ID, f.Structs["h"].Size)
	}
}

func TestProtocolNames(t *testing.T) {
	for n, name := range protocolNames {
		if got, ok := ProtocolNumber(name); !ok || got != n || ProtocolName(n) != name {
			t.Errorf("%s: %d, %v, want %d", name, got, ok, n)
		}
	}
	if _, ok := ProtocolNumber(""); ok || ProtocolName(17) != "" {
		t.Error("no name is a protocol's")
	}
}

func TestShortName(t *testing.T) {
	for _, c := range []struct{ name, prefix, want string }{
		{"IFLA_MTU", "IFLA_", "mtu"}, {"IFLA_PROP_LIST", "IFLA_", "prop-list"}, {"ifi_index", "", "ifi-index"}, {"OTHER_X", "IFLA_", "other-x"},
	} {
		if got := shortName(c.name, c.prefix); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestErrorsRepeat: what is wrong in several places is reported in the order of
// the file, every time.
func TestErrorsRepeat(t *testing.T) {
	var lines []string
	for i := range 20 {
		lines = append(lines, fmt.Sprintf("struct s%d", i), "  a flag", fmt.Sprintf("body b%d", i), fmt.Sprintf("  header s%d", i))
	}
	for range 10 {
		if _, err := parseLines(lines...); err == nil || err.Error() != "test.spec:4: struct s0: a: not a struct member" {
			t.Fatal(err)
		}
	}
}
