package dissect

import (
	"bytes"

	"github.com/nlsniff/nlsniff/families"
)

// Brief is Lean, and leaves out what is inside of quiet attributes too, which a line
// shows only where its description names them. As with Lean, what is in them is found
// fault with as ever: only where there is no fault is anything left out.
func (d *Dissector) Brief() {
	d.Lean()
	d.brief = true
}

// skip leaves out the payload of an attribute if a line shows nothing of it, and
// nothing is wrong with it.
func (d *Dissector) skip(f *families.Field, t *families.Type, off, end int) bool {
	if !f.Quiet || f.InLine() || f.Secret || d.dir != DirFromKernel || d.echo || d.hidden > 0 || d.mask != maskNone || d.in.OrigLen > len(d.data) {
		return false
	}
	rows, ok := d.sound(t, int(d.depth), off, end)
	if !ok || len(d.t.Nodes)+d.left+rows >= MaxNodes {
		return false
	}
	d.left += rows
	return true
}

// sound says whether a payload of the kernel's decodes without a finding, and into
// how many rows. What takes more than a look counts as unsound.
func (d *Dissector) sound(t *families.Type, depth, off, end int) (rows int, ok bool) {
	n := end - off
	if t.Secret {
		return 0, false
	}
	switch t.Kind {
	case families.KindUint, families.KindSint:
		return 1, n > 0 && (n == t.Size || t.Size == 0 && (n == 4 || n == 8))
	case families.KindString:
		text := d.data[off:end]
		i := bytes.IndexByte(text, 0)
		return min(n, 1), i < 0 || allZero(text[i:])
	case families.KindFlag:
		return 0, n == 0
	case families.KindPad:
		return min(n, 1), true
	case families.KindBinary, families.KindBitfield32:
		return min(n, 1), (t.Size == 0 || t.Size == n) && t.Hint != families.HintIP
	case families.KindStruct:
		leaves := leavesOf(t.Struct, n)
		return len(leaves), leaves != nil && n >= t.Struct.Min
	case families.KindArray:
		size := t.Elem.FixedSize()
		if t.Elem.Kind == families.KindStruct || t.Elem.Kind == families.KindArray || size == 0 || n%size != 0 || t.Count > 0 && n > t.Count*size {
			return 0, false
		}
		return min(n, 1), true
	case families.KindNest:
		if n == 0 {
			return 0, t.Struct == nil
		}
		return d.soundAttrs(t, depth, off, end)
	}
	return 0, false
}

// soundAttrs is sound for a nest.
func (d *Dissector) soundAttrs(t *families.Type, depth, off, end int) (rows int, ok bool) {
	set := t.Set
	if t.Struct != nil || set == nil || set.Keyed || depth >= maxDepth || end-off > wrapAt {
		return 0, false
	}
	var dup seen
	for off < end {
		if end-off < nlaHdrLen {
			return 0, false
		}
		n, raw := int(d.u16(off)), d.u16(off+2)
		stop := off + n
		next := off + align4(n)
		f := set.Field(raw & nlaTypeMask)
		if n < nlaHdrLen || next > end || f == nil || f.Secret || dup.again(raw&nlaTypeMask) && !f.Multi {
			return 0, false
		}
		ft := &f.Type
		payload := n - nlaHdrLen
		if raw&^uint16(nlaTypeMask) != 0 && (raw&nlaNetOrder != 0 || !hasAttrs(ft)) ||
			payload < ft.MinLen || ft.MaxLen > 0 && payload > ft.MaxLen || !allZero(d.data[stop:next]) {
			return 0, false
		}
		inner, fine := d.sound(ft, depth+1, off+nlaHdrLen, stop)
		if !fine {
			return 0, false
		}
		rows += 3 + inner // with nla_len and nla_type
		if stop < next {
			rows++
		}
		off = next
	}
	return rows, true
}
