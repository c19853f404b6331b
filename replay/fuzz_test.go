//go:build linux

package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/mutate"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// FuzzPlan makes plans of captures that were made hostile: what is put in anew
// lies within the requests, a plan is the same behind the process border, and
// what is chosen is kept whatever prepares it.
func FuzzPlan(f *testing.F) {
	var pool []capture.Frame
	for _, name := range pcaptest.Names {
		for i, x := range pcaptest.Frames(f, name) {
			if i%7 == 0 && len(x.Data) < 4096 || i < 8 {
				pool = append(pool, x)
			}
		}
	}
	f.Add([]byte("replay"), uint16(0), false)
	for i := range 24 {
		f.Add(bytes.Repeat([]byte{byte(i), byte(11 * i), 1, byte(37 * i)}, 24), uint16(i), i%2 == 0)
	}
	db := families.Embedded()
	f.Fuzz(func(t *testing.T, b []byte, choice uint16, big bool) {
		list := mutate.NewTape(b).Frames(pool, 40)
		order := dissect.OrderAuto
		if big {
			order = dissect.OrderBig
		}
		c, err := Load(&frames{list}, db, order)
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.Plan(nil)
		if errors.Is(err, ErrNoRequests) || errors.Is(err, ErrTruncated) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		chosen := p.Requests[int(choice)%len(p.Requests)].Frame
		p.Requests = slices.DeleteFunc(p.Requests, func(q Request) bool { return q.Frame != chosen })
		c.Before(p)
		if err := c.Prepare(p); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(p.Requests, func(q Request) bool { return q.Frame == chosen && !q.Prepares }) {
			t.Errorf("frame %d is gone", chosen)
		}
		if len(p.Links) > maxLinks {
			t.Errorf("%d interfaces", len(p.Links))
		}
		for i := range p.Requests {
			q := &p.Requests[i]
			if q.Socket < 0 || q.Socket >= len(p.Sockets) {
				t.Errorf("frame %d is for socket %d of %d", q.Frame, q.Socket, len(p.Sockets))
			}
			for _, w := range q.Rewrites {
				if w.Off < 0 || w.Size < 1 || w.Size > 8 || w.Off+w.Size > len(q.Data) {
					t.Errorf("frame %d: %s at %d, %d bytes of %d", q.Frame, w.Field, w.Off, w.Size, len(q.Data))
				}
			}
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again := new(Plan)
		if err := json.Unmarshal(text, again); err != nil {
			t.Fatal(err)
		}
		if len(again.Requests) != len(p.Requests) || !reflect.DeepEqual(again.Sockets, p.Sockets) {
			t.Error("the plan is another one behind JSON")
		}
		var out bytes.Buffer
		WritePlan(&out, p)
		if bytes.ContainsAny(out.Bytes(), "\x1b\x07") {
			t.Errorf("the plan acts on the terminal: %q", out.Bytes())
		}
	})
}
