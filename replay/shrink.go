package replay

import (
	"encoding/binary"
	"slices"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// dropAttrs leaves out attributes, the outer ones first, from the last request
// to the first.
func (m *minimiser) dropAttrs() error {
	for i := len(m.best.Requests) - 1; i >= 0; i-- {
		for at := 0; ; {
			t := m.tree(&m.best.Requests[i])
			rows := attrRows(t)
			if at >= len(rows) {
				break
			}
			row := rows[len(rows)-1-at]
			p := m.edit(i, func(q *Request) bool { return cut(q, t, row) })
			if p == nil {
				at++
				continue
			}
			ok, err := m.try(p)
			if err != nil {
				return err
			}
			if ok {
				m.attrs++
			} else {
				at++
			}
		}
	}
	return nil
}

// attrRows are the rows that are attributes, parents after their children so
// that, read from the end, the outer ones come first.
func attrRows(t *dissect.Tree) []int32 {
	var out []int32
	for i := range t.Nodes {
		if t.Nodes[i].Kind == dissect.KindAttr || t.Nodes[i].Kind == dissect.KindElem && isAttr(t, int32(i)) {
			out = append(out, int32(i))
		}
	}
	slices.SortStableFunc(out, func(a, b int32) int { return int(t.Nodes[b].Depth) - int(t.Nodes[a].Depth) })
	return out
}

// isAttr says that a row has the header of an attribute.
func isAttr(t *dissect.Tree, i int32) bool {
	n := &t.Nodes[i]
	return i+1 < n.End && t.Nodes[i+1].Kind == dissect.KindLen && t.Nodes[i+1].Len == 2 && t.Nodes[i+1].Off == n.Off
}

// cut takes a row out of a request: what holds it becomes shorter, and what
// stands behind it moves.
func cut(q *Request, t *dissect.Tree, row int32) bool {
	n := &t.Nodes[row]
	from, to := int(n.Off)-capture.CookedLen, int(n.Off+n.Len)-capture.CookedLen
	return remove(q, t, row, from, to)
}

// remove takes bytes out of a request; all rows around them become shorter.
func remove(q *Request, t *dissect.Tree, row int32, from, to int) bool {
	if from < hdrLen || to > len(q.Data) || from >= to {
		return false
	}
	gone := to - from
	for p := t.Nodes[row].Parent; p >= 0; p = t.Nodes[p].Parent {
		at := int(t.Nodes[p].Off) - capture.CookedLen
		switch {
		case t.Nodes[p].Kind == dissect.KindMessage:
			l := int(binary.NativeEndian.Uint32(q.Data[at:]))
			if l-gone < hdrLen {
				return false
			}
			binary.NativeEndian.PutUint32(q.Data[at:], uint32(l-gone))
		case isAttr(t, p):
			l := int(binary.NativeEndian.Uint16(q.Data[at:]))
			if l-gone < 4 {
				return false
			}
			binary.NativeEndian.PutUint16(q.Data[at:], uint16(l-gone))
		}
	}
	q.Data = slices.Delete(q.Data, from, to)
	q.Rewrites = slices.DeleteFunc(q.Rewrites, func(w Rewrite) bool { return w.Off < to && w.Off+w.Size > from })
	for i := range q.Rewrites {
		if q.Rewrites[i].Off >= to {
			q.Rewrites[i].Off -= gone
		}
	}
	return true
}

// dropBytes makes the values of attributes shorter, by half first, and zeroes
// those that are left.
func (m *minimiser) dropBytes() error {
	for i := len(m.best.Requests) - 1; i >= 0; i-- {
		for at := 0; ; {
			t := m.tree(&m.best.Requests[i])
			rows := leaves(t)
			if at >= len(rows) {
				break
			}
			row := rows[at]
			p := m.edit(i, func(q *Request) bool { return shorten(q, t, row) })
			if p != nil {
				ok, err := m.try(p)
				if err != nil {
					return err
				}
				if ok {
					continue // once more
				}
			}
			p = m.edit(i, func(q *Request) bool { return zero(q, t, row) })
			if p != nil {
				if _, err := m.try(p); err != nil {
					return err
				}
			}
			at++
		}
	}
	return nil
}

// leaves are the values of attributes.
func leaves(t *dissect.Tree) []int32 {
	var out []int32
	for i := range t.Nodes {
		switch n := &t.Nodes[i]; n.Kind {
		case dissect.KindValue, dissect.KindUnknown:
			if n.Parent >= 0 && n.Len > 0 && isAttr(t, n.Parent) {
				out = append(out, int32(i))
			}
		}
	}
	return out
}

// shorten takes the second half of a string or of bytes away, in whole words,
// so that nothing has to be padded anew.
func shorten(q *Request, t *dissect.Tree, row int32) bool {
	n := &t.Nodes[row]
	if n.Type != nil && n.Type.Kind != families.KindBinary && n.Type.Kind != families.KindString || n.Len < 8 {
		return false
	}
	keep := int(n.Len/2) &^ 3
	gone := (int(n.Len) - keep) &^ 3
	if gone == 0 {
		return false
	}
	from := int(n.Off) - capture.CookedLen + keep
	return remove(q, t, row, from, from+gone)
}

// zero makes a value zero.
func zero(q *Request, t *dissect.Tree, row int32) bool {
	n := &t.Nodes[row]
	p := q.Data[n.Off-capture.CookedLen:][:n.Len]
	if !slices.ContainsFunc(p, func(b byte) bool { return b != 0 }) {
		return false
	}
	clear(p)
	from, to := int(n.Off)-capture.CookedLen, int(n.Off+n.Len)-capture.CookedLen
	q.Rewrites = slices.DeleteFunc(q.Rewrites, func(w Rewrite) bool { return w.Off >= from && w.Off < to })
	return true
}
