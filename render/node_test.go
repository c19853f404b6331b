package render_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"unicode"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// TestNodesAndCells: every row of every tree has a name and fits on one line
// without control characters, key material is in none of them, and the parts of
// a message's line are parts of the line.
func TestNodesAndCells(t *testing.T) {
	d := dissect.New(families.Embedded())
	hidden := 0
	for _, name := range pcaptest.Names {
		frames := pcaptest.Frames(t, name)
		for k, in := range pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto)) {
			if k%7 != 0 && name != "wireguard" {
				continue // a part of each capture is enough
			}
			tree := d.Frame(&in)
			ev := render.Event{Number: in.Number, Time: frames[k].Time, OrigLen: in.OrigLen, Links: in.Links, Tree: tree}
			var secret []string
			for _, s := range render.Secrets(render.Options{}, &ev) {
				// A key of zeros stands for none, which is no secret.
				if s.To-s.From >= 8 && strings.Trim(string(tree.Data[s.From:s.To]), "\x00") != "" {
					b := tree.Data[s.From:s.To]
					secret = append(secret, hex.EncodeToString(b), base64.StdEncoding.EncodeToString(b))
				}
			}
			hidden += len(secret)
			for i := range tree.Nodes {
				text := render.NodeName(tree, int32(i)) + ": " + string(render.AppendNode(nil, render.Options{}, &ev, int32(i)))
				if strings.HasPrefix(text, ":") || strings.IndexFunc(text, unicode.IsControl) >= 0 {
					t.Fatalf("%s frame %d row %d: %q", name, in.Number, i, text)
				}
				for _, s := range secret {
					if strings.Contains(text, s) {
						t.Fatalf("%s frame %d row %d shows a key: %s", name, in.Number, i, text)
					}
				}
			}
			p := render.NewCells(render.Options{})
			for m := range tree.Own() {
				c := p.Cells(&ev, m)
				line := string(render.AppendMessage(nil, render.Options{}, &ev, m))
				for _, part := range []string{c.Process, c.Op, c.Words, c.Flags, c.Marks, c.Seq} {
					if !strings.Contains(line, part) {
						t.Errorf("%s frame %d: %q is not in %q", name, in.Number, part, line)
					}
				}
				if c.Result == render.ResultFailed && !strings.Contains(line, c.Outcome) {
					t.Errorf("%s frame %d: %q is not in %q", name, in.Number, c.Outcome, line)
				}
			}
		}
	}
	if hidden == 0 {
		t.Error("no capture has a key")
	}
}
