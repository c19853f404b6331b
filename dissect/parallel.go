package dissect

import "github.com/nlsniff/nlsniff/families"

// used returns how many bytes of a member of size bytes mean something: as many
// elements of an array, or bytes, as another member says, which may have an order
// of its own. base and end are where its struct is; if that is too short for the
// number, all may mean something.
func (d *Dissector) used(c *families.Field, t *families.Type, base, size, end int) int {
	at := base + c.Off
	if at+c.Type.Size > end {
		return size
	}
	n := Uint(d.data[at:at+c.Type.Size], d.order(&c.Type))
	count := t.Count
	if t.Kind != families.KindArray {
		count = size
	}
	return int(min(n, uint64(count))) * (size / count)
}

// kindOf is the number that says what an element of a parallel array is.
func (d *Dissector) kindOf(b []byte, t *families.Type) uint64 { return Uint(b, d.order(t)) }

// parallelChoice chooses a member's format by the element of an array that is
// of the kind Inside names. It returns the default without one.
func (d *Dissector) parallelChoice(t *families.Type, sel *families.Field, base, end int) *families.Type {
	v := &sel.Type
	size := v.Elem.Size
	count := v.Count
	if v.Used != nil {
		count = d.used(v.Used, v, base, v.Count, end)
	}
	for i := range count {
		at, kind := base+sel.Off+i*size, base+v.Kinds.Off+i*v.Kinds.Type.Elem.Size
		if max(at+size, kind+v.Kinds.Type.Elem.Size) > end {
			break
		}
		k := d.kindOf(d.data[kind:kind+v.Kinds.Type.Elem.Size], v.Kinds.Type.Elem)
		if e := v.Kinds.Type.Elem.Enum; e != nil && len(t.Inside) == 1 && e.ValueName(k) == t.Inside[0] {
			if f := t.Sub.ByValue[Uint(d.data[at:at+size], d.order(v.Elem))]; f != nil {
				return f
			}
		}
	}
	return t.Sub.Default
}

// cutStrings decodes strings that stand one behind the other without a NUL; the
// elements of another member that are numbers of bytes are their lengths.
func (d *Dissector) cutStrings(t *families.Type, f *families.Field, off, end int) {
	base := off - f.Off
	c := &t.Cut.Type
	count := c.Count
	if c.Used != nil {
		count = d.used(c.Used, c, base, c.Count, end)
	}
	for i := 0; i < count && off < end; i++ {
		if c.Format(d.data[base:], i, d.kindOf).Hint != families.HintBytes {
			continue
		}
		at := base + t.Cut.Off + i*c.Elem.Size
		n := Uint(d.data[at:at+c.Elem.Size], d.order(c.Elem))
		if n == 0 {
			continue
		}
		stop := off + int(min(n, uint64(end-off)))
		d.leaf(KindValue, f, t, off, stop)
		off = stop
	}
	d.rest(KindUnknown, off, end)
}
