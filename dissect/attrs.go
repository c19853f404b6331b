package dissect

import "github.com/nlsniff/nlsniff/families"

// Bits of nla_type (linux/netlink.h).
const (
	nlaNested   = 0x8000
	nlaNetOrder = 0x4000
	nlaTypeMask = 0x3fff
)

// nlaHdrLen is the size in bytes of struct nlattr.
const nlaHdrLen = 4

// seen remembers which of the first 256 attribute types a nest had.
type seen [4]uint64

func (s *seen) again(id uint16) bool {
	if id >= 256 {
		return false
	}
	bit := uint64(1) << (id & 63)
	was := s[id>>6]&bit != 0
	s[id>>6] |= bit
	return was
}

// attrs decodes a run of attributes that fills off…end. set is nil where
// nobody described them.
func (d *Dissector) attrs(set *families.AttrSet, off, end int) {
	if set != nil && set.Keyed && d.mask != maskUnknown {
		outer := d.mask
		d.mask = maskUnknown
		d.attrs(set, off, end)
		d.mask = outer
		return
	}
	var dup seen
	resynced, sound, outer := false, false, d.missing
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
		nlaLen, raw := int(d.u16(off)), d.u16(off+2)
		if end-off > wrapAt && !sound {
			nlaLen, sound = d.unwrap(set, raw, off, end, &dup)
		}
		stop := off + nlaLen
		var f *families.Field
		if set != nil {
			f = set.Field(raw & nlaTypeMask)
		}
		if d.mask == maskUnknown && d.garbled(f, nlaLen, raw&nlaTypeMask, end-off) {
			d.find(AttrGarbled, int32(len(d.t.Nodes)), off, end-off, uint64(end-off), 0)
			d.leaf(KindTrailing, nil, nil, off, end)
			return
		}
		switch {
		case nlaLen < nlaHdrLen:
			d.find(AttrLenSmall, int32(len(d.t.Nodes)), off, 2, uint64(nlaLen), 0)
			stop = off + nlaHdrLen
			// Go on behind the header if that yields whole attributes up
			// to the end; asking once a nest keeps this linear.
			if resynced || !d.plausible(stop, end) {
				d.attr(nil, raw, off, stop, stop)
				d.rest(KindUnknown, stop, end)
				return
			}
			resynced = true
			d.attr(nil, raw, off, stop, stop)
			off = stop
			continue
		case stop > end:
			if !d.cut(end) {
				d.find(AttrPastEnd, int32(len(d.t.Nodes)), off, 2, uint64(nlaLen), uint64(end-off))
			}
			stop = end
		}
		d.missing = d.lost(off+nlaLen, end)
		next := off + align4(stop-off)
		if next > end {
			if d.in.OrigLen <= len(d.data) && off+nlaLen <= end {
				d.find(PaddingMissing, int32(len(d.t.Nodes)), stop, 0, uint64(next-end), 0)
			}
			next = end
		}
		if set != nil {
			if dup.again(raw&nlaTypeMask) && (f == nil || !f.Multi && f.Type.Kind != families.KindPad) {
				d.find(AttrDuplicate, int32(len(d.t.Nodes)), off, stop-off, uint64(raw&nlaTypeMask), d.toKernel())
			}
		}
		if f == nil && set != nil {
			d.find(AttrUnknown, int32(len(d.t.Nodes)), off, stop-off, uint64(raw&nlaTypeMask), 0)
		}
		d.attr(f, raw, off, stop, next)
		d.missing = outer
		off = next
	}
}

// attr decodes one attribute: its header, its payload up to stop, its padding
// up to next.
func (d *Dissector) attr(f *families.Field, raw uint16, off, stop, next int) {
	var t *families.Type
	if f != nil {
		t = &f.Type
	}
	n := d.attrHead(KindAttr, f, t, raw, off, next)
	if t != nil && t.Kind == families.KindSub && t.Choose >= families.BySetKey {
		d.setData(t, f, n, off+nlaHdrLen, stop)
		d.padding(stop, next, PaddingNonzero)
		d.close(n)
		return
	}
	for t != nil && t.Kind == families.KindSub && t.Choose < families.BySetKey { // each step goes to another sub
		t = d.choose(t, n, off+nlaHdrLen, stop)
		d.t.Nodes[n].Type = t
	}
	payload := off + nlaHdrLen
	if t != nil && d.mask == maskUnknown {
		d.hideMisfit(n, t, off, stop)
	}
	if f != nil {
		d.checkFlags(t, raw, n, off)
		d.checkLength(f, t, n, payload, stop)
	}
	switch {
	case t != nil && d.brief && d.skip(f, t, payload, stop):
	case t != nil:
		d.value(t, f, payload, stop)
	case raw&nlaNested != 0 || d.plausible(payload, stop):
		d.nest(nil, payload, stop)
	default:
		d.rest(KindUnknown, payload, stop)
	}
	d.padding(stop, next, PaddingNonzero)
	d.close(n)
}

// attrHead opens an attribute or an element that is shaped like one, with its
// nla_len and nla_type.
func (d *Dissector) attrHead(k Kind, f *families.Field, t *families.Type, raw uint16, off, next int) int32 {
	i := int32(len(d.t.Nodes))
	n := &d.room(1)[0]
	n.Field, n.Type = f, t
	n.Off, n.Len, n.Parent, n.End = uint32(off), uint32(next-off), d.parent, i+1
	n.ID, n.Kind, n.Depth, n.AF, n.Big, n.Secret = raw&nlaTypeMask, k, d.depth, d.af, d.big, false
	if f != nil && f.Secret || d.hidden > 0 {
		n.Secret = true
		d.hidden++
	}
	d.parent = i
	d.depth++
	if d.noHeads {
		d.left += 2
	} else {
		rows := d.room(2)
		length, typ := &rows[0], &rows[1]
		length.Field, length.Type = nil, nil
		length.Off, length.Len, length.Parent, length.End = uint32(off), 2, i, i+2
		length.ID, length.Kind, length.Depth, length.AF, length.Big, length.Secret = 0, KindLen, d.depth, d.af, d.big, false
		typ.Field, typ.Type = nil, nil
		typ.Off, typ.Len, typ.Parent, typ.End = uint32(off+2), 2, i, i+3
		typ.ID, typ.Kind, typ.Depth, typ.AF, typ.Big, typ.Secret = 0, KindType, d.depth, d.af, d.big, false
	}
	if raw >= nlaNested|nlaNetOrder {
		d.find(AttrFlags, i, off+2, 2, 0, 0)
	}
	return i
}

// cut says whether bytes that end at end do so because the capture did not
// take the whole frame.
func (d *Dissector) cut(end int) bool { return end == len(d.data) && d.in.OrigLen > end }

// lost returns how many bytes the capture left out of what would reach up to
// stop, but ends at end.
func (d *Dissector) lost(stop, end int) int {
	if stop > end && d.cut(end) {
		return stop - end
	}
	return 0
}

// toKernel is 1 in a message that the kernel reads, else 0.
func (d *Dissector) toKernel() uint64 {
	if d.dir == DirToKernel {
		return 1
	}
	return 0
}

// checkFlags compares the two upper bits of nla_type with the description. The
// kernel's own messages mostly lack NLA_F_NESTED, and the older protocols do
// not ask for it, so only generic requests are noted, and of these not what is known
// to be taken without it.
func (d *Dissector) checkFlags(t *families.Type, raw uint16, node int32, off int) {
	holds := t == nil || hasAttrs(t)
	switch {
	case raw&nlaNested != 0 && !holds:
		d.find(AttrNestedFlag, node, off+2, 2, 0, 0)
	case raw&nlaNested == 0 && holds && t != nil && d.t.Proto == families.ProtoGeneric &&
		d.dir == DirToKernel && !d.echo && t.Struct == nil && !d.unmarked():
		d.find(AttrNestedMissing, node, off+2, 2, 0, 0)
	}
	if raw&nlaNetOrder != 0 && t != nil && (t.Kind == families.KindUint || t.Kind == families.KindSint) &&
		t.Size > 1 && t.Order != families.OrderBig {
		d.find(AttrOrderFlag, node, off+2, 2, 0, 0)
	}
}

// unmarked says whether the kernel takes nests without NLA_F_NESTED in this message.
func (d *Dissector) unmarked() bool {
	m := d.t.Msgs[d.at].Message
	return m != nil && m.Unmarked
}

// hasAttrs says whether a payload of this type is attributes.
func hasAttrs(t *families.Type) bool {
	switch t.Kind {
	case families.KindNest, families.KindIndexed, families.KindTypeValue:
		return true
	}
	return false
}

// checkLength applies the bounds that a description sets beyond its type.
func (d *Dissector) checkLength(f *families.Field, t *families.Type, node int32, off, stop int) {
	if t == nil {
		return
	}
	n := stop - off
	// What the kernel accepts bounds what it is sent.
	asked := d.dir != DirFromKernel || d.echo
	if t.Kind == families.KindString && f.Type.MaxLen > 0 {
		chars := n
		if n > 0 && d.data[stop-1] == 0 {
			chars--
		}
		if most := f.Type.MaxLen - 1; asked && chars > most {
			d.find(StringLong, node, off, n, uint64(chars), uint64(most))
		}
		if n < f.Type.MinLen {
			d.find(AttrSize, node, off, n, uint64(n), uint64(f.Type.MinLen))
		}
	} else if f.Type.MinLen > n || f.Type.MaxLen > 0 && n > f.Type.MaxLen {
		want := f.Type.MinLen
		if n > f.Type.MaxLen && f.Type.MaxLen > 0 {
			want = f.Type.MaxLen
		}
		d.find(AttrSize, node, off, n, uint64(n), uint64(want))
	}
	if asked && (t.HasMin || t.HasMax) && (n == t.Size && n > 0 || t.Size == 0 && (n == 4 || n == 8)) {
		v := int64(Uint(d.data[off:stop], d.order(t)))
		if t.Kind == families.KindSint {
			v = Int(uint64(v), n)
		}
		if t.HasMin && v < t.Min || t.HasMax && v > t.Max {
			d.find(AttrRange, node, off, n, uint64(v), 0)
		}
	}
}

// plausible says whether off…end is a run of well-formed attributes. It reads
// each header once.
func (d *Dissector) plausible(off, end int) bool {
	if end-off < nlaHdrLen {
		return false
	}
	for off < end {
		if end-off < nlaHdrLen {
			return false
		}
		n, id := int(d.u16(off)), d.u16(off+2)&nlaTypeMask
		// A string or a struct rarely looks like attributes with small
		// numbers; large numbers do not occur in the kernel's spaces.
		if n < nlaHdrLen || n > end-off || id > 512 || id == 0 && n > nlaHdrLen+4 {
			return false
		}
		off += align4(n)
	}
	return true
}

// chains says whether attributes fill off…end, or as much of it as was captured.
func (d *Dissector) chains(off, end int) bool {
	whole := end + d.missing
	for off+nlaHdrLen <= end {
		n := int(d.u16(off))
		if n < nlaHdrLen || off+n > whole {
			return false
		}
		off += align4(n)
	}
	return off >= end && align4(off)-align4(end) == 0 || d.missing > 0
}

// guess decodes the body of a message that nobody described: attributes if it
// looks like them.
func (d *Dissector) guess(off, end int) {
	if d.plausible(off, end) {
		d.attrs(nil, off, end)
		return
	}
	d.rest(KindUnknown, off, end)
}

// nest decodes attributes one level down.
func (d *Dissector) nest(set *families.AttrSet, off, end int) {
	if off >= end {
		return
	}
	if d.depth >= maxDepth {
		d.find(DepthLimit, d.parent, off, end-off, maxDepth, 0)
		d.leaf(KindUnknown, nil, nil, off, end)
		return
	}
	d.push(set, off, end, nil, 0)
	d.attrs(set, off, end)
	d.pop()
}
