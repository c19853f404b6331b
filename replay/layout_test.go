//go:build linux

package replay

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/render"
)

// load32 is a capture of a 32-bit program.
func load32(t *testing.T) *Capture {
	t.Helper()
	return load(t, "../testdata/golden/xfrm_32bit_tree/input.pcap")
}

// TestWiden: the requests of a 32-bit program mean the same in the layout of a
// 64-bit one, value by value.
func TestWiden(t *testing.T) {
	if strconv.IntSize != 64 {
		t.Skip("for 64-bit programs")
	}
	c := load32(t)
	values := func(data []byte) (out []string, header string) {
		f := (&Frame{Proto: families.ProtoXFRM, Data: data}).Frame(1)
		in := dissect.Input{Number: 1, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.DirToKernel, Big: bigHost}
		tree := dissect.New(c.DB).Frame(&in)
		if len(tree.Findings) > 0 {
			t.Errorf("%s", tree.Findings[0].AppendText(nil))
		}
		for m := range tree.Own() {
			for i := tree.Body(m); i < tree.Nodes[m.Node].End; i++ {
				n := &tree.Nodes[i]
				if n.Kind == dissect.KindStruct && header == "" {
					header = n.Type.Struct.Name
				}
				if n.Kind == dissect.KindMember || n.Kind == dissect.KindValue {
					name := render.NodeName(tree, i)
					if !strings.HasPrefix(name, "__") {
						out = append(out, name+" "+string(render.AppendValue(nil, render.Options{ShowSecrets: true}, &render.Event{Tree: tree}, n)))
					}
				}
			}
		}
		return out, header
	}
	p, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Requests {
		q := &p.Requests[i]
		narrow, name := values(q.Data)
		wide, ok := widen(c.Tree(side{c: c}.index(q.Frame)), slices.Clone(q.Data))
		after, now := values(wide)
		if !ok || !strings.HasSuffix(name, "-32") || strings.HasSuffix(now, "-32") {
			t.Errorf("frame %d: %s became %s", q.Frame, name, now)
		}
		if !slices.Equal(narrow, after) {
			t.Errorf("frame %d:\n%q\n%q", q.Frame, narrow, after)
		}
	}
}

// TestReplay32: the kernel does for this program what it did for the other one.
func TestReplay32(t *testing.T) {
	needNamespace(t)
	c := load32(t)
	p, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Namespace{}.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	need.Need(t, r.Sent[0].Frame > 0, "no XFRM: "+r.Sent[0].Skipped)
	rep, err := Compare(c, p, r, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range rep.Outcomes {
		// The policy's selector has no family, which the kernel refuses whatever
		// the layout.
		if x.Got.Error == "EINVAL" && x.Got.Text != "Invalid selector family" || !slices.ContainsFunc(x.Notes, func(s string) bool { return strings.Contains(s, "32-bit") }) {
			t.Errorf("frame %d %s: %s, %q", x.Frame, x.Op, x.Got, x.Notes)
		}
	}
}
