package ynl

import (
	"bytes"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

// seeds are small specs that touch every feature.
var seeds = []string{
	genl, raw,
	`name: fam
protocol: genetlink-legacy
version: 2
definitions:
  - {name: len, type: const, value: 6}
  - {name: mode, type: enum, value-start: 1, entries: [a, {name: b, value: 5}]}
  - {name: caps, type: flags, entries: [x, y]}
  - name: hdr
    type: struct
    members:
      - {name: p, type: pad, len: 0}
      - {name: m, type: binary, len: len - 1, display-hint: mac}
      - {name: n, type: u32, byte-order: big-endian, enum: mode, enum-as-flags: true}
      - {name: in, type: binary, struct: inner}
  - {name: inner, type: struct, members: [{name: a, type: u64}, {name: s, type: string, len: 3}]}
attribute-sets:
  - name: s
    name-prefix: fam-
    attributes:
      - {name: a, type: u32, enum: caps, checks: {min: 1, max: u8-max, flags-mask: caps}}
      - {name: b, type: indexed-array, sub-type: nest, nested-attributes: part, value: 9}
      - {name: c, type: nest-type-value, type-value: [x, y], nested-attributes: s}
      - {name: d, type: binary, sub-type: u16, multi-attr: true, checks: {exact-len: len}}
      - {name: e, type: binary, struct: hdr}
      - {name: f, type: bitfield32, enum: mode}
  - {name: part, subset-of: s, attributes: [{name: a, doc: other}, &d {name: d}]}
operations:
  enum-model: directional
  fixed-header: hdr
  list:
    - {name: get, attribute-set: s, do: {request: {value: 1, attributes: &l [a, b]}, reply: {value: 3, attributes: *l}}, dump: {reply: {value: 4}}}
    - {name: tell, attribute-set: part, event: {attributes: [a]}, mcgrp: all}
    - {name: ntf, notify: get}
mcast-groups: {list: [{name: all}]}
`,
	`name: fam
protocol: netlink-raw
protonum: 12
definitions:
  - {name: hdr, type: struct, members: [{name: a, type: u8}]}
  - {name: types, type: enum, entries: [one, two]}
attribute-sets:
  - name: s
    attributes:
      - {name: kind, type: u32, enum: types}
      - {name: data, type: sub-message, sub-message: d, selector: kind}
sub-messages:
  - {name: d, formats: [{value: one, fixed-header: hdr}, {value: two, fixed-header: hdr, attribute-set: s}, {value: "3"}]}
operations:
  list:
    - {name: get, attribute-set: s, do: {reply: {}}, dump: {reply: {}}}
    - {name: set, value: 9, fixed-header: hdr, do: {}}
`,
}

// FuzzRead reads anything. What is read must be a description that a
// dissector can rely on.
func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fam, warns, err := Read("fuzz.yaml", bytes.NewReader(data))
		for _, w := range warns {
			oneLine(t, w.String())
		}
		if err != nil {
			for _, l := range bytes.Split([]byte(err.Error()), []byte("\n")) {
				oneLine(t, string(l))
			}
			return
		}
		sound(t, fam)
	})
}

// oneLine makes sure that a message can be printed on a terminal.
func oneLine(t *testing.T, s string) {
	t.Helper()
	for _, c := range s {
		if c < ' ' || c == 0x7f {
			t.Fatalf("control character in %q", s)
		}
	}
}

// sound checks what everybody who reads a description takes for granted.
func sound(t *testing.T, f *families.Family) {
	t.Helper()
	name := func(s string) {
		if !validName(s) {
			t.Fatalf("bad name %q", s)
		}
	}
	name(f.Name)
	for _, m := range f.Messages {
		name(m.Name)
		name(m.Short)
		if m.Family != f || !m.Req && !m.Rep {
			t.Fatalf("message %+v", m)
		}
		if m.Body != nil && (len(m.Body.Bodies) == 0 || f.Bodies[m.Body.Name] != m.Body) {
			t.Fatalf("body of %s", m.Name)
		}
	}
	for _, s := range f.Structs {
		if s.Size < 0 || s.Size > maxLength+8 || s.Min > s.Size {
			t.Fatalf("struct %s: size %d, min %d", s.Name, s.Size, s.Min)
		}
		for _, m := range s.Members {
			name(m.Name)
			if m.Off < 0 || m.Off+m.Type.FixedSize() > s.Size {
				t.Fatalf("%s.%s is at %d of %d", s.Name, m.Name, m.Off, s.Size)
			}
			soundType(t, f, &m.Type)
		}
	}
	for _, s := range f.Sets {
		for _, a := range s.Fields {
			name(a.Name)
			if a.ID > maxType || s.Field(a.ID) == nil {
				t.Fatalf("%s is number %d", a.Name, a.ID)
			}
			soundType(t, f, &a.Type)
		}
	}
	for _, s := range f.Subs {
		for k, typ := range s.ByName {
			name(k)
			soundType(t, f, typ)
		}
		for _, typ := range s.ByValue {
			soundType(t, f, typ)
		}
	}
}

// soundType checks that a type refers to what the family has.
func soundType(t *testing.T, f *families.Family, x *families.Type) {
	t.Helper()
	switch {
	case x.Set != nil && f.Sets[x.Set.Name] != x.Set,
		x.Struct != nil && f.Structs[x.Struct.Name] != x.Struct,
		x.Enum != nil && f.Enums[x.Enum.Name] != x.Enum,
		x.Sub != nil && f.Subs[x.Sub.Name] != x.Sub,
		x.MaxLen > 0 && x.MinLen > x.MaxLen,
		x.Kind == families.KindSub && (x.Sub == nil || x.Selector == ""),
		x.Kind == families.KindStruct && x.Struct == nil,
		(x.Kind == families.KindArray || x.Kind == families.KindIndexed) && x.Elem == nil,
		x.Kind == families.KindArray && x.Elem.FixedSize() == 0:
		t.Fatalf("%s", showType(x))
	}
	if x.Elem != nil {
		soundType(t, f, x.Elem)
	}
}
