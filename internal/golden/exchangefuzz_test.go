package golden_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// FuzzExchanges joins any payloads, each behind its length, and shows what
// comes of them in every form.
func FuzzExchanges(f *testing.F) {
	pack := func(frames ...[]byte) (out []byte) {
		for _, b := range frames {
			out = append(binary.LittleEndian.AppendUint16(out, uint16(len(b))), b...)
		}
		return out
	}
	for _, name := range pcaptest.Names {
		list := pcaptest.Frames(f, name)
		for i := 20; i+1 < len(list); i += 61 {
			if a, b := list[i].Data, list[i+1].Data; len(a)+len(b) < 2048 && a[15] == b[15] {
				f.Add(pack(a[16:], b[16:]), a[15], false, uint16(400))
			}
		}
	}
	db := families.Embedded()
	s := dissect.NewSession(dissect.OrderAuto)
	ids := pcaptest.Inputs(f, "wifi", s)[0].IDs
	s.Complete()
	line, view := render.NewExchanges(render.Options{}, db), render.NewExchangeView(render.Options{}, db, 120)
	object, texts := render.NewExchangeJSON(render.Options{}, db, false), render.NewExchangeTexts(render.Options{}, db)
	f.Fuzz(func(t *testing.T, payload []byte, proto byte, big bool, keep uint16) {
		sum := flow.NewStats(db, 1e9)
		var out []byte
		tr := flow.NewTracker(db, flow.Options{Keep: int(keep), Closed: func(e *flow.Exchange) {
			out = line.Exchange(out[:0], e, 0)
			out = view.Exchange(out, e, 0)
			if i := control(out); i >= 0 {
				t.Fatalf("control character %q in …%q", out[i], out[max(0, i-60):min(len(out), i+20)])
			}
			out = object.Exchange(out[:0], e, 0)
			valid(t, "exchange", out)
			texts.Text(e)
			sum.Add(e, 0)
		}})
		for n := 1; len(payload) >= 2 && n < 50; n++ {
			size := min(int(binary.LittleEndian.Uint16(payload)), len(payload)-2)
			data := append([]byte{0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, proto}, payload[2:2+size]...)
			payload = payload[2+size:]
			in := &dissect.Input{Number: n, Data: data, OrigLen: len(data), Big: big, IDs: ids}
			fr := &flow.Frame{Input: in, Time: int64(n) * 1e6}
			fr.Process.Comm = "a\x1b]0;b"
			tr.Observe(fr)
			sum.Frame(fr.Time, fr.Time, 1, len(data))
		}
		tr.Close()
		valid(t, "stats", render.AppendStatsJSON(nil, sum, render.StatsTables...))
		if out := render.AppendStats(nil, sum, render.StatsTables...); control(out) >= 0 {
			t.Fatalf("control character in %q", bytes.TrimSpace(out))
		}
	})
}
