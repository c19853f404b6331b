package render_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// exchanges tracks a capture and calls fn for each exchange.
func exchanges(t testing.TB, path string, fn func(e *flow.Exchange)) {
	t.Helper()
	s := dissect.NewSession(dissect.OrderAuto)
	tr := flow.NewTracker(db, flow.Options{Keep: 1 << 15, Closed: fn})
	eachFrame(t, path, func(f *capture.Frame) {
		in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		s.Prepare(&in, f.Section)
		tr.Observe(&flow.Frame{Input: &in, Time: f.Time, Section: f.Section, Process: flow.Process(f.Process)})
	})
	tr.Close()
}

// TestExchangeSchema compares the exchanges of the real captures with the
// schema, and looks at their lines: one each, without control characters.
func TestExchangeSchema(t *testing.T) {
	s := schema(t)
	for _, path := range captures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			line, view := render.NewExchanges(render.Options{}, db), render.NewExchangeView(render.Options{}, db, 120)
			object := render.NewExchangeJSON(render.Options{}, db, false)
			var out []byte
			exchanges(t, path, func(e *flow.Exchange) {
				if e.ID%4 == 0 || e.ID < 100 {
					out = object.Exchange(out[:0], e, 0)
					if err := valid(s, out); err != nil {
						t.Fatalf("exchange %d: %v\n%.2000s", e.ID, err, out)
					}
				}
				out = line.Exchange(out[:0], e, 0)
				if bytes.Count(out, []byte("\n")) != 1 || hasControl(out[:len(out)-1]) {
					t.Errorf("exchange %d: %q", e.ID, out)
				}
				out = view.Exchange(out[:0], e, 0)
				for row := range strings.Lines(string(out)) {
					if hasControl([]byte(strings.TrimSuffix(row, "\n"))) {
						t.Errorf("exchange %d: %q", e.ID, row)
					}
				}
			})
		})
	}
}

func hasControl(b []byte) bool {
	return bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// TestExchangeColumns: in two columns nothing is wider than the terminal, and
// every row of the request is there in some form.
func TestExchangeColumns(t *testing.T) {
	const width = 110
	for _, color := range []bool{false, true} {
		view := render.NewExchangeView(render.Options{Color: color}, db, width)
		exchanges(t, "../testdata/pcaps/ethtool_all.pcap", func(e *flow.Exchange) {
			out := view.Exchange(nil, e, 0)
			for row := range strings.Lines(string(out)) {
				if n := printed(row); strings.Contains(row, "│") && n > width {
					t.Fatalf("exchange %d: %d columns in %q", e.ID, n, row)
				}
			}
		})
	}
}

// printed counts the characters of a line that take room on a terminal.
func printed(s string) int {
	n := 0
	for s = strings.TrimSuffix(s, "\n"); s != ""; {
		if rest, ok := strings.CutPrefix(s, "\x1b["); ok {
			_, s, _ = strings.Cut(rest, "m")
			continue
		}
		_, s, _ = strings.Cut(s, string([]rune(s)[:1]))
		n++
	}
	return n
}

// TestExchangeSecrets: no form of an exchange shows a key.
func TestExchangeSecrets(t *testing.T) {
	const path = "../testdata/pcaps/wireguard.pcap"
	o := render.Options{}
	printers := []interface {
		Exchange(dst []byte, e *flow.Exchange, first int64) []byte
	}{render.NewExchanges(o, db), render.NewExchangeView(o, db, 120), render.NewExchangeJSON(o, db, false)}
	var out, open []byte
	exchanges(t, path, func(e *flow.Exchange) {
		for _, p := range printers {
			out = p.Exchange(out, e, 0)
		}
		open = render.NewExchangeJSON(render.Options{ShowSecrets: true}, db, false).Exchange(open, e, 0)
	})
	shown := 0
	for _, k := range wireguardKeys(t, path) {
		if allZeroKey(k) {
			continue // that is none
		}
		text := base64.StdEncoding.EncodeToString(k)
		if bytes.Contains(open, []byte(text)) {
			shown++
		}
		for _, form := range []string{text, hex.EncodeToString(k), string(k)} {
			if bytes.Contains(out, []byte(form)) {
				t.Errorf("key %s is shown", text)
			}
		}
	}
	if shown == 0 {
		t.Error("no key is shown with ShowSecrets")
	}
}

func allZeroKey(k []byte) bool { return len(bytes.Trim(k, "\x00")) == 0 }
