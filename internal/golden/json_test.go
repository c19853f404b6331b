// Package golden holds what nlsniff shows of real captures against what the
// programs that were captured printed, and the fuzzer of everything that
// prints.
package golden_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// object is a message as JSON has it.
type object map[string]any

// messages returns a whole capture as JSON, secrets shown.
func messages(t *testing.T, capture string) []object {
	t.Helper()
	d := dissect.New(families.Embedded())
	p := render.NewJSON(render.Options{ShowSecrets: true}, false)
	var out []object
	for _, in := range pcaptest.Inputs(t, capture, dissect.NewSession(dissect.OrderAuto)) {
		ev := &render.Event{Number: in.Number, OrigLen: in.OrigLen, Links: in.Links, Tree: d.Frame(&in)}
		for line := range strings.Lines(string(p.Frame(nil, ev))) {
			var o object
			dec := json.NewDecoder(strings.NewReader(line))
			dec.UseNumber()
			if err := dec.Decode(&o); err != nil {
				t.Fatalf("frame %d: %v in %s", in.Number, err, line)
			}
			out = append(out, o)
		}
	}
	return out
}

// at follows a path of keys separated by slashes; an array is passed over to
// all of its elements. What is not there is left out.
func at(v any, path string) []any {
	if list, ok := v.([]any); ok {
		var out []any
		for _, e := range list {
			out = append(out, at(e, path)...)
		}
		return out
	}
	if path == "" {
		return []any{v}
	}
	key, rest, _ := strings.Cut(path, "/")
	switch o := v.(type) {
	case object:
		v = o[key]
	case map[string]any:
		v = o[key]
	default:
		return nil
	}
	if v == nil {
		return nil
	}
	return at(v, rest)
}

// text is a JSON value as one word.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// words are the values at a path.
func words(v any, path string) []string {
	var out []string
	for _, x := range at(v, path) {
		out = append(out, text(x))
	}
	return out
}

// where picks the messages of a type that have a value at a path.
func where(list []object, typ, path, value string) []object {
	var out []object
	for _, o := range list {
		if typ != "" && strings.Join(words(o, "nlmsg/type"), "") != typ {
			continue
		}
		for _, w := range words(o, path) {
			if w == value {
				out = append(out, o)
				break
			}
		}
	}
	return out
}
