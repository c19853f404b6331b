package dissect

import (
	"bytes"

	"github.com/nlsniff/nlsniff/families"
)

// value decodes a payload: off…end is covered by leaves afterwards.
func (d *Dissector) value(t *families.Type, f *families.Field, off, end int) {
	n := end - off
	switch t.Kind {
	case families.KindUint, families.KindSint:
		d.integer(t, f, off, end)
	case families.KindString:
		if n > 0 {
			d.text(t, f, off, end)
		}
	case families.KindFlag:
		if n > 0 {
			d.find(AttrSize, d.parent, off, n, uint64(n), 0)
			d.leaf(KindUnknown, f, nil, off, end)
		}
	case families.KindPad:
		if n > 0 {
			d.leaf(KindPadding, f, t, off, end)
		}
	case families.KindNest:
		if t.Struct != nil {
			outerAF := d.af
			off = d.header(t.Struct, off, end, StructShort)
			d.push(t.Set, off, end, t.Struct, end-n)
			if d.depth < maxDepth {
				d.attrs(t.Set, off, end)
			} else {
				d.rest(KindUnknown, off, end)
			}
			d.pop()
			d.af = outerAF
			return
		}
		d.nest(t.Set, off, end)
	case families.KindIndexed:
		d.indexed(t, f, off, end)
	case families.KindTypeValue:
		d.typeValue(t, f, len(t.Levels), off, end)
	case families.KindStruct:
		d.structValue(t, off, end)
	case families.KindArray:
		d.array(t, f, off, end)
	case families.KindRecords:
		d.records(t, off, end)
	case families.KindTLV:
		d.tlv(t.TLV, off, end)
	case families.KindMessage:
		d.inner(off, end)
	case families.KindSub:
		c := d.choose(t, d.parent, off, end)
		if n := &d.t.Nodes[d.parent]; n.Kind == KindElem || n.Kind == KindAttr || n.Kind == KindMessage {
			n.Type = c
		}
		if c == nil {
			d.rest(KindUnknown, off, end)
			return
		}
		d.value(c, f, off, end)
	case families.KindStrings:
		d.strings(t, f, off, end)
	case families.KindPacket:
		d.packet(t, f, off, end)
	default:
		d.sized(t, f, off, end)
	}
}

// integer decodes a number. Of one of another length than described, what can be
// read is shown and the rest counts as unknown.
func (d *Dissector) integer(t *families.Type, f *families.Field, off, end int) {
	n := end - off
	switch {
	case n == t.Size && n > 0, t.Size == 0 && (n == 4 || n == 8):
		d.leaf(KindValue, f, t, off, end)
		return
	case t.Size > 0 && n > t.Size:
		d.find(AttrSize, d.parent, off, n, uint64(n), uint64(t.Size))
		d.leaf(KindValue, f, t, off, off+t.Size)
		d.leaf(KindUnknown, nil, nil, off+t.Size, end)
		return
	}
	want := t.Size
	if want == 0 {
		want = 4
	}
	d.find(AttrSize, d.parent, off, n, uint64(n), uint64(want))
	if size := readable(n); size > 0 && d.missing == 0 {
		d.leaf(KindValue, f, t, off, off+size)
		off += size
	}
	d.rest(KindUnknown, off, end)
}

// readable is the size of the largest integer that n bytes hold.
func readable(n int) int {
	for _, size := range [...]int{8, 4, 2, 1} {
		if size <= n {
			return size
		}
	}
	return 0
}

// text decodes a string and notes what stands behind its NUL.
func (d *Dissector) text(t *families.Type, f *families.Field, off, end int) {
	i := d.leaf(KindValue, f, t, off, end)
	b := d.data[off:end]
	for k, c := range b {
		if c != 0 {
			continue
		}
		for _, x := range b[k:] {
			if x != 0 {
				d.find(StringTrailing, i, off+k+1, len(b)-k-1, uint64(len(b)-k-1), 0)
				break
			}
		}
		return
	}
}

// strings decodes strings up to the end, each a row with its NUL.
func (d *Dissector) strings(t *families.Type, f *families.Field, off, end int) {
	if t.Cut != nil {
		d.cutStrings(t, f, off, end)
		return
	}
	for off < end {
		if d.full() {
			d.stop(KindUnknown, off, end)
			return
		}
		stop := end
		if i := bytes.IndexByte(d.data[off:end], 0); i >= 0 {
			stop = off + i + 1
		}
		d.leaf(KindValue, f, t, off, stop)
		off = stop
	}
}

// sized decodes binary values and bit-fields, some of which have one length.
func (d *Dissector) sized(t *families.Type, f *families.Field, off, end int) {
	n := end - off
	if t.Size > 0 && n != t.Size && !(t.Hint == families.HintLLAddr || t.Hint == families.HintIP) {
		d.find(AttrSize, d.parent, off, n, uint64(n), uint64(t.Size))
		if n > t.Size {
			d.leaf(KindValue, f, t, off, off+t.Size)
			off += t.Size
		}
		d.rest(KindUnknown, off, end)
		return
	}
	if n > 0 {
		if t.Hint == families.HintIP && d.parent >= 0 {
			d.checkAddress(t, off, n)
		}
		d.leaf(KindValue, f, t, off, end)
	}
}

// checkAddress compares the length of an address of the message itself, not of
// what it carries, with its header's family. The kernel reads as many bytes as
// the family has, whatever is there.
func (d *Dissector) checkAddress(t *families.Type, off, n int) {
	const inet, inet6 = 2, 10
	want := 0
	switch d.af {
	case inet:
		want = 4
	case inet6:
		want = 16
	}
	b := d.t.Msgs[d.at].Body
	if want == 0 || n == want || t.Size > 0 || b == nil || len(d.scopes) == 0 || d.scopes[len(d.scopes)-1].set != b.Set {
		return
	}
	d.find(AttrSize, d.parent, off, n, uint64(n), uint64(want))
}

// structValue decodes a payload that is one struct.
func (d *Dissector) structValue(t *families.Type, off, end int) {
	n, s := end-off, t.Struct
	switch {
	case n < s.Min:
		d.find(StructShort, d.parent, off, n, uint64(n), uint64(s.Min))
	case n > s.Size && !s.Flex && n > align4(s.Size):
		d.find(StructLong, d.parent, off+s.Size, n-s.Size, uint64(n-s.Size), 0)
	}
	if n > 0 {
		d.members(s, off, end)
	}
}

// SMCOverIPv4 says whether an address in a struct inet_diag_sockid is that of an
// SMC socket over IPv4. The message has AF_SMC in either case; of an IPv4 address
// the kernel leaves the other 12 bytes zero (smc_diag_msg_common_fill in
// net/smc/smc_diag.c), and no IPv6 address looks like that but ::.
func SMCOverIPv4(af uint8, p []byte) bool {
	const afSMC = 43
	return af == afSMC && len(p) == 16 && allZero(p[4:]) && !allZero(p[:4])
}
