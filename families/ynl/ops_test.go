package ynl

import "testing"

// TestContents checks what messages hold: fixed headers of the family and of
// an operation, and what a notification takes over.
func TestContents(t *testing.T) {
	const head = `name: fam
protocol: netlink-raw
protonum: 0
definitions:
  - {name: genmsg, type: struct, members: [{name: family, type: u8}]}
  - {name: other-msg, type: struct, members: [{name: index, type: u32}]}
attribute-sets:
  - {name: s, attributes: [{name: a, type: u8}]}
  - {name: z, attributes: [{name: a, type: u8}]}
operations:
  name-prefix: m-
`
	for _, x := range []struct{ name, text, want string }{
		{"headers", `
  fixed-header: genmsg
  list:
    - {name: geta, attribute-set: s, do: {reply: {}}}
    - {name: getb, attribute-set: s, fixed-header: other-msg, do: {reply: {}}}
    - {name: a-ntf, notify: geta}
    - {name: b-ntf, notify: getb}
    - {name: c-ntf, notify: b-ntf, attribute-set: z}
    - {name: d, do: {}}
    - {name: e, event: {}}
`, `
			1 >< M_GETA geta get: header=genmsg set=s
			2 >< M_GETB getb get: header=other_msg set=s
			6 > M_D d: header=genmsg
			3 < M_A_NTF a-ntf: header=genmsg set=s
			4 < M_B_NTF b-ntf: header=other_msg set=s
			5 < M_C_NTF c-ntf: header=other_msg set=z
			7 < M_E e: header=genmsg`},
		{"no header", `
  list:
    - {name: geta, attribute-set: s, fixed-header: other-msg, do: {reply: {}}}
    - {name: ntf, notify: geta}
    - {name: none, do: {}}
`, `
			1 >< M_GETA geta get: header=other_msg set=s
			3 > M_NONE none:
			2 < M_NTF ntf: header=other_msg set=s`},
		{"nothing behind the key", `
  list:
    - name: geta
      attribute-set: s
      do:
      dump:
        request:
        reply:
    - name: tell
      attribute-set: s
      event:
`, `
			1 >< M_GETA geta get: header= set=s`},
	} {
		t.Run(x.name, func(t *testing.T) {
			if x.name == "nothing behind the key" {
				x.want = `
					1 >< M_GETA geta get: set=s
					2 < M_TELL tell: set=s`
			}
			check(t, head, x.text, showMessages, x.want)
		})
	}
}

func TestOpErrors(t *testing.T) {
	complain(t, `name: fam
definitions:
  - {name: open, type: struct, members: [{name: rest, type: binary}]}
attribute-sets:
  - {name: s, attributes: [{name: a, type: u8}]}
operations:
  fixed-header: open
  list:
    - {name: a, attribute-set: none, do: {request: {attributes: [x]}}}
    - {name: a, attribute-set: s, do: {}}
    - {attribute-set: s}
    - {name: b, attribute-set: s, do: {request: {attributes: [a, zz]}}}
    - {name: c, do: {request: {attributes: [a]}}}
    - {name: d, notify: none}
    - {name: e, attribute-set: s, do: {}, event: {}}
    - {name: f, attribute-set: s, fixed-header: none, do: {requests: {}}}
    - {name: g, attribute-set: s, do: [], dump: {request: {attributes: a}}}
    - {name: h, attribute-set: s, do: {request: {attributes: [[a]]}}}
    - {name: "i\n", attribute-set: s}
    - {name: j, attribute-set: s, do: {}, mcgrp: nobody}
mcast-groups:
  list: [{name: all}, {name: all}, {name: n, value: -1}, {value: 3}]
`, `t.yaml:7:17: struct "open" has no fixed size, so nothing can stand behind it
		t.yaml:9:32: attribute set "none" is not defined
		t.yaml:10:14: operation "a" is there twice
		t.yaml:11:7: an operation needs a name
		t.yaml:13:14: operation "c" needs an attribute-set
		t.yaml:14:25: operation "none" is not defined
		t.yaml:15:14: "e" is both an operation and a notification
		t.yaml:16:49: struct "none" is not defined
		t.yaml:17:39: do should be a mapping
		t.yaml:17:72: attributes should be a list
		t.yaml:18:63: attributes should be a list of names
		t.yaml:19:14: bad name "i\n"
		t.yaml:22:30: multicast group "all" is there twice
		t.yaml:22:53: value is -1, should be from 0 to 4294967295
		t.yaml:22:58: a multicast group needs a name
		warning: t.yaml:12:62: attribute set "s" has no attribute "zz"
		warning: t.yaml:16:60: unknown key "requests" in do
		warning: t.yaml:20:50: multicast group "nobody" is not defined`)
	complain(t, genl+"mcast-groups: []\n", `t.yaml:3:15: mcast-groups should be a mapping`)
	complain(t, "name: fam\noperations: {enum-model: both, list: []}\n", `t.yaml:2:26: unknown enum-model "both"`)
	complain(t, "name: fam\noperations: []\n", `t.yaml:2:13: operations should be a mapping`)
	complain(t, "name: fam\noperations: {list: [{name: a, notify: b}, {name: b, notify: a}]}\n", `t.yaml:2:61: "b" is a notification of a notification`)
}
