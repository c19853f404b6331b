package capfilter

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// FuzzParse: a mistake is inside the text, and what parses parses the same in
// more parentheses.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "proto route and type RTM_NEWLINK", "!(family nl80211, 3 || cmd *)", "error EINVAL or portid >= 7", `family "x`} {
		f.Add(s)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		f.Add(randomFilter(r, 3))
	}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := Parse(text, testNames{})
		if err != nil {
			var e *SyntaxError
			if !errors.As(err, &e) || e.Pos < 0 || e.Pos+e.Len > len(text) || e.Msg == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			_ = e.Caret() + e.Error()
			return
		}
		if p := filter.Program(ids.known, 0); cost(p.Instructions) > maxCost {
			t.Fatalf("%q: %d instructions, too costly", text, len(p.Instructions))
		} else if _, err := p.Raw(); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// FuzzProgram: the program never drops a frame that matches, whatever the
// filter and the frame.
func FuzzProgram(f *testing.F) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 40 {
		big := r.IntN(2) == 0
		proto, data := randomFrame(r, big)
		f.Add(randomFilter(r, 3), proto, big, data)
	}
	f.Fuzz(func(t *testing.T, text string, proto uint8, big bool, data []byte) {
		filter, err := Parse(text, testNames{})
		if err != nil {
			return
		}
		check(t, filter, filter.program(ids.known, 0, big), &Frame{Proto: proto, Data: data, Big: big, IDs: ids})
	})
}
