package ynl

import "testing"

// TestCommands has an enum of all commands, which names those that are no
// operation, too.
func TestCommands(t *testing.T) {
	const head = `name: fam
protocol: genetlink-legacy
definitions:
  - {name: commands, type: enum, entries: [unspec, get-x, set-x, new-x, {name: far, value: 300}]}
  - {name: other, type: enum, entries: [get-x, get-y]}
attribute-sets:
  - {name: s, attributes: [{name: a, type: u8}]}
  - {name: z, attributes: [{name: a, type: u8}]}
operations:
  enum-model: directional
`
	check(t, head, `
  list:
    - {name: get-x, attribute-set: s, do: {request: {value: 1}, reply: {value: 3}}}
    - {name: set-x, attribute-set: s, do: {request: {value: 2}}}
`, showMessages, `
		1 > FAM_CMD_GET_X get-x get: set=s
		2 > FAM_CMD_SET_X set-x new: set=s
		3 < FAM_CMD_NEW_X new-x new: set=s
		0 >< FAM_CMD_UNSPEC unspec: set=s`)
	// Operations that differ say nothing about the others.
	check(t, head, `
  list:
    - {name: get-x, attribute-set: s, do: {request: {value: 1}, reply: {value: 3}}}
    - {name: set-x, attribute-set: z, do: {request: {value: 2}}}
`, showMessages, `
		1 > FAM_CMD_GET_X get-x get: set=s
		2 > FAM_CMD_SET_X set-x new: set=z
		3 < FAM_CMD_NEW_X new-x new: set=s
		0 >< FAM_CMD_UNSPEC unspec`)
	// An enum that has one of them elsewhere is none of commands.
	check(t, head, `
  list:
    - {name: get-x, attribute-set: s, do: {request: {value: 1}, reply: {value: 1}}}
    - {name: set-x, attribute-set: s, do: {request: {value: 4}}}
`, showMessages, `
		1 >< FAM_CMD_GET_X get-x get: set=s
		4 > FAM_CMD_SET_X set-x new: set=s`)
}

func TestAnswer(t *testing.T) {
	for _, x := range []struct{ in, want string }{
		{"getfamily", "newfamily"}, {"get-wiphy", "new-wiphy"}, {"sb-get", "sb-new"}, {"get", "new"},
		{"target", ""}, {"port-set", ""},
	} {
		got, ok := answer(x.in)
		if got != x.want || ok != (x.want != "") {
			t.Errorf("%s: %q, %t", x.in, got, ok)
		}
	}
}
