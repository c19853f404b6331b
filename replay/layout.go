package replay

import (
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
)

// layouts32 are the structures of 32-bit programs on x86, where 64-bit numbers
// are aligned to 4 bytes, and how many bytes of padding they lack at their end
// (net/xfrm/xfrm_compat.c). What is within one is listed as well.
var layouts32 = map[string]int{
	"usersa-info-32":     4,
	"userpolicy-info-32": 4,
	"user-expire-32":     4,
	"user-polexpire-32":  4,
}

// widen gives the structures in a datagram of a 32-bit program the layout that
// this program's kernel reads, and reports whether there was one. The kernel
// tells the layouts apart by the process that sends, not by the bytes.
func widen(t *dissect.Tree, data []byte) ([]byte, bool) {
	if strconv.IntSize != 64 {
		return data, false
	}
	type gap struct{ at, size, msg int }
	var gaps []gap
	for m := range t.Own() {
		for i := m.Node; i < t.Nodes[m.Node].End; i++ {
			n := &t.Nodes[i]
			if n.Kind == dissect.KindStruct && n.Type != nil && n.Type.Struct != nil {
				if size := layouts32[n.Type.Struct.Name]; size > 0 {
					gaps = append(gaps, gap{int(n.Off+n.Len) - capture.CookedLen, size, int(m.Off) - capture.CookedLen})
				}
			}
		}
	}
	// From the end, so that what is before keeps its place.
	slices.SortStableFunc(gaps, func(a, b gap) int { return b.at - a.at })
	for _, g := range gaps {
		if g.at > len(data) || g.msg+4 > len(data) {
			return data, false
		}
		data = slices.Insert(data, g.at, make([]byte, g.size)...)
		head := data[g.msg:]
		binary.NativeEndian.PutUint32(head, binary.NativeEndian.Uint32(head)+uint32(g.size))
	}
	return data, len(gaps) > 0
}
