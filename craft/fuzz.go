package craft

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Variant is a request that differs from another in one place.
type Variant struct {
	What string // IFLA_MTU = 0xffffffff
	Data []byte
}

// Fuzz varies a request n times: integers at the edges of their type, of what the
// description and the running kernel's policy allow, texts and bytes at the edges
// of their lengths, attributes left out and there twice, flags turned. The same
// seed makes the same variants. pol may be nil.
func Fuzz(db *families.DB, pol *families.Family, m *encode.Message, seed uint64, n int) []Variant {
	f := &fuzzer{m: m, tree: decode(dissect.New(db), m), rnd: rand.New(rand.NewPCG(seed, seed)), bounds: map[uint32]*families.Type{}}
	if pol != nil && pol.Genl == m.Genl {
		known := families.Embedded()
		known.Add(pol, false)
		t := decode(dissect.New(known), m)
		for i := range t.Nodes {
			if x := &t.Nodes[i]; x.Kind == dissect.KindAttr && x.Field != nil {
				f.bounds[x.Off] = &x.Field.Type
			}
		}
	}
	f.spots()
	if len(f.can) == 0 {
		return nil
	}
	seen := map[string]bool{string(m.Data): true}
	var out []Variant
	for try := 0; len(out) < n && try < 50*n+500; try++ {
		v := f.can[f.rnd.IntN(len(f.can))]()
		if v.Data == nil || seen[string(v.Data)] && try < 25*n {
			continue
		}
		seen[string(v.Data)] = true
		out = append(out, v)
	}
	return out
}

// fuzzer knows where a request can vary.
type fuzzer struct {
	m      *encode.Message
	tree   *dissect.Tree
	rnd    *rand.Rand
	bounds map[uint32]*families.Type // what the kernel's policy says, by the attribute's offset
	can    []func() Variant
}

func (f *fuzzer) spots() {
	for i := range f.tree.Nodes {
		row, n := int32(i), &f.tree.Nodes[i]
		if n.Off < cookedLen+hdrLen {
			continue
		}
		switch {
		case n.Kind == dissect.KindAttr:
			f.can = append(f.can, func() Variant { return f.attribute(row) })
		case (n.Kind == dissect.KindMember || n.Kind == dissect.KindValue) && n.Type != nil && integer(n.Type) && n.Len > 0 && n.Len <= 8:
			// Twice: values are where most of a kernel's checks are.
			f.can = append(f.can, func() Variant { return f.number(row) }, func() Variant { return f.number(row) })
		case n.Kind == dissect.KindValue:
			f.can = append(f.can, func() Variant { return f.length(row) })
		}
	}
}

const hdrLen = 16 // struct nlmsghdr

func integer(t *families.Type) bool {
	return t.Kind == families.KindUint || t.Kind == families.KindSint
}

// name is the path of a row.
func (f *fuzzer) name(row int32) string {
	var names []string
	for i := row; i >= 0; i = f.tree.Nodes[i].Parent {
		n := &f.tree.Nodes[i]
		switch {
		case n.Kind == dissect.KindValue:
		case n.Field != nil && n.Kind != dissect.KindElem:
			names = append([]string{n.Field.Name}, names...)
		case n.Kind == dissect.KindAttr || n.Kind == dissect.KindElem:
			names = append([]string{fmt.Sprint(n.ID)}, names...)
		}
	}
	return strings.Join(names, "/")
}

// number puts another value into an integer.
func (f *fuzzer) number(row int32) Variant {
	n := &f.tree.Nodes[row]
	bits := 8 * n.Len
	top := uint64(math.MaxUint64) >> (64 - bits)
	list := []uint64{0, 1, 2, top, top - 1, top >> 1, top>>1 + 1, f.tree.Uint(n) + 1, f.tree.Uint(n) - 1, f.rnd.Uint64()}
	types := []*families.Type{n.Type}
	if p := n.Parent; p >= 0 && f.bounds[f.tree.Nodes[p].Off] != nil {
		types = append(types, f.bounds[f.tree.Nodes[p].Off])
	}
	for _, t := range types {
		if t.HasMin {
			list = append(list, uint64(t.Min), uint64(t.Min)-1, uint64(t.Min)-1)
		}
		if t.HasMax {
			list = append(list, uint64(t.Max), uint64(t.Max)+1, uint64(t.Max)+1)
		}
		if t.Enum != nil && t.Enum.Kind == families.EnumFlags {
			list = append(list, t.Enum.Known(), ^t.Enum.Known(), uint64(1)<<f.rnd.IntN(int(bits)))
		} else if t.Enum != nil {
			for range 3 {
				v := t.Enum.Entries[f.rnd.IntN(len(t.Enum.Entries))].Value
				list = append(list, v, v+1)
			}
		}
	}
	v := list[f.rnd.IntN(len(list))] & top
	data := append([]byte(nil), f.m.Data...)
	b := data[n.Off-cookedLen:][:n.Len]
	for i := range b {
		shift := 8 * i
		if n.Big {
			shift = 8 * (len(b) - 1 - i)
		}
		b[i] = byte(v >> shift)
	}
	return Variant{fmt.Sprintf("%s = %#x", f.name(row), v), data}
}

// length gives a text or bytes another length.
func (f *fuzzer) length(row int32) Variant {
	n := &f.tree.Nodes[row]
	attr := n.Parent
	if attr < 0 || f.tree.Nodes[attr].Kind != dissect.KindAttr {
		return Variant{}
	}
	from, to := f.tree.Payload(attr)
	if from != row || to != row+1 {
		return Variant{}
	}
	old := f.tree.Bytes(n)
	sizes := []int{0, 1, len(old) - 1, len(old) + 1, 2 * len(old), 255, 256}
	for _, t := range []*families.Type{&f.tree.Nodes[attr].Field.Type, f.bounds[f.tree.Nodes[attr].Off]} {
		if t == nil {
			continue
		}
		if t.MaxLen > 0 {
			sizes = append(sizes, t.MaxLen, t.MaxLen+1, t.MaxLen-1)
		}
		if t.MinLen > 0 {
			sizes = append(sizes, t.MinLen, t.MinLen-1)
		}
		if t.Size > 0 {
			sizes = append(sizes, t.Size, t.Size-1, t.Size+1)
		}
	}
	size := max(sizes[f.rnd.IntN(len(sizes))], 0)
	b := make([]byte, size)
	for i := range b {
		if len(old) > 0 && old[0] != 0 {
			b[i] = 'a' + byte(i%26)
		}
	}
	copy(b, old[:min(len(old), size)])
	what := fmt.Sprintf("%s of %s", f.name(row), phrase.Count(size, "byte"))
	if f.rnd.IntN(2) == 0 && size > 0 && n.Type.Kind == families.KindString {
		b[size-1] = 0
		what += " with its NUL"
	}
	return Variant{what, f.replace(attr, [][]byte{b})}
}

// attribute leaves an attribute out, has it twice, turns its flags, or changes
// its type.
func (f *fuzzer) attribute(row int32) Variant {
	n := &f.tree.Nodes[row]
	payload := f.m.Data[n.Off-cookedLen+4:][:max(int(dissect.Uint(f.tree.Data[n.Off:n.Off+2], f.tree.Big))-4, 0)]
	at := n.Off - cookedLen
	data := append([]byte(nil), f.m.Data...)
	switch f.rnd.IntN(5) {
	case 0:
		return Variant{f.name(row) + " left out", f.replace(row, nil)}
	case 1:
		return Variant{f.name(row) + " twice", f.replace(row, [][]byte{payload, payload})}
	case 2:
		f.flip(data[at+2:at+4], 0x8000)
		return Variant{f.name(row) + " with NLA_F_NESTED turned", data}
	case 3:
		return Variant{f.name(row) + " empty", f.replace(row, [][]byte{{}})}
	}
	v := dissect.Uint(data[at:at+2], f.tree.Big)
	v += []uint64{1, 4, math.MaxUint16}[f.rnd.IntN(3)]
	f.put(data[at:at+2], v)
	return Variant{fmt.Sprintf("%s with nla_len %d", f.name(row), v&0xffff), data}
}

func (f *fuzzer) flip(b []byte, bit uint64) { f.put(b, dissect.Uint(b, f.tree.Big)^bit) }

func (f *fuzzer) put(b []byte, v uint64) {
	for i := range b {
		shift := 8 * i
		if f.tree.Big {
			shift = 8 * (len(b) - 1 - i)
		}
		b[i] = byte(v >> shift)
	}
}

// replace puts attributes with other payloads in the place of one, and makes the
// lengths around it true.
func (f *fuzzer) replace(row int32, payloads [][]byte) []byte {
	n := &f.tree.Nodes[row]
	at := int(n.Off) - cookedLen
	data := append([]byte(nil), f.m.Data[:at]...)
	for _, p := range payloads {
		head := append([]byte(nil), f.m.Data[at:at+4]...)
		f.put(head[:2], uint64(4+len(p)))
		data = append(append(data, head...), p...)
		for len(data)%4 != 0 {
			data = append(data, 0)
		}
	}
	rest := min(at+int(n.Len), len(f.m.Data))
	data = append(data, f.m.Data[rest:]...)
	grown := len(data) - len(f.m.Data)
	for i := n.Parent; i >= 0; i = f.tree.Nodes[i].Parent {
		p := &f.tree.Nodes[i]
		if p.Kind != dissect.KindAttr && p.Kind != dissect.KindElem {
			continue
		}
		off := int(p.Off) - cookedLen
		v := int(dissect.Uint(data[off:off+2], f.tree.Big)) + grown
		if p.Kind == dissect.KindElem && f.tree.Nodes[i+1].Kind != dissect.KindLen {
			continue
		}
		if v < 4 || v > math.MaxUint16 {
			return nil
		}
		f.put(data[off:off+2], uint64(v))
	}
	f.put(data[:4], uint64(len(data)))
	return data
}
