package render_test

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// leafOf is one value of a message: where it stands, without the numbers of
// elements, and its bytes.
type leafOf struct{ path, bytes string }

// leaves lists what a message says: all values but those of its netlink header
// and those that its description calls quiet.
func leaves(ev *render.Event, m *dissect.Msg) []leafOf {
	t := ev.Tree
	var out []leafOf
	for i := t.Body(m); i < t.Nodes[m.Node].End; i++ {
		n := &t.Nodes[i]
		if n.Field != nil && n.Field.Quiet || n.Type != nil && n.Type.Kind == families.KindPad {
			i = n.End - 1
			continue
		}
		if n.Kind == dissect.KindAttr && n.Field == nil {
			i = n.End - 1 // nobody knows what it is
			continue
		}
		flag := n.Kind == dissect.KindAttr && n.Type != nil && n.Type.Kind == families.KindFlag
		if !flag && (!n.Kind.Leaf() || n.Kind == dissect.KindLen || n.Kind == dissect.KindType ||
			n.Kind == dissect.KindPadding || n.Kind == dissect.KindUnknown || n.Kind == dissect.KindTrailing) {
			continue
		}
		var names []string
		for at := i; at > m.Node; at = t.Nodes[at].Parent {
			if f := t.Nodes[at].Field; f != nil && (len(names) == 0 || names[len(names)-1] != f.Name) {
				names = append(names, f.Name)
			}
		}
		slices.Reverse(names)
		b := string(t.Bytes(n))
		if flag {
			b = "yes"
		}
		out = append(out, leafOf{strings.Join(names, "/"), b})
	}
	return out
}

// differences lists the paths of the values in which two messages differ.
// Zero is what is not there: the kernel often writes what nobody set.
func differences(a, b []leafOf) []string {
	count := map[leafOf]int{}
	for _, l := range a {
		count[l]++
	}
	for _, l := range b {
		count[l]--
	}
	out := map[string]bool{}
	for l, n := range count {
		if n != 0 && strings.Trim(l.bytes, "\x00") != "" {
			out[l.path] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// spoken is what a line says of a message but for its sender, flags and number.
func spoken(ev *render.Event, m *dissect.Msg) string {
	return string(render.AppendNode(append(render.AppendOp(nil, m), ' '), render.Options{}, ev, m.Node))
}

// sameReasons reads why messages of a type may look the same although they
// differ in a value: lines "TYPE PATH reason". Behind a "?" they need not be used.
func sameReasons(t *testing.T) (reasons map[string]string, used map[string]bool) {
	f, err := os.Open("testdata/same.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	reasons, used = map[string]string{}, map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		text, elsewhere := strings.CutPrefix(s.Text(), "? ")
		w := strings.SplitN(text, " ", 3)
		if len(w) < 3 || w[0] == "#" {
			continue
		}
		reasons[w[0]+" "+w[1]] = w[2]
		used[w[0]+" "+w[1]] = elsewhere
	}
	return reasons, used
}

// TestTelling holds lines against trees: two messages of one type that differ
// in a value print different lines, or testdata/same.txt says why not.
func TestTelling(t *testing.T) {
	type seen struct {
		leaves []leafOf
		where  string
	}
	files := captures(t)
	if more := os.Getenv("NLSNIFF_CAPTURES"); more != "" {
		files = strings.Fields(more)
	}
	reasons, used := sameReasons(t)
	count := map[string]int{}
	example := map[string]string{}
	for _, path := range files {
		d := newDecoder()
		lines := map[string][]seen{}
		eachFrame(t, path, func(f *capture.Frame) {
			ev := d.event(f)
			for m := range ev.Tree.Own() {
				if m.HasErrno || m.Body == nil {
					continue
				}
				line, what := spoken(ev, m), leaves(ev, m)
				where := fmt.Sprintf("%s frame %d", path[strings.LastIndexByte(path, '/')+1:], f.Number)
				known := false
				for _, s := range lines[line] {
					diff := differences(s.leaves, what)
					if len(diff) == 0 {
						known = true
						break
					}
					ok := false
					for _, p := range diff {
						key := m.Message.Name + " " + p
						if _, ok = reasons[key]; ok {
							used[key] = true
							break
						}
					}
					if !ok {
						key := m.Message.Name + " " + strings.Join(diff, " ")
						count[key]++
						example[key] = fmt.Sprintf("%s, %s: %s", s.where, where, line)
					}
				}
				if !known {
					lines[line] = append(lines[line], seen{what, where})
				}
			}
		})
	}
	var keys []string
	for k := range count {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return count[keys[i]] > count[keys[j]] })
	for _, k := range keys {
		t.Errorf("%d × %.300s\n    %.300s", count[k], k, example[k])
	}
	for k := range reasons {
		if !used[k] && os.Getenv("NLSNIFF_CAPTURES") == "" {
			t.Errorf("testdata/same.txt: no messages look the same for %s", k)
		}
	}
}
