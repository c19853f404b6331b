package dissect

import "github.com/nlsniff/nlsniff/families"

// indexed decodes attributes whose type numbers are indices.
func (d *Dissector) indexed(t *families.Type, f *families.Field, off, end int) {
	d.levels(off, end, func(off, stop int) {
		d.value(t.Elem, f, off, stop)
	}, t.Elem)
}

// typeValue decodes nested attributes whose type numbers are values, depth of
// them before the attributes proper.
func (d *Dissector) typeValue(t *families.Type, f *families.Field, depth, off, end int) {
	if depth == 0 {
		d.nest(t.Set, off, end)
		return
	}
	d.levels(off, end, func(off, stop int) { d.typeValue(t, f, depth-1, off, stop) }, nil)
}

// levels walks attributes whose types are not from an attribute space.
func (d *Dissector) levels(off, end int, payload func(off, stop int), elem *families.Type) {
	if d.depth >= maxDepth {
		d.find(DepthLimit, d.parent, off, end-off, maxDepth, 0)
		d.rest(KindUnknown, off, end)
		return
	}
	sound, outer := false, d.missing
	for off < end {
		if d.full() {
			d.stop(KindUnknown, off, end)
			return
		}
		if end-off < nlaHdrLen {
			d.find(AttrTrailing, int32(len(d.t.Nodes)), off, end-off, uint64(end-off), 0)
			d.leaf(KindTrailing, nil, nil, off, end)
			return
		}
		n := int(d.uint(off, 2))
		if end-off > wrapAt && !sound {
			n, sound = d.unwrapElem(elem, off, end)
		}
		stop := off + n
		if n < nlaHdrLen {
			d.find(AttrLenSmall, int32(len(d.t.Nodes)), off, 2, uint64(n), 0)
			d.leaf(KindUnknown, nil, nil, off, end)
			return
		}
		if stop > end {
			if !d.cut(end) {
				d.find(AttrPastEnd, int32(len(d.t.Nodes)), off, 2, uint64(n), uint64(end-off))
			}
			stop = end
		}
		d.missing = d.lost(off+n, end)
		next := min(off+align4(stop-off), end)
		i := d.attrHead(KindElem, nil, elem, d.u16(off+2), off, next)
		if elem != nil && d.mask == maskUnknown {
			d.hideMisfit(i, elem, off, stop)
		}
		payload(off+nlaHdrLen, stop)
		d.padding(stop, next, PaddingNonzero)
		d.close(i)
		d.missing = outer
		off = next
	}
}

// array decodes a C array. Integers are one leaf together; structs are
// elements with members.
func (d *Dissector) array(t *families.Type, f *families.Field, off, end int) {
	size := t.Elem.FixedSize()
	n := end - off
	if n == 0 {
		return
	}
	if t.Elem.Kind == families.KindStruct && t.Elem.Struct.Flex {
		d.flexArray(t, f, off, end)
		return
	}
	if size == 0 {
		d.find(ArrayRemainder, d.parent, off, n, uint64(n), 0)
		d.rest(KindUnknown, off, end)
		return
	}
	count := n / size
	if t.Count > 0 {
		count = min(count, t.Count)
	}
	stop := off + count*size
	if t.Elem.Kind != families.KindStruct && t.Elem.Kind != families.KindArray {
		if count > 0 {
			d.leaf(KindValue, f, t, off, stop)
		}
	} else {
		for i := 0; i < count; i++ {
			at := off + i*size
			if d.full() {
				d.stop(KindUnknown, at, end)
				return
			}
			e := d.open(KindElem, f, t.Elem, at, at+size)
			d.t.Nodes[e].ID = uint16(i)
			d.value(t.Elem, f, at, at+size)
			d.close(e)
		}
	}
	if stop < end {
		d.find(ArrayRemainder, d.parent, stop, end-stop, uint64(end-stop), uint64(size))
		d.leaf(KindUnknown, nil, nil, stop, end)
	}
}

// flexArray decodes elements that end in an array whose length a member
// tells.
func (d *Dissector) flexArray(t *families.Type, f *families.Field, off, end int) {
	s := t.Elem.Struct
	for i := 0; off < end; i++ {
		if d.full() {
			d.stop(KindUnknown, off, end)
			return
		}
		n, ok := d.extent(s, off, end)
		if !ok || n == 0 {
			d.find(ArrayRemainder, d.parent, off, end-off, uint64(end-off), uint64(s.Size))
			d.leaf(KindUnknown, nil, nil, off, end)
			return
		}
		e := d.open(KindElem, f, t.Elem, off, off+n)
		d.t.Nodes[e].ID = uint16(i)
		d.members(s, off, off+n)
		d.close(e)
		off += n
	}
}

// records decodes structs that start with their own length, such as struct
// rtnexthop, each followed by attributes.
func (d *Dissector) records(t *families.Type, off, end int) {
	s := t.Struct
	for i := 0; off < end; i++ {
		if d.full() {
			d.stop(KindUnknown, off, end)
			return
		}
		n := 0
		if end-off >= 2 {
			n = int(d.uint(off, 2))
		}
		if n < max(s.Size, 2) || n > end-off {
			d.find(RecordLen, d.parent, off, end-off, uint64(n), uint64(s.Size))
			d.leaf(KindUnknown, nil, nil, off, end)
			return
		}
		next := min(off+align4(n), end)
		e := d.open(KindElem, nil, t, off, next)
		d.t.Nodes[e].ID = uint16(i)
		outerAF := d.af
		at := d.header(s, off, off+n, StructShort)
		if t.Set != nil && d.depth < maxDepth {
			d.push(t.Set, at, off+n, s, off)
			d.attrs(t.Set, at, off+n)
			d.pop()
		} else {
			d.rest(KindUnknown, at, off+n)
		}
		d.af = outerAF
		d.padding(off+n, next, PaddingNonzero)
		d.close(e)
		off = next
	}
}
