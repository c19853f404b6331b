package render

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// parallel appends the elements of an array, each behind the name of what it is,
// which another array of the struct says.
func (b *base) parallel(dst []byte, t *families.Type, f *families.Field, p []byte, n *dissect.Node) []byte {
	strct := b.t.Data[int(n.Off)-f.Off:]
	kinds := &t.Kinds.Type
	kind := func(b []byte, t *families.Type) uint64 {
		return dissect.Uint(b, t.Order == families.OrderBig || t.Order == families.OrderHost && n.Big)
	}
	dst = append(dst, '[')
	for i := 0; i*t.Elem.Size < len(p); i++ {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		at := t.Kinds.Off + i*kinds.Elem.Size
		dst = b.number(dst, kinds.Elem, strct[at:at+kinds.Elem.Size], n)
		dst = append(dst, ' ')
		x := t.Format(strct, i, kind)
		dst = b.number(dst, x, p[i*t.Elem.Size:(i+1)*t.Elem.Size], n)
	}
	return append(dst, ']')
}
