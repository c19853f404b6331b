package render

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// firstRows says where among the rows below one to start to look for a field. A
// line names many that a message does not have: one pass over the rows answers
// for all of them. Fields share a place if their numbers differ by a multiple of
// len(first), so what is found there has to be compared.
type firstRows struct {
	has   uint64 // a bit for each place that is taken
	first [64]int32
}

// index enters the rows below row at.
func (l *base) index(r *firstRows, at int32) {
	parent := &l.t.Nodes[at]
	for i := at + 1; i < parent.End; {
		n := &l.t.Nodes[i]
		if n.Field != nil {
			if k := n.Field.ID % 64; r.has>>k&1 == 0 {
				r.has |= 1 << k
				r.first[k] = i
			}
		}
		if transparent(n, parent.Field) {
			i++
		} else {
			i = n.End
		}
	}
}

// of returns the first row that can be a field's, -1 if there is none.
func (r *firstRows) of(f *families.Field) int32 {
	k := f.ID % 64
	if r.has>>k&1 == 0 {
		return -1
	}
	return r.first[k]
}

// transparent says whether what is in row n counts as what is in the row above
// it, which a field describes: a header's members count as the message's own, and
// an array's elements as the array.
func transparent(n *dissect.Node, above *families.Field) bool {
	switch n.Kind {
	case dissect.KindStruct:
		return n.Field == nil
	case dissect.KindElem:
		return n.Field == nil || n.Field == above
	}
	return false
}
