package ynl

import (
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

const twoHeaders = `name: fam
protocol: netlink-raw
protonum: 12
definitions:
  - {name: one, type: struct, members: [{name: a, type: u8}]}
  - {name: two, type: struct, members: [{name: a, type: u32}]}
attribute-sets:
  - {name: s, attributes: [{name: a, type: u8}]}
  - {name: z, attributes: [{name: a, type: u8}]}
operations:
  enum-model: directional
  name-prefix: m-
`

// TestDoAndDump has one number for different contents: the one is an answer
// to a do, the other to a dump.
func TestDoAndDump(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"replies", `
  list:
    - {name: geta, attribute-set: s, fixed-header: one, do: {request: {value: 257}, reply: {value: 256}}}
    - {name: getb, attribute-set: z, fixed-header: two, dump: {request: {value: 261}, reply: {value: 256}}}
`, `
			257 > M_GETA geta get: header=one set=s
			261 > M_GETB getb get: header=two set=z
			256 < M_NEWA newa new: dump header=two set=z| header=one set=s`},
		{"requests", `
  list:
    - {name: geta, attribute-set: s, dump: {request: {value: 257}, reply: {value: 256}}}
    - {name: getb, attribute-set: z, do: {request: {value: 257}, reply: {value: 260}}}
`, `
			257 > M_GETA geta get: dump set=s| set=z
			256 < M_NEWA newa new: set=s
			260 < M_NEWB newb new: set=z`},
		{"a notification counts as do", `
  list:
    - {name: geta, attribute-set: s, dump: {request: {value: 257}, reply: {value: 256}}}
    - {name: b-ntf, attribute-set: z, value: 256, event: {}}
`, `
			257 > M_GETA geta get: set=s
			256 < M_B_NTF b-ntf: dump set=s| set=z`},
	} {
		t.Run(x.name, func(t *testing.T) { check(t, twoHeaders, x.text, showMessages, x.want) })
	}
}

// TestLookup asks the table for the two ids of one operation.
func TestLookup(t *testing.T) {
	f := read(t, twoHeaders+`
  list:
    - {name: get, attribute-set: s, do: {request: {value: 1}, reply: {value: 3}}}
    - {name: port-get, attribute-set: z, do: {request: {value: 5}, reply: {value: 7}}, dump: {reply: {value: 3}}}
`)
	tab := f.Table()
	if m := tab.Lookup(5, false); m == nil || m.Name != "M_PORT_GET" || m.Family != f || m.Body.Bodies[0].Set.Name != "z" {
		t.Errorf("request 5: %+v", m)
	}
	if m := tab.Lookup(7, true); m == nil || m.Name != "M_PORT_NEW" || len(m.Body.Bodies) != 1 || m.Body.Bodies[0].Set.Name != "z" {
		t.Errorf("reply 7: %+v", m)
	}
	if m := tab.Lookup(3, true); m == nil || m.Name != "M_NEW" || len(m.Body.Bodies) != 2 {
		t.Errorf("reply 3: %+v", m)
	}
	if m := tab.Lookup(9, true); m != nil {
		t.Errorf("reply 9: %+v", m)
	}
}

// TestAmbiguous has one number for two contents that nothing tells apart.
func TestAmbiguous(t *testing.T) {
	complain(t, twoHeaders+`
  list:
    - {name: geta, attribute-set: s, do: {request: {value: 257}, reply: {value: 256}}}
    - {name: getb, attribute-set: z, do: {request: {value: 258}, reply: {value: 256}}}
`, `warning: t.yaml:16:14: "getb" has the number of "geta", but another content, which is ignored`)
}

func TestSubsystem(t *testing.T) {
	for _, x := range []struct {
		list string
		want int
	}{
		{"[{name: a, do: {request: {value: 0x100}}}, {name: b, do: {request: {value: 0x1ff}}}]", 1},
		{"[{name: begin, do: {request: {value: 16}}}, {name: a, do: {request: {value: 0xa00}}}]", 10},
		{"[{name: a, do: {request: {value: 0x100}}}, {name: b, do: {request: {value: 0x200}}}]", -1},
		{"[]", -1},
	} {
		if f := read(t, twoHeaders+"  list: "+x.list+"\n"); f.Subsys != x.want {
			t.Errorf("%s: %d, want %d", x.list, f.Subsys, x.want)
		}
	}
	if f := read(t, raw); f.Subsys != -1 {
		t.Errorf("of another protocol: %d", f.Subsys)
	}
}

// TestMerge adds two specs of one protocol to a DB.
func TestMerge(t *testing.T) {
	db := families.Embedded()
	for _, s := range []string{"16", "17"} {
		db.Add(read(t, "name: fam"+s+`
protocol: netlink-raw
protonum: 22
operations:
  enum-model: directional
  name-prefix: m-
  list: [{name: a`+s+`, do: {request: {value: `+s+`}}}]
`), false)
	}
	tab := db.Protocol(22)
	if m := tab.Lookup(16, false); m == nil || m.Name != "M_A16" {
		t.Errorf("16: %+v", m)
	}
	if m := tab.Lookup(17, false); m == nil || m.Name != "M_A17" {
		t.Errorf("17: %+v", m)
	}
}
