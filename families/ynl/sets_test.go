package ynl

import (
	"fmt"
	"strings"
	"testing"
)

func TestSets(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"numbers", `
attribute-sets:
  - name: link
    doc: A link
    enum-name:
    attr-cnt-name: __fam-a-cnt
    attr-max-name: fam-a-top
    header: linux/if.h
    attributes:
      - {name: first, type: u8}
      - {name: second-one, type: u8, doc: "Two\nlines"}
      - {name: ten, type: u8, value: 10}
      - {name: eleven, type: u8}
      - {name: zero, type: unused, value: 0}
      - {name: one, type: pad}
      - {name: last, type: u8, value: 16383}
`, `
			link FAM_A_LINK_
			1 FAM_A_LINK_FIRST first: u8
			2 FAM_A_LINK_SECOND_ONE second-one: u8 doc="Two lines"
			10 FAM_A_LINK_TEN ten: u8
			11 FAM_A_LINK_ELEVEN eleven: u8
			0 FAM_A_LINK_ZERO zero: binary
			1 FAM_A_LINK_ONE one: pad
			16383 FAM_A_LINK_LAST last: u8`},
		{"prefixes", `
attribute-sets:
  - {name: fam, attributes: [{name: a, type: u8}]}
  - name: stated
    name-prefix: other-
    attributes: [{name: a, type: u8}, {name: b, type: u8, name-prefix: __else-}]
`, `
			fam FAM_A_
			1 FAM_A_A a: u8
			stated OTHER_
			1 OTHER_A a: u8
			2 __ELSE_B b: u8`},
		{"subsets", `
definitions:
  - {name: mode, type: enum, entries: [x]}
attribute-sets:
  - name: part
    subset-of: whole
    attributes:
      - {name: c}
      - {name: a, enum: mode, doc: other}
      - {name: n, nested-attributes: second}
      - {name: k, checks: {max-len: 8}, multi-attr: false}
  - name: whole
    name-prefix: w-
    attributes:
      - {name: a, type: u32, byte-order: big-endian, doc: mine}
      - {name: b, type: u8}
      - {name: c, type: string, value: 7, multi-attr: true, name-prefix: x-}
      - {name: n, type: nest, nested-attributes: whole}
      - {name: k, type: binary, checks: {min-len: 2}, multi-attr: true}
  - name: second
    subset-of: part
    attributes: [{name: a, value: 9}, {name: c, type: u16}]
`, `
			part W_
			7 X_C c: string multi
			1 W_A a: u32 be enum=mode doc="other"
			8 W_N n: nest set=second
			9 W_K k: binary maxlen=8
			second W_
			9 W_A a: u32 be enum=mode doc="other"
			7 X_C c: u16 multi
			whole W_
			1 W_A a: u32 be doc="mine"
			2 W_B b: u8
			7 X_C c: string multi
			8 W_N n: nest set=whole
			9 W_K k: binary minlen=2 multi`},
		{"secrets", `
attribute-sets:
  - name: s
    attributes:
      - {name: private-key, type: binary}
      - {name: public-key, type: binary}
      - {name: psk, type: string}
      - {name: key-id, type: u32}
      - {name: key, type: nest}
      - {name: key-data, type: binary}
`, `
			s FAM_A_S_
			1 FAM_A_S_PRIVATE_KEY private-key: binary secret
			2 FAM_A_S_PUBLIC_KEY public-key: binary
			3 FAM_A_S_PSK psk: string secret
			4 FAM_A_S_KEY_ID key-id: u32
			5 FAM_A_S_KEY key: nest
			6 FAM_A_S_KEY_DATA key-data: binary secret`},
	} {
		t.Run(x.name, func(t *testing.T) {
			want := x.want
			if x.name == "numbers" { // one is there with the number of first
				f, warns, err := Read("t.yaml", strings.NewReader(legacy+x.text))
				if err != nil {
					t.Fatal(err)
				}
				if g := lines(showSets(f)); g != lines(want) {
					t.Errorf("got:\n%s\nwant:\n%s", g, lines(want))
				}
				if len(warns) != 1 || warns[0].Text != `attribute "one" has number 1 as "first" has` {
					t.Errorf("warnings: %v", warns)
				}
				if s := f.Sets["link"]; s.Field(1).Short != "first" || s.ByName("FAM_A_LINK_TEN").ID != 10 || s.ByName("last") != s.Field(16383) {
					t.Error("lookups go wrong")
				}
				return
			}
			check(t, legacy, x.text, showSets, want)
		})
	}
}

func TestSetErrors(t *testing.T) {
	complain(t, genl+`
attribute-sets:
  - {name: a, attributes: [{name: x, type: u8}, {name: x, type: u8}, {type: u8}, {name: y}]}
  - {name: a, attributes: []}
  - {attributes: []}
  - {name: b, subset-of: none, attributes: [{name: x}]}
  - {name: c, subset-of: a, name-prefix: c-, attributes: [{name: z}, {name: x}, {name: x}]}
  - {name: d, subset-of: e, attributes: []}
  - {name: e, subset-of: d, attributes: []}
  - {name: f, attributes: [{name: x, type: u8, value: 16384}, {name: y, type: u8, value: -1}]}
  - {name: g, attributes: [{name: x, type: u8, value: 16383}, {name: y, type: u8}]}
  - {name: h, attributes: [{name: "\e[2J", type: u8}, 5]}
`, `
		t.yaml:5:56: attribute "x" is there twice in "a"
		t.yaml:5:70: an attribute needs a name
		t.yaml:5:89: attribute "y" needs a type
		t.yaml:6:12: attribute set "a" is there twice
		t.yaml:7:5: an attribute set needs a name
		t.yaml:8:26: attribute set "none" is not defined
		t.yaml:9:66: attribute set "a" has no attribute "z"
		t.yaml:11:26: attribute set "d" is a part of itself
		t.yaml:12:55: value is 16384, should be from 0 to 16383
		t.yaml:12:90: value is -1, should be from 0 to 16383
		t.yaml:13:70: attribute "y" is number 16384, should be at most 16383
		t.yaml:14:35: bad name "\x1b[2J"
		t.yaml:14:55: an attribute should be a mapping
		warning: t.yaml:9:42: name-prefix has no effect in a subset
		warning: t.yaml:9:88: attribute "x" is there twice in "c"`)
}

func TestSubsetDepth(t *testing.T) {
	var b strings.Builder
	b.WriteString(genl + "attribute-sets:\n")
	for i := range maxSubsets + 1 {
		fmt.Fprintf(&b, "  - {name: s%02d, subset-of: s%02d, attributes: []}\n", i, i+1)
	}
	fmt.Fprintf(&b, "  - {name: s%02d, attributes: []}\n", maxSubsets+1)
	complain(t, b.String(), "t.yaml:20:28: subsets are nested deeper than 16")
}
