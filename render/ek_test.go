package render

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestEK: each object of -T jsonl is there, behind a line that says where it goes.
func TestEK(t *testing.T) {
	s, d := dissect.NewSession(dissect.OrderAuto), dissect.New(families.Embedded())
	js, ek := NewJSON(Options{}, false), NewEK(Options{})
	for _, in := range pcaptest.Inputs(t, "wireguard", s) {
		ev := Event{Number: in.Number, Time: 1795435279_857698_000, OrigLen: in.OrigLen, Links: in.Links, Tree: d.Frame(&in)}
		var want, got []byte
		for range bytes.Lines(js.Frame(nil, &ev)) {
			want = append(want, `{"index":{"_index":"packets-2026-11-23"}}`+"\n"...)
		}
		for l := range bytes.Lines(ek.Frame(nil, &ev)) {
			var x struct {
				Index     json.RawMessage
				Timestamp string
				Layers    struct{ Nlsniff json.RawMessage }
			}
			if err := json.Unmarshal(l, &x); err != nil {
				t.Fatalf("%s: %v", l, err)
			}
			if x.Index != nil {
				got = append(got, l...)
				continue
			}
			if x.Timestamp != "1795435279857" || !bytes.Contains(js.Frame(nil, &ev), x.Layers.Nlsniff) {
				t.Errorf("%s", l)
			}
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("frame %d: %s, want %s", in.Number, got, want)
		}
	}
}
