package encode

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Shape is what a Value is in JSON.
type Shape uint8

// The shapes.
const (
	String Shape = iota
	Number
	Bool
	List
	Object
)

// Value is a JSON value that keeps the order of keys, as the order of
// attributes means something.
type Value struct {
	Shape Shape
	// Text is a string, a number's digits, "true" or "false".
	Text    string
	Items   []*Value // of a List
	Members []Member // of an Object
}

// Member is a key and its value.
type Member struct {
	Key   string
	Value *Value
}

// Get returns the value of a key, nil if there is none.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for i := range v.Members {
		if v.Members[i].Key == key {
			return v.Members[i].Value
		}
	}
	return nil
}

// Set gives a key a value. A new key stands last.
func (v *Value) Set(key string, x *Value) {
	for i := range v.Members {
		if v.Members[i].Key == key {
			v.Members[i].Value = x
			return
		}
	}
	v.Members = append(v.Members, Member{key, x})
}

// Text returns a string value.
func Text(s string) *Value { return &Value{Text: s} }

// Equal says whether two values are the same, the order of keys included.
func (v *Value) Equal(o *Value) bool {
	if v == nil || o == nil {
		return v == o
	}
	if v.Shape != o.Shape || v.Text != o.Text || len(v.Items) != len(o.Items) || len(v.Members) != len(o.Members) {
		return false
	}
	for i := range v.Items {
		if !v.Items[i].Equal(o.Items[i]) {
			return false
		}
	}
	for i := range v.Members {
		if v.Members[i].Key != o.Members[i].Key || !v.Members[i].Value.Equal(o.Members[i].Value) {
			return false
		}
	}
	return true
}

// maxJSONDepth bounds how deep values nest: deeper than the dissector goes is
// no message that it printed.
const maxJSONDepth = 200

// Parse reads JSON: one value, an array of values, or several one behind the
// other. It returns each object among them.
func Parse(r io.Reader) ([]*Value, error) {
	d := json.NewDecoder(r)
	d.UseNumber()
	var out []*Value
	for {
		v, err := readValue(d, 0)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, jsonError(d, err)
		}
		if v.Shape == List {
			out = append(out, v.Items...)
			continue
		}
		out = append(out, v)
	}
}

// ParseOne reads text that is one JSON value.
func ParseOne(text []byte) (*Value, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := readValue(d, 0)
	if err != nil {
		return nil, jsonError(d, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("offset %d: more behind the value", d.InputOffset())
	}
	return v, nil
}

func jsonError(d *json.Decoder, err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("offset %d: the JSON ends too early", d.InputOffset())
	}
	return fmt.Errorf("offset %d: no JSON: %s", d.InputOffset(), strings.TrimPrefix(err.Error(), "json: "))
}

func readValue(d *json.Decoder, depth int) (*Value, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxJSONDepth {
		return nil, fmt.Errorf("more than %d levels", maxJSONDepth)
	}
	switch t := t.(type) {
	case string:
		return &Value{Text: t}, nil
	case json.Number:
		return &Value{Shape: Number, Text: t.String()}, nil
	case bool:
		return &Value{Shape: Bool, Text: fmt.Sprint(t)}, nil
	case json.Delim:
		v := &Value{Shape: List}
		if t == '{' {
			v.Shape = Object
		}
		for d.More() {
			key := ""
			if t == '{' {
				k, err := d.Token()
				if err != nil {
					return nil, within(err)
				}
				key = k.(string)
			}
			x, err := readValue(d, depth+1)
			if err != nil {
				return nil, within(err)
			}
			if t == '{' {
				v.Members = append(v.Members, Member{key, x})
			} else {
				v.Items = append(v.Items, x)
			}
		}
		_, err := d.Token()
		return v, within(err)
	}
	return nil, fmt.Errorf("null stands for nothing here")
}

func within(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// GetMembers returns the members of an object, none of anything else.
func (v *Value) GetMembers() []Member {
	if v == nil {
		return nil
	}
	return v.Members
}
