package ynl

import (
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

// TestTypes reads one attribute after the other.
func TestTypes(t *testing.T) {
	const head = raw + `
definitions:
  - {name: mode, type: enum, entries: [x, y]}
  - {name: caps, type: flags, entries: [x, y]}
  - {name: width, type: const, value: 12}
  - {name: hdr, type: struct, members: [{name: kind, type: u32}]}
sub-messages:
  - {name: data, formats: []}
attribute-sets:
  - {name: other, attributes: []}
  - {name: s, attributes: [{name: x, `
	for _, x := range []struct{ text, want string }{
		{"type: unused", "binary"},
		{"type: pad", "pad"},
		{"type: flag", "flag"},
		{"type: string", "string"},
		{"type: u8", "u8"},
		{"type: u16", "u16"},
		{"type: u32", "u32"},
		{"type: u64", "u64"},
		{"type: s8", "s8"},
		{"type: s16", "s16"},
		{"type: s32", "s32"},
		{"type: s64", "s64"},
		{"type: uint", "uint"},
		{"type: sint", "sint"},
		{"type: uint, byte-order: big-endian", "uint be"},
		{"type: u16, byte-order: little-endian", "u16 le"},
		{"type: u32, enum: mode", "u32 enum=mode"},
		{"type: u32, enum: caps", "u32 flags=caps"},
		{"type: u32, enum: mode, enum-as-flags: true", "u32 flags=mode-mask"},
		{"type: u32, enum: mode, enum-as-flags: false", "u32 enum=mode"},
		{"type: bitfield32", "bitfield32"},
		{"type: bitfield32, enum: caps", "bitfield32 flags=caps"},
		{"type: bitfield32, enum: mode", "bitfield32 flags=mode-mask"},
		{"type: u32, display-hint: hex", "u32 hex"},
		{"type: u32, byte-order: big-endian, display-hint: ipv4", "u32 be ipv4"},
		{"type: binary", "binary"},
		{"type: binary, display-hint: mac", "binary mac"},
		{"type: binary, display-hint: fddi", "binary fddi"},
		{"type: binary, display-hint: ipv6", "binary ipv6"},
		{"type: binary, display-hint: ipv4-or-v6", "binary ipv4-or-v6"},
		{"type: binary, display-hint: uuid", "binary uuid"},
		{"type: binary, struct: hdr", "struct struct=hdr"},
		{"type: binary, sub-type: u32", "array (u32) count=0"},
		{"type: binary, sub-type: u16, byte-order: big-endian, enum: mode, display-hint: hex",
			"array (u16 be hex enum=mode) count=0 be"},
		{"type: nest", "nest"},
		{"type: nest, nested-attributes: other", "nest set=other"},
		{"type: nest, nested-attributes: s, multi-attr: true", "nest set=s multi"},
		{"type: indexed-array, sub-type: nest, nested-attributes: other", "indexed (nest set=other)"},
		{"type: array-nest, nested-attributes: other", "indexed (nest set=other)"},
		{"type: indexed-array, sub-type: u32, byte-order: big-endian, display-hint: ipv4",
			"indexed (u32 be ipv4)"},
		{"type: indexed-array, sub-type: binary, display-hint: ipv6, checks: {exact-len: 16}",
			"indexed (binary ipv6 minlen=16 maxlen=16)"},
		{"type: indexed-array, sub-type: binary, struct: hdr", "indexed (struct struct=hdr)"},
		{"type: indexed-array, sub-type: string", "indexed (string)"},
		{"type: indexed-array, sub-type: sub-message, sub-message: data, selector: kind",
			"indexed (sub data by kind)"},
		{"type: nest-type-value, type-value: [policy-id, attr-id], nested-attributes: other",
			"levels policy-id,attr-id set=other"},
		{"type: sub-message, sub-message: data, selector: kind", "sub data by kind"},
		{"type: u8, checks: {min: 1, max: 0x10}", "u8 min=1 max=16"},
		{"type: s32, checks: {min: s8-min, max: s8-max}", "s32 min=-128 max=127"},
		{"type: s32, checks: {min: s16-min, max: s16-max}", "s32 min=-32768 max=32767"},
		{"type: sint, checks: {min: s32-min, max: s32-max}", "sint min=-2147483648 max=2147483647"},
		{"type: s64, checks: {min: s64-min, max: s64-max}",
			"s64 min=-9223372036854775808 max=9223372036854775807"},
		{"type: u64, checks: {min: u8-min, max: u8-max}", "u64 min=0 max=255"},
		{"type: u64, checks: {min: u16-min, max: u16-max}", "u64 min=0 max=65535"},
		{"type: u64, checks: {min: u32-min, max: u32-max}", "u64 min=0 max=4294967295"},
		{"type: u64, checks: {min: u64-min, max: u64-max}", "u64 min=0"},
		{"type: u64, checks: {max: 18446744073709551615}", "u64"},
		{"type: u16, checks: {max: width}", "u16 max=12"},
		{"type: u32, checks: {flags-mask: caps}", "u32 flags=caps"},
		{"type: u32, checks: {flags-mask: mode}", "u32 flags=mode-mask"},
		{"type: u32, enum: caps, checks: {flags-mask: caps}", "u32 flags=caps"},
		{"type: binary, checks: {min-len: 2, max-len: width - 1}", "binary minlen=2 maxlen=11"},
		{"type: binary, checks: {exact-len: width}", "binary minlen=12 maxlen=12"},
		{"type: binary, checks: {exact-len: 0}", "binary"},
		{"type: binary, checks: {max-len: 0}", "binary"},
		// The kernel does not count the NUL of a string.
		{"type: string, checks: {max-len: 15}", "string maxlen=16"},
		{"type: string, checks: {max-len: width, unterminated-ok: true}", "string maxlen=13"},
	} {
		f := read(t, head+x.text+"}]}\n")
		a := f.Sets["s"].Fields[0]
		got := showType(&a.Type)
		if a.Multi {
			got += " multi"
		}
		if got != x.want {
			t.Errorf("%s: got %s, want %s", x.text, got, x.want)
		}
		if n := a.Type.FixedSize(); n < 0 {
			t.Errorf("%s: size %d", x.text, n)
		}
	}
}

// TestZeroLength makes sure that no element of an array has no bytes: whoever
// divides by its size or steps by it would hang.
func TestZeroLength(t *testing.T) {
	f := read(t, genl+`
attribute-sets:
  - name: s
    attributes:
      - {name: a, type: binary, sub-type: u8, checks: {exact-len: 0, min-len: 0}}
`)
	typ := f.Sets["s"].Fields[0].Type
	if typ.Kind != families.KindArray || typ.Elem.FixedSize() != 1 {
		t.Errorf("%s", showType(&typ))
	}
}

func TestTypeErrors(t *testing.T) {
	complain(t, raw+`
definitions:
  - {name: text, type: const, value: a text}
sub-messages:
  - {name: data, formats: []}
attribute-sets:
  - name: s
    attributes:
      - {name: a, type: u128}
      - {name: b, type: indexed-array, sub-type: u9}
      - {name: c, type: nest, nested-attributes: peer2}
      - {name: d, type: u8, enum: none}
      - {name: e, type: binary, struct: none}
      - {name: f, type: nest-type-value, nested-attributes: s}
      - {name: g, type: sub-message, sub-message: none, selector: kind}
      - {name: h, type: sub-message, sub-message: data}
      - {name: i, type: u8, checks: {min: none, max: text, flags-mask: none}}
      - {name: j, type: binary, checks: {min-len: 4, max-len: 3}}
      - {name: k, type: binary, checks: {exact-len: none}}
      - {name: l, type: u8, checks: [min]}
      - {name: m, type: [u8]}
      - {name: n, type: u8, multi-attr: maybe}
      - {name: o, type: u8, display-hint: roman}
      - {name: p, type: binary, sub-type: nest, nested-attributes: s}
      - {name: q, type: u8, checks: {color: red}}
`, `
		t.yaml:13:25: unknown type "u128"
		t.yaml:14:50: unknown type "u9"
		t.yaml:15:50: attribute set "peer2" is not defined
		t.yaml:16:35: enum "none" is not defined
		t.yaml:17:41: struct "none" is not defined
		t.yaml:18:9: nest-type-value needs a type-value of 1 to 8 names
		t.yaml:19:51: sub-message "none" is not defined
		t.yaml:20:16: sub-message "data" needs a selector
		t.yaml:21:43: constant "none" is not defined
		t.yaml:21:54: constant "text" is not a number
		t.yaml:21:72: flags "none" are not defined
		t.yaml:22:41: the shortest length, 4, is above the longest, 3
		t.yaml:23:53: constant "none" is not defined
		t.yaml:24:37: checks should be a mapping
		t.yaml:25:25: type should be a word
		t.yaml:26:41: multi-attr should be true or false, not "maybe"
		warning: t.yaml:27:43: unknown display-hint "roman"
		warning: t.yaml:28:43: sub-type "nest" has no effect in binary
		warning: t.yaml:29:38: unknown key "color" in checks`)
}
