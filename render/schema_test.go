package render_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/render"
)

func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../docs/nlsniff.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// uniqueKeys reads one JSON value and fails if an object has a key twice,
// which decoders pass over in silence.
func uniqueKeys(d *json.Decoder) error {
	tok, err := d.Token()
	if err != nil {
		return err
	}
	delim, ok := tok.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		if delim == '{' {
			k, err := d.Token()
			if err != nil {
				return err
			}
			if seen[k.(string)] {
				return fmt.Errorf("key %q is there twice", k)
			}
			seen[k.(string)] = true
		}
		if err := uniqueKeys(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// valid checks one line of JSON.
func valid(s *jsonschema.Schema, line []byte) error {
	if !json.Valid(line) {
		return errors.New("not JSON")
	}
	if err := uniqueKeys(json.NewDecoder(bytes.NewReader(line))); err != nil && err != io.EOF {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// TestSchema compares what is printed of the real captures with the schema.
func TestSchema(t *testing.T) {
	s := schema(t)
	for _, path := range captures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			var frames int
			eachFrame(t, path, func(*capture.Frame) { frames++ })
			d := newDecoder()
			plain, full := render.NewJSON(render.Options{}, false), render.NewJSON(render.Options{Full: true}, false)
			var out []byte
			eachFrame(t, path, func(f *capture.Frame) {
				ev := d.event(f)
				out = plain.Frame(out[:0], ev)
				if f.Number%(frames/40+1) == 0 { // the lossless tree is long
					out = full.Frame(out, ev)
				}
				for line := range bytes.Lines(out) {
					if f.Number%(len(line)/4096+1) != 0 {
						continue // the longer a line, the more there are like it
					}
					if err := valid(s, line); err != nil {
						t.Fatalf("frame %d: %v\n%.2000s", f.Number, err, line)
					}
				}
			})
		})
	}
}

// TestSchemaArray checks the array form.
func TestSchemaArray(t *testing.T) {
	d := newDecoder()
	p := render.NewJSON(render.Options{}, true)
	out := []byte("[")
	eachFrame(t, "../testdata/pcaps/userspace_peer.pcap", func(f *capture.Frame) {
		out = p.Frame(out, d.event(f))
	})
	out = append(bytes.TrimSuffix(out, []byte(",\n")), ']')
	if err := valid(schema(t), out); err != nil {
		t.Error(err)
	}
}

// TestSchemaStrict: the schema is no net with holes.
func TestSchemaStrict(t *testing.T) {
	const head = `{"frame":1,"time":"2026-01-02T03:04:05.000000006Z","protocol":"NETLINK_ROUTE","direction":"unknown"`
	s := schema(t)
	if err := valid(s, []byte(head+"}")); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		`,"extra":1}`, `,"msg":0}`, `,"attrs":{}}`, `,"findings":[]}`, `,"process":{"comm":"ip"}}`,
		`,"nodes":[{"name":"x","type":"value","offset":0,"length":1,"depth":0}]}`,
		`,"nodes":[{"name":"x","type":"attribute","offset":0,"length":1,"depth":0,"hex":"00","value":0}]}`,
		`,"frame":1}`, `,"msg":0,"nlmsg":{"len":16}}`, `,"comment":null}`,
	} {
		if valid(s, []byte(head+bad)) == nil {
			t.Errorf("accepted: %s", head+bad)
		}
	}
}

// TestSchemaDamaged prints frames with flipped bytes and missing ends.
func TestSchemaDamaged(t *testing.T) {
	s := schema(t)
	for _, path := range captures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(1, 2))
			d := newDecoder()
			p := render.NewJSON(render.Options{}, false)
			full := render.NewJSON(render.Options{Full: true}, false)
			eachFrame(t, path, func(f *capture.Frame) {
				d.event(f) // learn from what is whole
				if f.Number%5 != 0 || len(f.Data) > 4096 {
					return
				}
				g := *f
				g.Data = bytes.Clone(f.Data)
				for range 1 + rnd.IntN(6) {
					g.Data[rnd.IntN(len(g.Data))] = byte(rnd.Uint32())
				}
				if rnd.IntN(4) == 0 {
					g.Data = g.Data[:rnd.IntN(len(g.Data))]
				}
				g.Process = capture.Process{PID: 1, Comm: "\"\\\x1b\x00\xff"}
				g.Comment = "\u202e\x9b</script>"
				ev := d.event(&g)
				out := p.Frame(nil, ev)
				if f.Number%25 == 0 {
					out = full.Frame(out, ev)
				}
				for line := range bytes.Lines(out) {
					if err := valid(s, line); err != nil {
						t.Fatalf("frame %d: %v\n%x\n%.2000s", f.Number, err, g.Data, line)
					}
				}
			})
		})
	}
}

// TestSchemaExample: the example in the documentation is what it says.
func TestSchemaExample(t *testing.T) {
	text, err := os.ReadFile("../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := bytes.Cut(text, []byte("```json\n"))
	example, _, _ = bytes.Cut(example, []byte("```"))
	want := &bytes.Buffer{}
	if err := json.Compact(want, example); err != nil {
		t.Fatal(err)
	}
	if err := valid(schema(t), want.Bytes()); err != nil {
		t.Error(err)
	}
	d := newDecoder()
	p := render.NewJSON(render.Options{}, false)
	eachFrame(t, "../testdata/pcaps/route_links.pcap", func(f *capture.Frame) {
		ev := d.event(f)
		if f.Number == 85 {
			if got := bytes.TrimSpace(p.Frame(nil, ev)); !bytes.Equal(got, want.Bytes()) {
				t.Errorf("docs/json.md has\n%s\nbut printed is\n%s", want, got)
			}
		}
	})
}

// TestSchemaEvents: what a trace's events are printed as, options asked for and
// reads that found nothing among them.
func TestSchemaEvents(t *testing.T) {
	s := schema(t)
	events := map[string]bool{}
	for _, name := range []string{"trace_json", "trace_asks_json"} {
		b, err := os.ReadFile("../testdata/golden/" + name + "/stdout.txt")
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			if err := valid(s, line); err != nil {
				t.Errorf("%s: %v\n%s", name, err, line)
			}
			var e struct{ Event, Call, Text string }
			if err := json.Unmarshal(line, &e); err != nil {
				t.Fatal(err)
			}
			events[strings.TrimSpace(e.Event+" "+e.Call)] = true
			events[e.Text] = true
		}
	}
	for _, want := range []string{"socket", "option", "asked by getsockopt", "refused recvfrom", "close", "exit"} {
		if !events[want] {
			t.Errorf("no %s among the events", want)
		}
	}
	const head = `{"frame":1,"time":"2026-01-02T03:04:05.000000006Z","event":"option","protocol":"NETLINK_ROUTE"`
	for _, bad := range []string{`,"asked":true}`, `,"errno":11}`, `,"value":"1"}`, `,"errno_name":"EAGAIN"}`, `,"text":""}`} {
		if valid(s, []byte(head+bad)) == nil {
			t.Errorf("accepted: %s", head+bad)
		}
	}
}
