package ynl

import (
	"fmt"
	"strings"
	"testing"
)

func TestStructs(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"members", `
definitions:
  - {name: name-len, type: const, value: 16}
  - {name: mode, type: enum, entries: [a]}
  - name: my-hdr
    type: struct
    members:
      - {name: hdr-family, type: u8, doc: The family}
      - {name: pad1, type: pad, len: 1}
      - {name: port, type: u16, byte-order: big-endian, display-hint: hex}
      - {name: addr, type: u32, byte-order: little-endian, display-hint: ipv4}
      - {name: mode, type: s32, enum: mode}
      - {name: modes, type: u32, enum: mode, enum-as-flags: true}
      - {name: max-P, type: s64}
      - {name: title, type: string, len: name-len}
      - {name: short, type: string, len: name-len - 1}
      - {name: dst, type: binary, len: 1, display-hint: mac}
`, `
			my_hdr size=56 min=56
			0 hdr_family hdr-family: u8
			1 pad1 pad1: pad[1]
			2 port port: u16 be hex
			4 addr addr: u32 le ipv4
			8 mode mode: s32 enum=mode
			12 modes modes: u32 flags=mode-mask
			16 max_P max-P: s64
			24 title title: string[16]
			40 short short: string[15]
			55 dst dst: binary[1] mac`},
		{"nested, defined later", `
definitions:
  - name: outer
    type: struct
    members: [{name: in, type: binary, struct: inner}, {name: n, type: u32}]
  - name: inner
    type: struct
    members: [{name: a, type: u16}, {name: b, type: u16}]
`, `
			inner size=4 min=4
			0 a a: u16
			2 b b: u16
			outer size=8 min=8
			0 in in: struct struct=inner
			4 n n: u32`},
		{"packed where C would not be", `
definitions:
  - name: odd
    type: struct
    members: [{name: a, type: u8}, {name: b, type: u32}, {name: c, type: u16}]
`, `
			odd size=7 min=7 packed
			0 a a: u8
			1 b b: u32
			5 c c: u16`},
		{"C pads the end", `
definitions:
  - name: tail
    type: struct
    members: [{name: a, type: u64}, {name: b, type: u32}]
`, `
			tail size=16 min=12
			0 a a: u64
			8 b b: u32`},
		{"no bytes", `
definitions:
  - name: z
    type: struct
    members:
      - {name: p, type: pad, len: 0}
      - {name: b, type: binary, len: 0}
      - {name: s, type: string, len: 0}
      - {name: a, type: u8}
  - {name: none, type: struct, members: []}
  - name: holds
    type: struct
    members: [{name: n, type: binary, struct: none}, {name: a, type: u8}]
`, `
			holds size=1 min=1
			0 n n: struct struct=none
			0 a a: u8
			none size=0 min=0
			z size=1 min=1
			0 a a: u8`},
		{"pads may share a name", `
definitions:
  - name: p
    type: struct
    members: [{name: pad, type: pad, len: 1}, {name: a, type: u8}, {name: pad, type: pad, len: 2}]
`, `
			p size=4 min=4
			0 pad pad: pad[1]
			1 a a: u8
			2 pad pad: pad[2]`},
		{"open end", `
definitions:
  - name: open
    type: struct
    members: [{name: n, type: u32}, {name: key, type: binary}]
`, `
			open size=4 min=4 packed flex
			0 n n: u32
			4 key key: binary secret`},
	} {
		t.Run(x.name, func(t *testing.T) { check(t, raw, x.text, showStructs, x.want) })
	}
}

func TestStructErrors(t *testing.T) {
	complain(t, raw+`
definitions:
  - {name: text, type: const, value: hello}
  - name: a
    type: struct
    members:
      - {name: x, type: u8}
      - {name: x, type: u8}
      - {name: y, type: uint}
      - {name: z, type: binary, len: nothing}
      - {name: t, type: binary, len: text}
      - {name: m, type: binary, len: 0 - 1}
      - {name: l, type: binary, len: 70000}
      - {name: e, type: u8, enum: none}
      - {name: s, type: binary, struct: none}
      - {name: f, type: binary, struct: open}
      - {name: o, type: u16, byte-order: middle-endian}
      - {type: u8}
  - {name: open, type: struct, members: [{name: s, type: string}]}
  - {name: early, type: struct, members: [{name: s, type: string}, {name: n, type: u8}]}
  - {name: me, type: struct, members: [{name: m, type: binary, struct: me}]}
  - {name: p, type: struct, members: [{name: m, type: binary, struct: q}]}
  - {name: q, type: struct, members: [{name: m, type: binary, struct: p}]}
  - {name: big, type: struct, members: [{name: m, type: binary, len: 65535}, {name: n, type: u8}]}
  - {name: a-b, type: struct}
  - {name: a_b, type: struct}
`, `
		t.yaml:12:16: member "x" is there twice
		t.yaml:13:25: unknown type of member "uint"
		t.yaml:14:38: constant "nothing" is not defined
		t.yaml:15:38: constant "text" is not a number
		t.yaml:16:38: len is -1, should be from 0 to 65535
		t.yaml:17:38: len is 70000, should be from 0 to 65535
		t.yaml:18:35: enum "none" is not defined
		t.yaml:19:41: struct "none" is not defined
		t.yaml:20:41: struct "open" has no fixed size
		t.yaml:21:42: unknown byte-order "middle-endian"
		t.yaml:22:9: a member needs a name
		t.yaml:24:75: member "n" stands behind one that has no len
		t.yaml:25:72: struct "me" holds itself
		t.yaml:27:71: struct "p" holds itself
		t.yaml:28:85: struct "big" is larger than an attribute can be
		t.yaml:30:12: struct a_b is there twice`)
}

// TestStructDepth nests structs as deep as allowed and deeper. Each holds the
// one below it twice, so that a reader that forgets takes 2^n steps.
func TestStructDepth(t *testing.T) {
	build := func(n int) string {
		var b strings.Builder
		b.WriteString(raw + "definitions:\n")
		for i := range n {
			fmt.Fprintf(&b, "  - {name: s%d, type: struct, members: [{name: a, type: binary, struct: s%[2]d}, {name: b, type: binary, struct: s%[2]d}]}\n", i, i+1)
		}
		fmt.Fprintf(&b, "  - {name: s%d, type: struct, members: [{name: a, type: u8}]}\n", n)
		return b.String()
	}
	if got := messagesOf(build(maxStructs)); got != "" {
		t.Errorf("%s", got)
	}
	complain(t, build(maxStructs+1), `
		t.yaml:21:73: structs are nested deeper than 15
		t.yaml:21:111: structs are nested deeper than 15`)
}
