package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/internal/synth"
)

// conformer holds printed JSON to the descriptions: every key is one that
// they have, and every value of the type that they give it.
type conformer struct {
	roots map[string][]spot
	next  map[string]map[string][]spot // below, by path without the numbers
}

// message checks an object with the keys of a message.
func (c *conformer) message(o map[string]any) error {
	for _, key := range []string{"header", "attrs"} {
		if v, ok := o[key]; ok {
			if err := c.value(key, v, c.roots[key]); err != nil {
				return err
			}
		}
	}
	e, _ := o["error"].(map[string]any)
	if r, ok := e["request"].(map[string]any); ok {
		return c.message(r)
	}
	return nil
}

func shapeOfJSON(v any) shape {
	switch x := v.(type) {
	case string:
		return shapeString
	case json.Number:
		if !strings.ContainsAny(string(x), ".eE") {
			return shapeNumber
		}
	case bool:
		if x {
			return shapeTrue
		}
	case []any:
		return shapeArray
	case map[string]any:
		return shapeObject
	}
	return shapeNone
}

func (c *conformer) value(path string, v any, spots []spot) error {
	is := shapeOfJSON(v)
	if is == shapeNone || len(spots) > 0 && is != spots[0].shape() {
		return fmt.Errorf("%s is %.80v, not the %s that %s describes", path, v, shapeTags[spots[0].shape()], spots[0].from)
	}
	if len(spots) == 0 || spots[0].t == nil {
		if o, ok := v.(map[string]any); ok && strings.HasSuffix(path, ".message") {
			return c.message(o)
		}
		return nil
	}
	next, ok := c.next[path]
	if !ok {
		next = below(spots)
		c.next[path] = next
	}
	switch x := v.(type) {
	case map[string]any:
		return c.object(path, "", x, next)
	case []any:
		for _, e := range x {
			if o, ok := e.(map[string]any); ok && next["[]"] == nil {
				if err := c.object(path, "[].", o, next); err != nil {
					return err
				}
				continue
			}
			if next["[]"] == nil {
				return fmt.Errorf("%s has elements", path)
			}
			if err := c.value(path+".[]", e, next["[]"]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *conformer) object(path, list string, o map[string]any, next map[string][]spot) error {
	for key, v := range o {
		at := path + "." + list + key
		if spots := next[list+key]; spots != nil {
			if err := c.value(at, v, spots); err != nil {
				return err
			}
			continue
		}
		number := strings.Trim(key, "0123456789") == ""
		base, named := strings.CutSuffix(key, "_name")
		verdict, valued := strings.CutSuffix(key, "_value")
		var err error
		switch {
		case number && next[list+"#"] != nil:
			err = c.value(path+"."+list+"#", v, next[list+"#"])
		case number:
			err = undescribedJSON(at, v)
		case named && shapeOfJSON(o[base]) == shapeNumber && shapeOfJSON(v) == shapeString:
		case valued && shapeOfJSON(o[verdict]) == shapeString && shapeOfJSON(v) == shapeNumber:
		case (key == "unknown" || key == "trailing") && shapeOfJSON(v) == shapeString:
		case key == "raw":
			err = rawJSONError(at, v)
		case key == "repeated":
			m, _ := v.(map[string]any)
			for k, x := range m {
				spots := next[list+k]
				if strings.Trim(k, "0123456789") == "" && spots == nil {
					k, spots = "#", next[list+"#"]
				}
				for _, x := range x.([]any) {
					if err == nil {
						err = c.value(path+"."+list+k, x, spots)
					}
				}
			}
		default:
			err = fmt.Errorf("nothing describes %s", at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rawJSONError checks lists of bytes by key.
func rawJSONError(path string, v any) error {
	m, _ := v.(map[string]any)
	if len(m) == 0 {
		return fmt.Errorf("%s is empty", path)
	}
	for k, x := range m {
		list, _ := x.([]any)
		if len(list) == 0 {
			return fmt.Errorf("%s.%s is no list", path, k)
		}
		for _, x := range list {
			if s, ok := x.(string); !ok || strings.Trim(s, "0123456789abcdef*") != "" {
				return fmt.Errorf("%s.%s has %v", path, k, x)
			}
		}
	}
	return nil
}

// undescribedJSON checks what stands for an attribute without a description.
func undescribedJSON(path string, v any) error {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return fmt.Errorf("%s is no list", path)
	}
	for _, x := range list {
		o, _ := x.(map[string]any)
		if len(o) != 1 {
			return fmt.Errorf("%s has %v", path, x)
		}
		for k, x := range o {
			switch is := shapeOfJSON(x); {
			case k == "hex" && is == shapeString, k == "attrs" && is == shapeObject:
			default:
				return fmt.Errorf("%s has %s %v", path, k, x)
			}
		}
	}
	return nil
}

// frame checks what is printed of a frame, and returns the line that is wrong.
func (c *conformer) frame(d *dissect.Dissector, p *JSON, in *dissect.Input) ([]byte, error) {
	ev := &Event{Number: in.Number, OrigLen: in.OrigLen, Links: in.Links, Tree: d.Frame(in)}
	for line := range bytes.Lines(p.Frame(nil, ev)) {
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber()
		var o map[string]any
		err := dec.Decode(&o)
		if err == nil {
			err = c.message(o)
		}
		if err != nil {
			return line, err
		}
	}
	return nil, nil
}

// TestJSONConformsSynthetic: and so is what is printed of requests with every value
// that a description knows.
func TestJSONConformsSynthetic(t *testing.T) {
	t.Parallel()
	db := families.Embedded()
	all, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	c := &conformer{describedRoots(t), map[string]map[string][]spot{}}
	d, p := dissect.New(db), NewJSON(Options{}, false)
	n := 0
	for _, f := range all {
		for r := range synth.Requests(f) {
			if n++; testing.Short() && n%8 != 0 {
				continue
			}
			if line, err := c.frame(d, p, r.Input()); err != nil {
				t.Errorf("%s %s: %v\n%.3000s", f.Name, r.What, err, line)
			}
		}
	}
}

// TestJSONConforms: what is printed of all captures, and of their frames with
// flipped bytes and missing ends, has the types that the descriptions say.
func TestJSONConforms(t *testing.T) {
	db := families.Embedded()
	roots := describedRoots(t)
	for _, name := range pcaptest.Names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &conformer{roots, map[string]map[string][]spot{}}
			rnd := rand.New(rand.NewPCG(1, 2))
			s := dissect.NewSession(dissect.OrderAuto)
			list := pcaptest.Inputs(t, name, s)
			d, p := dissect.New(db), NewJSON(Options{}, false)
			check := func(in *dissect.Input) {
				if line, err := c.frame(d, p, in); err != nil {
					t.Fatalf("frame %d: %v\n%.3000s", in.Number, err, line)
				}
			}
			for i := range list {
				in := &list[i]
				if n := len(list)*len(in.Data)/(1<<20) + 1; i%n != 0 && len(in.Data) > 2048 {
					continue // the longer a frame, the more there are like it
				}
				check(in)
				if i%3 != 0 || len(in.Data) > 4096 {
					continue
				}
				bad := *in
				bad.Data = bytes.Clone(in.Data)
				for range 1 + rnd.IntN(4) {
					bad.Data[min(len(bad.Data)-1, 16+rnd.IntN(len(bad.Data)))] = byte(rnd.Uint32())
				}
				if rnd.IntN(3) == 0 {
					bad.Data = bad.Data[:rnd.IntN(len(bad.Data))]
				}
				check(&bad)
			}
		})
	}
}
