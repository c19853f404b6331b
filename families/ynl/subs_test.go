package ynl

import "testing"

func TestSubMessages(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"formats", `
definitions:
  - {name: qopt, type: struct, members: [{name: a, type: u32}]}
  - {name: open, type: struct, members: [{name: a, type: u32}, {name: rest, type: binary}]}
attribute-sets:
  - name: s
    attributes:
      - {name: options, type: sub-message, sub-message: opts, selector: kind}
      - {name: kind, type: string}
sub-messages:
  - name: opts
    formats:
      - {value: both, fixed-header: qopt, attribute-set: s}
      - {value: attrs, attribute-set: s}
      - {value: header, fixed-header: qopt}
      - {value: open, fixed-header: open}
      - {value: none}
      - {value: "0x10", attribute-set: s}
`, `
			opts
			0x10: nest set=s
			attrs: nest set=s
			both: nest set=s struct=qopt
			header: struct struct=qopt
			none: flag
			open: struct struct=open
			16: nest set=s`},
		{"selector is an integer", `
definitions:
  - {name: types, type: enum, value-start: 1, entries: [one, two, three]}
attribute-sets:
  - name: s
    attributes:
      - {name: data, type: sub-message, sub-message: d, selector: type}
      - {name: type, type: u32, enum: types}
sub-messages:
  - {name: d, formats: [{value: one, attribute-set: s}, {value: three}]}
`, `
			d
			one: nest set=s
			three: flag
			1: nest set=s
			3: flag`},
		{"selector in a set around an array", `
definitions:
  - {name: types, type: enum, entries: [a, b]}
attribute-sets:
  - name: outer
    attributes:
      - {name: type, type: u8, enum: types}
      - {name: list, type: nest, nested-attributes: middle}
  - name: middle
    attributes: [{name: item, type: indexed-array, sub-type: nest, nested-attributes: inner}]
  - name: inner
    attributes: [{name: data, type: sub-message, sub-message: d, selector: type}]
sub-messages:
  - {name: d, formats: [{value: b, attribute-set: inner}]}
`, `
			d
			b: nest set=inner
			1: nest set=inner`},
		{"selector outside of a sub-message", `
definitions:
  - {name: types, type: enum, entries: [a, b]}
attribute-sets:
  - name: outer
    attributes:
      - {name: type, type: u8, enum: types}
      - {name: kind, type: string}
      - {name: data, type: sub-message, sub-message: first, selector: kind}
  - name: inner
    attributes: [{name: more, type: sub-message, sub-message: second, selector: type}]
sub-messages:
  - {name: first, formats: [{value: x, attribute-set: inner}]}
  - {name: second, formats: [{value: b}]}
`, `
			first
			x: nest set=inner
			second
			b: flag
			1: flag`},
		{"two enums for one sub-message", `
definitions:
  - {name: low, type: enum, entries: [a, b]}
  - {name: high, type: enum, value-start: 8, entries: [a, b]}
attribute-sets:
  - name: one
    attributes:
      - {name: type, type: u8, enum: low}
      - {name: data, type: sub-message, sub-message: d, selector: type}
  - name: two
    attributes:
      - {name: type, type: u8, enum: high}
      - {name: data, type: sub-message, sub-message: d, selector: type}
sub-messages:
  - {name: d, formats: [{value: b}]}
`, `
			d
			b: flag
			1: flag
			d-by-high
			b: flag
			9: flag`},
		{"no selector anywhere", `
attribute-sets:
  - name: s
    attributes: [{name: data, type: sub-message, sub-message: d, selector: elsewhere}]
sub-messages:
  - {name: d, formats: [{value: b}]}
`, `
			d
			b: flag`},
	} {
		t.Run(x.name, func(t *testing.T) { check(t, raw, x.text, showSubs, x.want) })
	}
}

func TestSubVariant(t *testing.T) {
	f := read(t, raw+`
definitions:
  - {name: low, type: enum, entries: [a, b]}
  - {name: high, type: enum, value-start: 8, entries: [a, b]}
attribute-sets:
  - name: one
    attributes:
      - {name: type, type: u8, enum: low}
      - {name: data, type: sub-message, sub-message: d, selector: type}
  - name: two
    attributes:
      - {name: type, type: u8, enum: high}
      - {name: data, type: indexed-array, sub-type: sub-message, sub-message: d, selector: type}
sub-messages:
  - {name: d, formats: [{value: b}]}
`)
	one, two := f.Sets["one"].ByName("data").Type.Sub, f.Sets["two"].ByName("data").Type.Elem.Sub
	if one.Format("", 1, false) == nil || one.Format("", 9, false) != nil {
		t.Errorf("one: %v", one.ByValue)
	}
	if two.Format("", 9, false) == nil || two.Format("", 1, false) != nil {
		t.Errorf("two: %v", two.ByValue)
	}
}

func TestSubErrors(t *testing.T) {
	complain(t, raw+`
definitions:
  - {name: open, type: struct, members: [{name: rest, type: binary}]}
attribute-sets:
  - {name: s, attributes: []}
sub-messages:
  - {name: d, formats: [{value: a}, {value: a}, {attribute-set: s}]}
  - {name: d, formats: []}
  - {formats: []}
  - {name: e, formats: [{value: a, attribute-set: none}, {value: b, fixed-header: none}]}
  - {name: f, formats: [{value: a, attribute-set: s, fixed-header: open}]}
  - {name: g, formats: 1}
`, `
		t.yaml:11:45: format "a" is there twice in "d"
		t.yaml:11:49: a format needs a value
		t.yaml:12:12: sub-message "d" is there twice
		t.yaml:13:5: a sub-message needs a name
		t.yaml:14:51: attribute set "none" is not defined
		t.yaml:14:83: struct "none" is not defined
		t.yaml:15:68: struct "open" has no fixed size, so nothing can stand behind it
		t.yaml:16:24: formats should be a list`)
}
