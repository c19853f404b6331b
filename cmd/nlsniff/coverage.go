package main

import (
	"fmt"
	"io"
	"sort"
	"sync"
	"text/tabwriter"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// coverage sums, per family, what the descriptions explain of a capture. Each
// worker has a sum of its own, which print adds up when they are done.
type coverage struct {
	mu      sync.Mutex
	workers []*coverageWorker
}

type coverageSum map[string]dissect.Coverage

type coverageWorker struct{ sum coverageSum }

func (c *coverage) worker() *coverageWorker {
	w := &coverageWorker{sum: coverageSum{}}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.workers = append(c.workers, w)
	return w
}

// Frame counts a frame, or those of its messages that a filter lets pass. It
// prints nothing.
func (w *coverageWorker) Frame(dst []byte, ev *render.Event) []byte {
	t := ev.Tree
	if len(t.Msgs) == 0 {
		w.sum.add(protocol(t.Proto), t.Count(0, int32(len(t.Nodes))))
		return dst
	}
	for i := range t.Msgs {
		m := &t.Msgs[i]
		if m.EchoOf >= 0 || ev.Shown != nil && !ev.Shown[i] {
			continue
		}
		c := t.Count(m.Node, t.Nodes[m.Node].End)
		c.Messages = 1 // an echoed request is not another
		w.sum.add(coverageKey(t, m), c)
	}
	for i := int32(0); i < int32(len(t.Nodes)); i = t.Nodes[i].End {
		if k := t.Nodes[i].Kind; k.Leaf() { // behind the last message
			w.sum.add(protocol(t.Proto), t.Count(i, i+1))
		}
	}
	return dst
}

func (c coverageSum) add(key string, o dissect.Coverage) {
	s := c[key]
	s.Add(o)
	c[key] = s
}

// coverageKey names the family of a message, or of the request that it
// answers.
func coverageKey(t *dissect.Tree, m *dissect.Msg) string {
	if m.Echo >= 0 {
		m = &t.Msgs[m.Echo]
	}
	switch {
	case m.Family != nil:
		return m.Family.Name
	case m.GenlName != "":
		return m.GenlName
	case m.Type < 16:
		return "control messages"
	}
	return protocol(m.Proto)
}

func protocol(p uint8) string {
	if s := families.ProtocolName(p); s != "" {
		return s
	}
	return fmt.Sprintf("NETLINK_%d", p)
}

// print writes the table, the least explained family first.
func (c *coverage) print(out io.Writer) {
	sum := coverageSum{}
	for _, w := range c.workers {
		for n, s := range w.sum {
			sum.add(n, s)
		}
	}
	var names []string
	var total dissect.Coverage
	for n, s := range sum {
		names = append(names, n)
		total.Add(s)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := sum[names[i]], sum[names[j]]
		if a.UnknownBytes != b.UnknownBytes {
			return a.UnknownBytes > b.UnknownBytes
		}
		return names[i] < names[j]
	})
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "family\tmessages\tattributes\tunknown\tbytes\tunknown\topaque\texplained\t")
	for _, n := range names {
		row(w, n, sum[n])
	}
	row(w, "total", total)
	w.Flush()
}

func row(w io.Writer, name string, s dissect.Coverage) {
	share := 100.0
	if all := s.Bytes + s.UnknownBytes; all > 0 {
		share = 100 * float64(s.Bytes) / float64(all)
	}
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%.2f %%\t\n", name, s.Messages, s.Attrs+s.UnknownAttrs, s.UnknownAttrs,
		s.Bytes+s.UnknownBytes, s.UnknownBytes, s.OpaqueBytes, share)
}

// Happened counts nothing: an event has no bytes to explain.
func (w *coverageWorker) Happened(dst []byte, _ *render.Event) []byte { return dst }
