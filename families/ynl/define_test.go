package ynl

import "testing"

func TestEnums(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"plain", `
definitions:
  - {name: mode, type: enum, doc: Modes, render-max: true, entries: [off, half-way, full]}
`, `
			enum mode FAM_MODE_
			0x0 FAM_MODE_OFF off
			0x1 FAM_MODE_HALF_WAY half-way
			0x2 FAM_MODE_FULL full`},
		{"start and values", `
definitions:
  - name: mode
    type: enum
    name-prefix: my-mode-
    enum-name:
    header: linux/fam.h
    scope: uapi
    value-start: 5
    entries:
      - a
      - {name: b, doc: the b}
      - {name: c, value: 0x10}
      - d
      - {name: minus, value: -1}
      - zero
`, `
			enum mode MY_MODE_
			0x5 MY_MODE_A a
			0x6 MY_MODE_B b
			0x10 MY_MODE_C c
			0x11 MY_MODE_D d
			0xffffffffffffffff MY_MODE_MINUS minus
			0x0 MY_MODE_ZERO zero`},
		{"flags are numbers of bits", `
definitions:
  - name: caps
    type: flags
    entries: [a, b, {name: top, value: 63}]
  - {name: late, type: flags, value-start: 4, entries: [x]}
`, `
			flags caps FAM_CAPS_
			0x1 FAM_CAPS_A a
			0x2 FAM_CAPS_B b
			0x8000000000000000 FAM_CAPS_TOP top
			flags late FAM_LATE_
			0x10 FAM_LATE_X x`},
		{"start by a constant", `
definitions:
  - {name: first, type: const, value: 3}
  - {name: mode, type: enum, value-start: first, entries: [a]}
`, `
			enum mode FAM_MODE_
			0x3 FAM_MODE_A a`},
		{"a prefix without its dash", `
definitions:
  - {name: mode, type: enum, name-prefix: my-mode, entries: [a]}
  - {name: bare, type: enum, name-prefix: "", entries: [b]}
`, `
			enum bare
			0x0 B b
			enum mode MY_MODE_
			0x0 MY_MODE_A a`},
		{"enum as flags", `
definitions:
  - {name: mode, type: enum, entries: [a, b, {name: wide, value: 64}]}
  - {name: caps, type: flags, entries: [x]}
attribute-sets:
  - name: s
    attributes:
      - {name: v, type: u32, enum: mode}
      - {name: m, type: u32, enum: mode, enum-as-flags: true}
      - {name: n, type: u64, enum: mode, enum-as-flags: true}
      - {name: c, type: u32, enum: caps, enum-as-flags: true}
`, `
			flags caps FAM_CAPS_
			0x1 FAM_CAPS_X x
			enum mode FAM_MODE_
			0x0 FAM_MODE_A a
			0x1 FAM_MODE_B b
			0x40 FAM_MODE_WIDE wide
			flags mode-mask FAM_MODE_
			0x1 FAM_MODE_A a
			0x2 FAM_MODE_B b`},
	} {
		t.Run(x.name, func(t *testing.T) { check(t, genl, x.text, showEnums, x.want) })
	}
}

// TestEnumLookup checks that the tables of derived enums are built, too.
func TestEnumLookup(t *testing.T) {
	f := read(t, genl+`
definitions:
  - {name: mode, type: enum, entries: [a, b]}
attribute-sets:
  - {name: s, attributes: [{name: m, type: u32, enum: mode, enum-as-flags: true}]}
`)
	e := f.Sets["s"].ByName("m").Type.Enum
	if e.Known() != 3 || e.ValueName(2) != "FAM_MODE_B" {
		t.Errorf("known %#x, 2 is %q", e.Known(), e.ValueName(2))
	}
	if v, ok := f.Enums["mode"].Value("b"); !ok || v != 1 {
		t.Errorf("b is %d, %t", v, ok)
	}
}

func TestDefinitionErrors(t *testing.T) {
	complain(t, genl+`
definitions:
  - {name: e, type: enum, entries: [a, a, "b c"]}
  - {name: e, type: enum, entries: []}
  - {name: f, type: flags, entries: [{name: a, value: 64}, {name: b, value: -1}]}
  - {name: g, type: union}
  - {type: enum}
  - {name: h, type: enum, entries: [[x]]}
  - {name: k, type: enum, entries: [{value: 3}]}
  - {name: l, type: enum, entries: {a: 1}}
  - {name: m, type: enum, value-start: none, entries: [a]}
  - {name: n, type: enum, color: red}
`, `
		t.yaml:5:40: "a" is there twice in "e"
		t.yaml:5:43: bad name "b c"
		t.yaml:6:12: definition "e" is there twice
		t.yaml:7:45: "a" is bit 64, should be from 0 to 63
		t.yaml:7:67: "b" is bit -1, should be from 0 to 63
		t.yaml:8:21: unknown type of definition "union"
		t.yaml:9:5: a definition needs a name
		t.yaml:10:37: an entry should be a mapping
		t.yaml:11:37: an entry needs a name
		t.yaml:12:36: entries should be a list
		t.yaml:13:40: value-start should be a number, not "none"
		warning: t.yaml:14:27: unknown key "color" in a definition`)
}
