package golden_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// FuzzPrint shows any payload in every form: JSON that cannot be parsed, or a
// control character that reaches the terminal, is a failure.
func FuzzPrint(f *testing.F) {
	for _, name := range pcaptest.Names {
		for i, frame := range pcaptest.Frames(f, name) {
			if i%29 == 0 && len(frame.Data) < 2048 {
				f.Add(frame.Data[16:], frame.Data[15], false)
			}
		}
	}
	s := dissect.NewSession(dissect.OrderAuto)
	ids := pcaptest.Inputs(f, "wifi", s)[0].IDs
	s.Complete()
	d := dissect.New(families.Embedded())
	text := map[string]render.Printer{
		"line":   render.NewLine(render.Options{Time: render.TimeOfDay, Location: time.UTC, Hex: true}),
		"tree":   render.NewTree(render.Options{Time: render.TimeEpoch, Location: time.UTC}),
		"hex":    render.NewTree(render.Options{Time: render.TimeDelta, Hex: true, ShowSecrets: true}),
		"detail": render.NewTree(render.Options{Time: render.TimeRelative, Detail: map[string]bool{"rt-link": true}}),
	}
	lines := map[string]render.Printer{
		"jsonl": render.NewJSON(render.Options{}, false),
		"full":  render.NewJSON(render.Options{Full: true}, false),
		"open":  render.NewJSON(render.Options{Full: true, ShowSecrets: true}, false),
	}
	array := render.NewJSON(render.Options{}, true)
	f.Fuzz(func(t *testing.T, payload []byte, proto byte, big bool) {
		data := append([]byte{0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, proto}, payload...)
		in := &dissect.Input{Number: 1 << 20, Data: data, OrigLen: len(data), Big: big, IDs: ids}
		ev := &render.Event{Number: 7, Time: 1e18, OrigLen: len(data), Process: capture.Process{PID: 5, Comm: "a\x1b]0;b"}, Comment: "c\n\"", Tree: d.Frame(in)}
		for name, p := range text {
			out := p.Frame(nil, ev)
			if i := control(out); i >= 0 {
				t.Fatalf("%s: control character %q in …%q", name, out[i], out[max(0, i-60):min(len(out), i+20)])
			}
		}
		for name, p := range lines {
			for line := range bytes.Lines(p.Frame(nil, ev)) {
				valid(t, name, line)
			}
		}
		out := array.Frame([]byte{'['}, ev)
		valid(t, "json", append(bytes.TrimSuffix(out, []byte(",\n")), ']'))
	})
}

func valid(t *testing.T, name string, out []byte) {
	t.Helper()
	if !json.Valid(out) {
		var v any
		err := json.Unmarshal(out, &v)
		t.Fatalf("%s: %v in %s", name, err, out)
	}
	if i := control(bytes.TrimSuffix(out, []byte("\n"))); i >= 0 && out[i] != '\n' {
		t.Fatalf("%s: control character %q", name, out[i])
	}
}

// control finds a byte that a terminal would act on, -1 if there is none.
func control(out []byte) int {
	for i, c := range out {
		if c < 0x20 && c != '\n' || c == 0x7f {
			return i
		}
	}
	// The C1 controls are two bytes in UTF-8.
	for c := 0x80; c < 0xa0; c++ {
		if i := bytes.Index(out, []byte{0xc2, byte(c)}); i >= 0 {
			return i
		}
	}
	return -1
}
