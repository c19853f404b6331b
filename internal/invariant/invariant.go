// Package invariant checks what every decoded frame must be, whatever its
// bytes were. Tests and fuzzers share it.
package invariant

import (
	"fmt"

	"github.com/nlsniff/nlsniff/dissect"
)

// Check reports the first way in which a tree is not what it must be: every
// byte of the frame in exactly one leaf, leaves in order, containers exactly as
// long as their children, and nothing that points outside of the tree.
func Check(t *dissect.Tree) error {
	if err := rows(t); err != nil {
		return err
	}
	if err := messages(t); err != nil {
		return err
	}
	return findings(t)
}

// rows walks the tree once and keeps the containers that are open on a stack.
func rows(t *dissect.Tree) error {
	var open []int32
	var next uint32 // the first byte that no leaf has yet
	for i := range t.Nodes {
		n := &t.Nodes[i]
		for len(open) > 0 && t.Nodes[open[len(open)-1]].End == int32(i) {
			if err := closed(t, open[len(open)-1], next); err != nil {
				return err
			}
			open = open[:len(open)-1]
		}
		parent, limit := int32(-1), int32(len(t.Nodes))
		if len(open) > 0 {
			parent = open[len(open)-1]
			limit = t.Nodes[parent].End
		}
		switch {
		case uint64(n.Off)+uint64(n.Len) > uint64(len(t.Data)):
			return fmt.Errorf("row %d: bytes %d+%d are outside of the frame's %d", i, n.Off, n.Len, len(t.Data))
		case n.Parent != parent:
			return fmt.Errorf("row %d: parent %d, want %d", i, n.Parent, parent)
		case int(n.Depth) != len(open):
			return fmt.Errorf("row %d: depth %d, want %d", i, n.Depth, len(open))
		case n.Off != next:
			return fmt.Errorf("row %d: starts at %d, but the bytes before end at %d", i, n.Off, next)
		case n.End <= int32(i) || n.End > limit:
			return fmt.Errorf("row %d: ends at row %d, its parent at %d", i, n.End, limit)
		}
		if n.Kind.Leaf() {
			if n.Len == 0 {
				return fmt.Errorf("row %d: a leaf without bytes", i)
			}
			if n.End != int32(i)+1 {
				return fmt.Errorf("row %d: a leaf with rows below it", i)
			}
			next += n.Len
			continue
		}
		open = append(open, int32(i))
	}
	for k := len(open) - 1; k >= 0; k-- {
		if t.Nodes[open[k]].End != int32(len(t.Nodes)) {
			return fmt.Errorf("row %d: still open at the end", open[k])
		}
		if err := closed(t, open[k], next); err != nil {
			return err
		}
	}
	if int(next) != len(t.Data) {
		return fmt.Errorf("the rows cover %d of %d bytes", next, len(t.Data))
	}
	return nil
}

// closed checks that a container ends where its last leaf does.
func closed(t *dissect.Tree, i int32, next uint32) error {
	if n := &t.Nodes[i]; n.Off+n.Len != next {
		return fmt.Errorf("row %d: reaches to %d, but its rows to %d", i, n.Off+n.Len, next)
	}
	return nil
}

// messages checks that what the messages point at is there.
func messages(t *dissect.Tree) error {
	count, last := int32(len(t.Msgs)), int32(-1)
	for i := range t.Msgs {
		m := &t.Msgs[i]
		switch {
		case m.Node < 0 || int(m.Node) >= len(t.Nodes):
			return fmt.Errorf("message %d: row %d of %d", i, m.Node, len(t.Nodes))
		case t.Nodes[m.Node].Kind != dissect.KindMessage:
			return fmt.Errorf("message %d: row %d is no message", i, m.Node)
		case m.Node <= last:
			return fmt.Errorf("message %d: row %d is not behind row %d", i, m.Node, last)
		case t.Nodes[m.Node].Off != m.Off:
			return fmt.Errorf("message %d: offset %d, its row's is %d", i, m.Off, t.Nodes[m.Node].Off)
		case m.Echo >= count || m.EchoOf >= count:
			return fmt.Errorf("message %d: echoes %d and %d of %d", i, m.Echo, m.EchoOf, count)
		case m.Echo >= 0 && t.Msgs[m.Echo].EchoOf != int32(i):
			return fmt.Errorf("message %d: its echo belongs to %d", i, t.Msgs[m.Echo].EchoOf)
		case (t.Nodes[m.Node].Parent >= 0) != (m.EchoOf >= 0):
			return fmt.Errorf("message %d: within row %d, but echo of %d", i, t.Nodes[m.Node].Parent, m.EchoOf)
		case m.FlagSet == nil && m.Len >= 16:
			return fmt.Errorf("message %d: nobody names its flags", i)
		case m.ExtAck.Text >= int32(len(t.Nodes)):
			return fmt.Errorf("message %d: text in row %d of %d", i, m.ExtAck.Text, len(t.Nodes))
		}
		last = m.Node
	}
	return nil
}

// findings checks that each is about bytes of the frame and a row of the tree.
func findings(t *dissect.Tree) error {
	last := int32(-1)
	for i := range t.Findings {
		f := &t.Findings[i]
		switch {
		case f.Node < -1 || int(f.Node) >= len(t.Nodes):
			return fmt.Errorf("finding %s: row %d of %d", f.Name(), f.Node, len(t.Nodes))
		case uint64(f.Off)+uint64(f.Len) > uint64(len(t.Data)):
			return fmt.Errorf("finding %s: bytes %d+%d are outside of the frame's %d", f.Name(), f.Off, f.Len, len(t.Data))
		case f.Node < last:
			return fmt.Errorf("finding %s: row %d stands behind row %d", f.Name(), f.Node, last)
		}
		last = f.Node
	}
	return nil
}

// Bounds on what one frame may become, so that no input is a way to fill the
// memory: rows and findings by byte, and some that every frame may have. One
// byte can be an array's element and its member; four can be an attribute with
// five things wrong with it.
const (
	rowsPerByte     = 3
	findingsPerByte = 2
	someRows        = 64
)

// Bounded reports a tree that is larger than its frame can account for.
func Bounded(t *dissect.Tree) error {
	if rows, limit := len(t.Nodes), rowsPerByte*len(t.Data)+someRows; rows > limit {
		return fmt.Errorf("%d rows for %d bytes, want at most %d", rows, len(t.Data), limit)
	}
	if n, limit := len(t.Findings), findingsPerByte*len(t.Data)+someRows; n > limit {
		return fmt.Errorf("%d findings for %d bytes, want at most %d", n, len(t.Data), limit)
	}
	return nil
}
