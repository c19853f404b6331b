package dissect

import "github.com/nlsniff/nlsniff/families"

// tlvHead is what the head of one element says.
type tlvHead struct {
	size   int // bytes
	lenAt  int
	lenLen int // bytes
	id     uint64
	n      uint64 // bytes behind the head
	short  bool   // the length does not even cover the head
}

// tlv decodes type-length-value lists of other shapes than nlattr.
func (d *Dissector) tlv(t *families.TLV, off, end int) {
	outer := d.missing
	for off < end {
		if d.full() {
			d.stop(KindUnknown, off, end)
			return
		}
		h := d.tlvHead(t, off, end)
		if h.size == 0 {
			d.find(AttrTrailing, int32(len(d.t.Nodes)), off, end-off, uint64(end-off), 0)
			d.leaf(KindTrailing, nil, nil, off, end)
			return
		}
		if t.Unit > 1 {
			h.n *= uint64(t.Unit)
		}
		if t.LenIncludesHeader {
			if h.n < uint64(h.size) {
				// Where the next one would start is anyone's guess. What
				// this one is for, its head says.
				d.find(TLVLen, int32(len(d.t.Nodes)), h.lenAt, h.lenLen, h.n, uint64(h.size))
				h.short = true
				d.element(t, &h, off, off+h.size, off+h.size)
				d.rest(KindUnknown, off+h.size, end)
				return
			}
			h.n -= uint64(h.size)
		}
		if left := uint64(end - off - h.size); h.n > left {
			if !d.cut(end) {
				d.find(TLVPastEnd, int32(len(d.t.Nodes)), h.lenAt, h.lenLen, h.n, left)
			}
			d.missing = d.lost(end+int(min(h.n-left, uint64(d.in.OrigLen))), end)
			h.n = left
		} else {
			d.missing = 0
		}
		stop := off + h.size + int(h.n)
		next := min(off+(stop-off+t.Align-1)/t.Align*t.Align, end)
		d.element(t, &h, off, stop, next)
		d.missing = outer
		off = next
	}
}

// tlvHead reads the head of an element; its size is 0 if there is no room for
// one.
func (d *Dissector) tlvHead(t *families.TLV, off, end int) tlvHead {
	if s := t.Head; s != nil {
		n, ok := d.extent(s, off, end)
		if !ok || n == 0 {
			return tlvHead{}
		}
		typ, length := t.TypeMember, t.LenMember
		h := tlvHead{size: n, lenAt: off + length.Off, lenLen: length.Type.Size}
		h.id = Uint(d.data[off+typ.Off:off+typ.Off+typ.Type.Size], d.order(&typ.Type))
		h.n = Uint(d.data[h.lenAt:h.lenAt+h.lenLen], d.order(&length.Type))
		return h
	}
	h := tlvHead{size: t.TypeSize + t.LenSize, lenAt: off + t.TypeSize, lenLen: t.LenSize}
	if end-off < h.size {
		return tlvHead{}
	}
	typeAt := off
	if t.LenFirst {
		typeAt, h.lenAt = off+t.LenSize, off
	}
	big := t.Order == families.OrderBig || t.Order == families.OrderHost && d.big
	h.id = Uint(d.data[typeAt:typeAt+t.TypeSize], big)
	h.n = Uint(d.data[h.lenAt:h.lenAt+t.LenSize], big)
	return h
}

// element decodes one element whose payload ends at stop and its padding at
// next.
func (d *Dissector) element(t *families.TLV, h *tlvHead, off, stop, next int) {
	var f *families.Field
	if h.id <= 0xffff {
		f = t.Set.Field(uint16(h.id))
	}
	var typ *families.Type
	if f != nil {
		typ = &f.Type
	}
	e := d.open(KindElem, f, typ, off, next)
	d.t.Nodes[e].ID = uint16(h.id)
	body := off + h.size
	if t.Head != nil {
		d.strct(t.Head, off, body)
	} else {
		kinds, mid := [2]Kind{KindType, KindLen}, h.lenAt
		if t.LenFirst {
			kinds, mid = [2]Kind{KindLen, KindType}, off+t.LenSize
		}
		big := t.Order == families.OrderBig || t.Order == families.OrderHost && d.big
		for i, at := range [2][2]int{{off, mid}, {mid, body}} {
			n := d.leaf(kinds[i], nil, nil, at[0], at[1])
			d.t.Nodes[n].Big = big
		}
	}
	switch {
	case typ != nil && typ.Kind == families.KindFlag && body == stop:
	case h.short:
	case typ != nil && d.depth < maxDepth:
		d.push(nil, body, stop, t.Head, off)
		d.value(typ, f, body, stop)
		d.pop()
	default:
		d.rest(KindUnknown, body, stop)
	}
	d.padding(stop, next, PaddingNonzero)
	d.close(e)
}
