package dissect

import "github.com/nlsniff/nlsniff/families"

// strct decodes a struct that reaches from off to end, all of which belongs to
// it: what is missing at its end stays away, what is too much is unknown.
func (d *Dissector) strct(s *families.Struct, off, end int) int32 {
	n := d.open(KindStruct, nil, s.Self(), off, end)
	d.members(s, off, end)
	d.close(n)
	return n
}

// members decodes the members of a struct as rows of their own and returns
// nothing left over: every byte of off…end is in a leaf afterwards.
func (d *Dissector) members(s *families.Struct, off, end int) {
	outerAF := d.af
	if s.AF != nil {
		if at, n := off+s.AF.Off, s.AF.Type.Size; at+n <= end {
			d.af = uint8(Uint(d.data[at:at+n], d.order(&s.AF.Type)))
		}
	}
	if leaves := leavesOf(s, end-off); leaves != nil {
		d.leaves(leaves, off)
		d.af = outerAF
		return
	}
	pos, shift := off, 0
	var numbers spots
	for _, m := range s.Members {
		at := off + m.Off + shift
		if at >= end && m.Type.FixedSize() > 0 {
			break
		}
		if pos < at { // a hole
			stop := min(at, end)
			d.leaf(KindPadding, nil, nil, pos, stop)
			if pos = stop; pos == end {
				break
			}
		}
		if shift > 0 {
			numbers.add(m, at)
		}
		pos = d.member(s, m, &numbers, off, at, end)
		if s.Flex && m.Type.Varies() {
			shift = pos - off - m.Off - m.Type.FixedSize()
		}
		if pos >= end {
			break
		}
	}
	d.af = outerAF
	if pos >= end {
		return
	}
	if hole := off + s.Size; !s.Flex && pos < hole {
		stop := min(hole, end)
		d.leaf(KindPadding, nil, nil, pos, stop)
		pos = stop
	}
	if s.Flex && end-pos < 4 && (end-off)%4 == 0 && allZero(d.data[pos:end]) {
		d.rest(KindPadding, pos, end) // some senders count the alignment
		return
	}
	d.rest(KindUnknown, pos, end)
}

// leavesOf returns the rows that n bytes of a struct without inner structure have,
// nil if they are not whole members: an older kernel's struct has fewer of them.
func leavesOf(s *families.Struct, n int) []families.Leaf {
	list := s.Leaves()
	if n == s.Size || list == nil {
		return list
	}
	if n > s.Size || s.Flex {
		return nil
	}
	for len(list) > 0 && list[len(list)-1].Off >= n {
		list = list[:len(list)-1]
	}
	if k := len(list) - 1; k < 0 || list[k].Field == nil || list[k].Off+list[k].Size != n {
		return nil
	}
	return list
}

// leaves adds the rows of a whole struct without inner structure, which most
// are.
func (d *Dissector) leaves(list []families.Leaf, off int) {
	first := int32(len(d.t.Nodes))
	rows := d.room(len(list))
	masked := d.hidden > 0 || d.mask != maskNone
	for i := range rows {
		n, l := &rows[i], &list[i]
		n.Off, n.Len = uint32(off+l.Off), uint32(l.Size)
		n.Parent, n.End = d.parent, first+int32(i)+1
		n.ID, n.Kind, n.Depth, n.AF, n.Big, n.Secret = 0, KindPadding, d.depth, d.af, d.big, false
		secret, f := masked, l.Field
		if f == nil {
			n.Field, n.Type = nil, nil
		} else {
			n.Field, n.Type, n.Big = f, &f.Type, d.order(&f.Type)
			if f.Type.Kind != families.KindPad {
				n.Kind = KindMember
			}
			secret = secret || f.Secret || f.Type.Secret
		}
		if secret {
			n.Secret = d.hide(n)
		}
	}
}

// member decodes one member at at and returns where it ends.
func (d *Dissector) member(s *families.Struct, m *families.Field, numbers *spots, base, at, end int) int {
	size := m.Type.FixedSize()
	if m.Type.Varies() {
		stop := end
		if n, ok := d.varying(m, numbers, base, at, end); ok {
			stop = at + n
		}
		t := &m.Type
		if t.Kind == families.KindSub {
			t = d.memberFormat(s, t, base, end)
		}
		switch {
		case at >= stop:
		case t == nil:
			d.leaf(KindUnknown, m, nil, at, stop)
		default:
			d.nested(t, m, at, stop)
		}
		return stop
	}
	stop := at + size
	if stop > end {
		d.leaf(KindUnknown, m, nil, at, end)
		return end
	}
	t := &m.Type
	if t.Kind == families.KindSub {
		t = d.memberFormat(s, t, base, end)
		if t == nil {
			d.leaf(KindUnknown, m, nil, at, stop)
			return stop
		}
		if n := t.FixedSize(); n > 0 && n < size && (m.Type.Used == nil || t.Kind != families.KindArray) {
			d.nested(t, m, at, at+n)
			d.leaf(KindPadding, nil, nil, at+n, stop)
			return stop
		}
	}
	if c := m.Type.Used; c != nil && (t == &m.Type || t.Kind == families.KindArray) {
		n := d.used(c, t, base, min(size, t.FixedSize()), end)
		if n > 0 {
			d.nested(t, m, at, at+n)
		}
		if m.Secret { // the number may be wrong
			d.hidden++
			defer func() { d.hidden-- }()
		}
		d.rest(KindPadding, at+n, stop)
		return stop
	}
	d.nested(t, m, at, stop)
	return stop
}

// nested decodes a member: a scalar is a leaf, anything else a container.
func (d *Dissector) nested(t *families.Type, m *families.Field, off, end int) {
	switch t.Kind {
	case families.KindPad:
		d.leaf(KindPadding, m, t, off, end)
	case families.KindStruct:
		n := d.open(KindStruct, m, t, off, end)
		d.members(t.Struct, off, end)
		d.close(n)
	case families.KindArray:
		if t.Elem.Kind == families.KindStruct || t.Elem.Kind == families.KindArray {
			n := d.open(KindStruct, m, t, off, end)
			d.array(t, m, off, end)
			d.close(n)
			return
		}
		d.leaf(KindMember, m, t, off, end)
	case families.KindNest, families.KindTLV, families.KindRecords, families.KindMessage, families.KindStrings,
		families.KindPacket, families.KindIndexed:
		n := d.open(KindStruct, m, t, off, end)
		d.value(t, m, off, end)
		d.close(n)
	default:
		d.leaf(KindMember, m, t, off, end)
	}
}

// memberFormat chooses the format of a member by a sibling's value.
func (d *Dissector) memberFormat(s *families.Struct, t *families.Type, base, end int) *families.Type {
	for t != nil && t.Kind == families.KindSub {
		t = d.memberChoice(s, t, base, end)
	}
	return t
}

func (d *Dissector) memberChoice(s *families.Struct, t *families.Type, base, end int) *families.Type {
	sel := s.Member(t.Selector)
	if sel != nil && sel.Type.As != nil {
		return d.parallelChoice(t, sel, base, end)
	}
	if sel == nil || t.Choose != families.ByName {
		return d.choose(t, d.parent, base, end)
	}
	at, n := base+sel.Off, sel.Type.FixedSize()
	if at+n > end {
		return t.Sub.Default
	}
	return d.format(t.Sub, &sel.Type, at, at+n)
}
