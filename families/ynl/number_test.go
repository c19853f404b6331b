package ynl

import "testing"

const opsHead = `name: fam
protocol: genetlink-legacy
attribute-sets:
  - {name: s, attributes: [{name: a, type: u8}]}
  - {name: z, attributes: [{name: a, type: u8}]}
operations:
`

func TestUnified(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"one list of numbers", `
  list:
    - {name: dev-get, doc: Get, attribute-set: s, do: {request: {attributes: [a]}, reply: {attributes: [a]}}, dump: {reply: {}}}
    - {name: dev-set, attribute-set: s, flags: [admin-perm], dont-validate: [strict], do: {request: {attributes: [a]}}}
    - {name: dev-ntf, notify: dev-get, mcgrp: mgmt}
    - {name: unused, attribute-set: z}
    - {name: late, value: 9, attribute-set: z, dump: {request: {}, reply: {attributes: [a]}}}
    - {name: shout, attribute-set: z, event: {attributes: [a]}}
    - {name: blank}
mcast-groups:
  list: [{name: mgmt}]
`, `
			1 >< FAM_CMD_DEV_GET dev-get get: set=s
			2 > FAM_CMD_DEV_SET dev-set new: set=s
			4 >< FAM_CMD_UNUSED unused: set=z
			9 >< FAM_CMD_LATE late get: set=z
			11 >< FAM_CMD_BLANK blank:
			3 < FAM_CMD_DEV_NTF dev-ntf: set=s
			10 < FAM_CMD_SHOUT shout: set=z`},
		{"prefixes", `
  enum-model: unified
  name-prefix: my-cmd-
  async-prefix: my-event-
  enum-name: my-cmd
  async-enum: my-event
  list:
    - {name: zero, value: 0, attribute-set: s, do: {}}
    - {name: tell, value: 7, attribute-set: s, event: {}}
`, `
			0 > MY_CMD_ZERO zero: set=s
			7 < MY_EVENT_TELL tell: set=s`},
	} {
		t.Run(x.name, func(t *testing.T) { check(t, opsHead, x.text, showMessages, x.want) })
	}
}

func TestDirectional(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		// As ethtool: no number is stated, and the counters go apart.
		{"two counters", `
  enum-model: directional
  name-prefix: fam-msg-
  list:
    - {name: one-get, attribute-set: s, do: {request: {}, reply: {}}, dump: {reply: {}}}
    - {name: one-set, attribute-set: s, do: {request: {}}}
    - {name: one-ntf, notify: one-get}
    - {name: two-get, attribute-set: z, dump: {request: {}, reply: {}}}
    - {name: tell, attribute-set: z, event: {}}
    - {name: act, attribute-set: s, do: {request: {}, reply: {}}}
`, `
			1 > FAM_MSG_ONE_GET one-get get: set=s
			2 > FAM_MSG_ONE_SET one-set new: set=s
			3 > FAM_MSG_TWO_GET two-get get: set=z
			4 > FAM_MSG_ACT act: set=s
			1 < FAM_MSG_ONE_GET_REPLY one-get-reply get: set=s
			2 < FAM_MSG_ONE_NTF one-ntf: set=s
			3 < FAM_MSG_TWO_GET_REPLY two-get-reply get: set=z
			4 < FAM_MSG_TELL tell: set=z
			5 < FAM_MSG_ACT_REPLY act-reply: set=s`},
		// As rtnetlink: what answers a get bears the name of the new.
		{"stated numbers", `
  enum-model: directional
  name-prefix: rtm-
  list:
    - {name: newlink, attribute-set: s, do: {request: {value: 16}}}
    - {name: newlink-ntf, value: 16, notify: getlink}
    - {name: dellink, attribute-set: s, do: {request: {value: 17}}}
    - {name: getlink, attribute-set: s, do: {request: {value: 18}, reply: {value: 16}}, dump: {request: {value: 18}, reply: {value: 16}}}
    - {name: dellink-ntf, value: 17, notify: getlink}
    - {name: getx, attribute-set: z, dump: {request: {value: 66}, reply: {value: 64}}}
    - {name: same, attribute-set: z, do: {request: {value: 70}, reply: {value: 70}}}
`, `
			16 >< RTM_NEWLINK newlink new: set=s
			17 >< RTM_DELLINK dellink del: set=s
			18 > RTM_GETLINK getlink get: set=s
			66 > RTM_GETX getx get: set=z
			70 >< RTM_SAME same: set=z
			64 < RTM_NEWX newx new: set=z`},
		// As devlink: do and dump are answered with different numbers, one of
		// which another request's answer has, too.
		{"a dump with a number of its own", `
  enum-model: directional
  list:
    - {name: get, attribute-set: s, do: {request: {value: 1}, reply: &r {value: 3}}, dump: {reply: *r}}
    - {name: port-get, attribute-set: s, do: {request: {value: 5}, reply: {value: 7}}, dump: {request: {}, reply: {value: 3}}}
    - {name: port-set, attribute-set: s, do: {request: {}}}
    - {name: port-new, attribute-set: s, do: {request: {}, reply: {value: 7}}}
    - {name: sb-get, attribute-set: s, do: {request: {value: 11}, reply: {value: 13}}, dump: {reply: {}}}
    - {name: odd, attribute-set: s, do: {request: {value: 20}, reply: {value: 21}}}
    - {name: tell, attribute-set: s, value: 30, event: {}}
    - {name: dump-req, attribute-set: s, do: {request: {value: 40}}, dump: {request: {value: 41}}}
`, `
			1 > FAM_CMD_GET get get: set=s
			5 > FAM_CMD_PORT_GET port-get get: set=s
			6 > FAM_CMD_PORT_SET port-set new: set=s
			7 >< FAM_CMD_PORT_NEW port-new new: set=s
			11 > FAM_CMD_SB_GET sb-get get: set=s
			20 > FAM_CMD_ODD odd: set=s
			40 > FAM_CMD_DUMP_REQ dump-req get: set=s
			41 > FAM_CMD_DUMP_REQ dump-req get: set=s
			3 < FAM_CMD_NEW new new: set=s
			13 < FAM_CMD_SB_NEW sb-new new: set=s
			21 < FAM_CMD_ODD_REPLY odd-reply: set=s
			30 < FAM_CMD_TELL tell: set=s`},
	} {
		t.Run(x.name, func(t *testing.T) { check(t, opsHead, x.text, showMessages, x.want) })
	}
}

func TestNumberErrors(t *testing.T) {
	complain(t, opsHead+`
  list:
    - {name: a, value: 255, attribute-set: s, do: {request: {value: 3}}}
    - {name: b, attribute-set: s, do: {}}
    - {name: c, value: -1, attribute-set: s, do: {}}
`, `
		t.yaml:10:14: "b" is number 256, should be at most 255
		t.yaml:11:14: "c" is number 257, should be at most 255
		t.yaml:11:24: value is -1, should be from 0 to 65535
		warning: t.yaml:9:69: value has no effect in a unified enum-model`)
	complain(t, opsHead+`
  enum-model: directional
  list:
    - {name: a, value: 5, attribute-set: s, do: {request: {value: 70000}}, dump: {reply: {}}}
    - {name: b, attribute-set: s}
    - {name: c, attribute-set: s, do: {request: {value: 300}, reply: {}}}
`, `
		t.yaml:10:67: value is 70000, should be from 0 to 65535
		t.yaml:11:14: operation "b" has neither do, dump, notify nor event
		t.yaml:12:14: "c" is number 300, should be at most 255
		warning: t.yaml:10:24: value has no effect here in a directional enum-model
		warning: t.yaml:10:90: the reply to a dump has no number, as do has no reply`)
}
