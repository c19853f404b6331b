package dissect

import (
	"sort"

	"github.com/nlsniff/nlsniff/families"
)

// wrapAt is what nla_len, a __u16, cannot tell: nla_nest_end of
// net/netlink.h stores the length of a nest without a look at whether it fits.
const wrapAt = 1 << 16

// trueLen returns the length in bytes of the attribute at off, one of a run
// that ends at end: its nla_len, or a multiple of 64 KiB more where the kernel
// wrote a nest for which nla_len is too small (IFLA_VFINFO_LIST of more than
// 300 virtual functions).
//
// It takes evidence for both: as stated, the nest or what stands behind it is
// no run of described attributes, each there once; and if the elements go on
// past the stated end, they reach, as whole and described attributes, an end
// with the same lower 16 bits, behind which the siblings go on up to end. had
// are the types before off. sound is set where the run is as stated up to its
// end, so that nobody has to ask again.
func (d *Dissector) trueLen(set *families.AttrSet, t *families.Type, raw uint16, off, end int, had *seen) (n int, sound bool) {
	n = int(d.u16(off))
	if n%4 != 0 || d.dir != DirFromKernel || d.echo || !opens(t, raw) {
		return n, false
	}
	w := wrapWalk{d: d, end: end, stated: true}
	base := wrapLevel{set: set, had: *had}
	if n >= nlaHdrLen && off+n <= end && w.exact(t, off+nlaHdrLen, off+n) {
		if w.run([]wrapLevel{base}, off+align4(n)) {
			return n, w.stated
		}
	}
	w.target = off
	if levels, at, ok := w.open([]wrapLevel{base}, t, off); ok && w.run(levels, at) {
		return w.stop - off, false
	}
	return n, false
}

// wrapEffort bounds the steps that a frame is worth, in attributes of the least
// size that would fill it.
const wrapEffort = 8

// unwrap is trueLen for an attribute of a set, with a finding where that is not
// what nla_len says.
func (d *Dissector) unwrap(set *families.AttrSet, raw uint16, off, end int, had *seen) (int, bool) {
	var t *families.Type
	if set != nil {
		f := set.Field(raw & nlaTypeMask)
		if f == nil {
			return int(d.u16(off)), false
		}
		t = &f.Type
	}
	return d.told(set, t, raw, off, end, had)
}

// unwrapElem is unwrap for an element whose type is an index.
func (d *Dissector) unwrapElem(t *families.Type, off, end int) (int, bool) {
	return d.told(nil, t, d.u16(off+2), off, end, &seen{})
}

func (d *Dissector) told(set *families.AttrSet, t *families.Type, raw uint16, off, end int, had *seen) (int, bool) {
	n, sound := d.trueLen(set, t, raw, off, end, had)
	if n >= wrapAt {
		d.find(AttrLenWrapped, int32(len(d.t.Nodes)), off, 2, uint64(d.u16(off)), uint64(n))
	}
	return n, sound
}

// spanned is the length of an attribute that may have been decoded already, in
// which case its row knows better than its nla_len, n.
func (d *Dissector) spanned(off, n int) int {
	nodes := d.t.Nodes
	i := sort.Search(len(nodes), func(i int) bool { return int(nodes[i].Off) >= off })
	for ; i < len(nodes) && int(nodes[i].Off) == off; i++ {
		if nodes[i].Kind == KindAttr && int(nodes[i].Len) >= wrapAt {
			return int(nodes[i].Len)
		}
	}
	return n
}

// opens says whether an attribute holds attributes.
func opens(t *families.Type, raw uint16) bool {
	if t == nil {
		return raw&nlaNested != 0
	}
	return hasAttrs(t)
}

// wrapLevel is a run of attributes that is being walked.
type wrapLevel struct {
	set  *families.AttrSet // nil: any type will do
	elem *families.Type    // what each holds where the types are no attributes'
	had  seen
	free bool // types may repeat and need no description
	off  int  // of the nest around it
	n    int  // its nla_len
}

// wrapWalk looks for a way to read a run of attributes in which every one is
// described, none stands twice, and nests may be longer than they say.
type wrapWalk struct {
	d      *Dissector
	end    int
	target int  // the nest whose end is asked for
	stop   int  // where it ends
	stated bool // no nest was found to be longer than it says
}

// exact says whether off…stop is a run of attributes.
func (w *wrapWalk) exact(t *families.Type, off, stop int) bool {
	if t != nil && t.Struct != nil {
		off += align4(t.Struct.Size)
	}
	for off < stop {
		n := 0
		if stop-off >= nlaHdrLen {
			n = int(w.d.u16(off))
		}
		if n < nlaHdrLen || n > stop-off {
			return false
		}
		off += align4(n)
		w.d.wrapWork--
	}
	return off == stop
}

// open goes into the nest at off, wherever it may end.
func (w *wrapWalk) open(levels []wrapLevel, t *families.Type, off int) ([]wrapLevel, int, bool) {
	if len(levels) > maxDepth {
		return nil, 0, false
	}
	l := wrapLevel{off: off, n: int(w.d.u16(off)), free: true}
	at := off + nlaHdrLen
	switch {
	case t == nil:
	case t.Kind == families.KindNest:
		l.set, l.free = t.Set, t.Set == nil
		if t.Struct != nil {
			at += align4(t.Struct.Size)
		}
	case t.Kind == families.KindIndexed:
		l.elem = t.Elem
	}
	// Appending would change what another way of reading still needs.
	return append(levels[:len(levels):len(levels)], l), at, true
}

// run walks from off, a place between two attributes of the innermost level.
func (w *wrapWalk) run(levels []wrapLevel, off int) bool {
	d := w.d
	type opened struct {
		t   *families.Type
		off int
	}
	var before *opened // a nest that ends at off, as it says
	for {
		if d.wrapWork--; d.wrapWork < 0 {
			return false
		}
		l := &levels[len(levels)-1]
		switch {
		case len(levels) == 1 && off >= w.end:
			return off == w.end || off == align4(w.end)
		case len(levels) > 1 && off-l.off >= wrapAt && (off-l.off)%wrapAt == l.n:
			if w.run(levels[:len(levels)-1:len(levels)-1], off) {
				w.stated = false
				if l.off == w.target {
					w.stop = off
				}
				return true
			}
		}
		t, raw, ok := w.next(l, off)
		switch {
		case ok:
		case before == nil:
			return false
		default: // it did not end there
			var at int
			if levels, at, ok = w.open(levels, before.t, before.off); !ok {
				return false
			}
			off, before = at, nil
			continue
		}
		n := int(d.u16(off))
		before = nil
		if w.end-off > wrapAt && opens(t, raw) && n%4 == 0 {
			if n < nlaHdrLen || !w.exact(t, off+nlaHdrLen, off+n) {
				if levels, off, ok = w.open(levels, t, off); !ok {
					return false
				}
				continue
			}
			before = &opened{t, off}
		}
		off += align4(n)
	}
}

// next says whether an attribute that belongs there stands at off.
func (w *wrapWalk) next(l *wrapLevel, off int) (t *families.Type, raw uint16, ok bool) {
	d := w.d
	if w.end-off < nlaHdrLen {
		return nil, 0, false
	}
	n := int(d.u16(off))
	raw = d.u16(off + 2)
	id := raw & nlaTypeMask
	switch {
	case l.set != nil:
		f := l.set.Field(id)
		if f == nil || l.had.again(id) && !f.Multi && f.Type.Kind != families.KindPad {
			return nil, 0, false
		}
		t = &f.Type
	case l.free:
		t = l.elem
	}
	if n > w.end-off || n < nlaHdrLen && (n != 0 || !opens(t, raw)) {
		return nil, 0, false
	}
	return t, raw, true
}
