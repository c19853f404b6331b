package encode

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// printed is what "read -T json" prints of the messages of a frame.
func printed(p *render.JSON, tree *dissect.Tree) []*Value {
	out, err := Parse(bytes.NewReader(p.Frame(nil, &render.Event{Number: 1, Tree: tree})))
	if err != nil {
		panic(err)
	}
	return out
}

// wellFormed says whether a message has no findings beyond notes.
func wellFormed(tree *dissect.Tree, m *dissect.Msg) bool {
	for _, f := range tree.FindingsOf(m.Node, tree.Nodes[m.Node].End) {
		if f.Severity() > dissect.Note {
			return false
		}
	}
	return true
}

// counts is what became of the requests of a capture.
type counts struct{ requests, well, full, plain, sense int }

// requests encodes every request of some frames again.
func requests(t *testing.T, name string, frames []capture.Frame) (c counts) {
	db := families.Embedded()
	s, d, enc := dissect.NewSession(dissect.OrderAuto), dissect.New(db), New(db)
	s.DB = db
	pf, pp := render.NewJSON(render.Options{ShowSecrets: true, Full: true}, false), render.NewJSON(render.Options{ShowSecrets: true}, false)
	d2 := dissect.New(db)
	inputs := make([]dissect.Input, len(frames))
	for pass := range 2 {
		for i := range frames {
			f := &frames[i]
			inputs[i] = dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
			s.Prepare(&inputs[i], f.Section)
			inputs[i].Request = bytes.Clone(inputs[i].Request)
		}
		if pass == 0 {
			s.Complete()
		}
	}
	fails, total := 0, 0
	for i := range inputs {
		if frames[i].Event != nil {
			continue
		}
		tree := d.Frame(&inputs[i])
		if !asks(tree) {
			continue
		}
		full, plain := printed(pf, tree), printed(pp, tree)
		no := -1
		for m := range tree.Own() {
			no++
			if m.Dir != dissect.DirToKernel || m.HasErrno {
				continue
			}
			if total++; testing.Short() && total%4 != 0 {
				continue
			}
			c.requests++
			well := wellFormed(tree, m)
			if well {
				c.well++
			}
			n := &tree.Nodes[m.Node]
			want := tree.Data[m.Off:min(m.Off+m.Len, n.Off+n.Len)]
			opt := Options{Big: tree.Big}
			got, err := enc.Encode(full[no], opt)
			if err == nil && bytes.Equal(got.Data, want) {
				c.full++
			} else if fails++; fails < 10 {
				t.Errorf("%s: frame %d.%d: %v\n got %s\nwant %s", name, frames[i].Number, no, err, dump(got), hex.EncodeToString(want))
			}
			if !well {
				continue
			}
			got, err = enc.Encode(plain[no], opt)
			if err == nil && bytes.Equal(got.Data, want) {
				c.plain++
				c.sense++
				continue
			}
			if err != nil {
				if fails++; fails < 10 {
					t.Errorf("%s: frame %d.%d: %v", name, frames[i].Number, no, err)
				}
				continue
			}
			// What was encoded has to say the same.
			in := inputs[i]
			in.Data = append(append([]byte(nil), in.Data[:16]...), got.Data...)
			in.OrigLen, in.Dir = len(in.Data), dissect.DirToKernel
			again := printed(pp, d2.Frame(&in))
			if len(again) == 1 {
				for _, key := range []string{"genl", "header", "attrs"} {
					if !again[0].Get(key).Equal(plain[no].Get(key)) {
						again = nil
						break
					}
				}
			}
			if len(again) == 1 {
				c.sense++
			} else if fails++; fails < 10 {
				t.Errorf("%s: frame %d.%d says something else\n got %s\nwant %s", name, frames[i].Number, no, dump(got), hex.EncodeToString(want))
			}
		}
	}
	return c
}

// asks says whether a frame has a request.
func asks(tree *dissect.Tree) bool {
	for m := range tree.Own() {
		if m.Dir == dissect.DirToKernel {
			return true
		}
	}
	return false
}

func dump(m *Message) string {
	if m == nil {
		return "nothing"
	}
	return m.Hex()
}

// TestCaptures: every request of every capture is encoded to its own bytes from
// all that JSON says of it, and to a message that says the same without the
// nodes.
func TestCaptures(t *testing.T) {
	files := make([]string, len(pcaptest.Names))
	for i, name := range pcaptest.Names {
		files[i] = pcaptest.Path(name + ".pcap")
	}
	if more := os.Getenv("NLSNIFF_CAPTURES"); more != "" {
		list, err := filepath.Glob(filepath.Join(more, "*.pcap"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, list...)
	}
	var sum counts
	for _, f := range files {
		c := requests(t, filepath.Base(f), pcaptest.File(t, f))
		t.Logf("%-24s %5d requests, %5d well-formed: %5d with nodes, %5d the same bytes without, %5d the same sense", filepath.Base(f), c.requests, c.well, c.full, c.plain, c.sense)
		sum.requests, sum.well, sum.full, sum.plain, sum.sense = sum.requests+c.requests, sum.well+c.well, sum.full+c.full, sum.plain+c.plain, sum.sense+c.sense
	}
	t.Logf("%+v", sum)
	if sum.requests < 1000 || sum.plain*100 < sum.well*85 {
		t.Errorf("of %d requests only %d have the same bytes without the nodes", sum.well, sum.plain)
	}
}
