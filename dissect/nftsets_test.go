package dissect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// nftSet is the NEWSET of a table t.
type nftSet struct {
	name      string
	flags, id uint32
	key, data uint32
	pieces    []uint32 // the lengths of the key's parts
}

func (s nftSet) msg(flags uint16) []byte {
	attrs := [][]byte{{2, 0, 0, 0}, le.attr(1, str("t")), le.attr(2, str(s.name)), le.attr(3, be.u32(s.flags)),
		le.attr(4, be.u32(s.key)), le.attr(10, be.u32(s.id))}
	if s.data != 0 {
		attrs = append(attrs, le.attr(6, be.u32(s.data)))
	}
	var concat []byte
	for _, n := range s.pieces {
		concat = append(concat, le.attr(1|0x8000, le.attr(1, be.u32(n)))...)
	}
	if concat != nil {
		attrs = append(attrs, le.attr(9|0x8000, le.attr(2|0x8000, concat)))
	}
	return le.msg(hdr{typ: 10<<8 | 9, flags: flags}, attrs...)
}

// nftElem is a NEWSETELEM with one element of that set.
func (s nftSet) elem(key, data []byte) []byte {
	e := le.attr(1|0x8000, le.attr(1, key))
	if data != nil {
		e = append(e, le.attr(2|0x8000, le.attr(1, data))...)
	}
	return le.msg(hdr{typ: 10<<8 | 12, flags: 1}, []byte{2, 0, 0, 0}, le.attr(1, str("t")), le.attr(2, str(s.name)),
		le.attr(4, be.u32(s.id)), le.attr(3|0x8000, le.attr(1|0x8000, e)))
}

// setValues lists what the values of the elements are read as.
func setValues(t *dissect.Tree) string {
	var out []string
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if n.Field != nil && n.Field.Name == "NFTA_DATA_VALUE" && n.Kind.Leaf() {
			order := ""
			if n.Big && n.Type.Order == families.OrderHost && n.Type.Kind == families.KindUint {
				order = "swapped "
			}
			out = append(out, fmt.Sprintf("%s%v:%x", order, n.Type, t.Bytes(n)))
		}
	}
	return strings.Join(out, " ")
}

func TestSetElements(t *testing.T) {
	const (
		ipaddr, proto, service, mark, ifname = 7, 12, 13, 19, 41
		interval                             = 4
	)
	db := families.Embedded()
	ip := []byte{10, 0, 0, 1}
	for _, c := range []struct {
		what      string
		set       nftSet
		key, data []byte
		want      string
	}{
		{"an address", nftSet{name: "s", key: ipaddr}, ip, nil, "binary[4] ipv4:0a000001"},
		{"a mark", nftSet{name: "s", key: mark}, le.u32(5), nil, "u32 hex:05000000"},
		{"marks from one to another", nftSet{name: "s", key: mark, flags: interval}, be.u32(5), nil, "swapped u32 hex:00000005"},
		{"a map", nftSet{name: "s", key: service, data: ipaddr}, []byte{0, 80}, ip, "be16 port:0050 binary[4] ipv4:0a000001"},
		{"a concatenation", nftSet{name: "s", key: ipaddr<<6 | service, pieces: []uint32{4, 2}}, cat(ip, []byte{0, 80, 0, 0}), nil,
			"binary[4] ipv4:0a000001 be16 port:0050"},
		{"one whose parts have the lengths of their types", nftSet{name: "s", key: ipaddr<<12 | proto<<6 | service},
			cat(ip, []byte{6, 0, 0, 0}, []byte{0, 80, 0, 0}), nil, "binary[4] ipv4:0a000001 u8 ipproto:06 be16 port:0050"},
		{"in a map", nftSet{name: "s", key: mark, data: ipaddr<<6 | service}, le.u32(1), cat(ip, []byte{0, 80, 0, 0}),
			"u32 hex:01000000 binary[4] ipv4:0a000001 be16 port:0050"},
		{"a name", nftSet{name: "s", key: ifname}, append([]byte("lo"), make([]byte, 14)...), nil,
			"string[16]:6c6f0000000000000000000000000000"},
		{"one of another length", nftSet{name: "s", key: ipaddr}, []byte{1, 2, 3}, nil, "binary hex:010203"},
		{"a part too few", nftSet{name: "s", key: ipaddr<<6 | service, pieces: []uint32{4, 2}}, ip, nil, "binary hex:0a000001"},
		{"parts that do not fit", nftSet{name: "s", key: ipaddr<<6 | service, pieces: []uint32{4}}, cat(ip, ip), nil,
			"binary hex:0a0000010a000001"},
		{"a verdict as a key", nftSet{name: "s", key: 0xffffff00}, ip, nil, "binary hex:0a000001"},
	} {
		for _, flags := range []uint16{0, 1} { // what the kernel says, and what it is told
			s := dissect.NewSession(dissect.OrderAuto)
			in := tell(s, families.ProtoNetfilter, c.set.msg(flags), c.set.elem(c.key, c.data))
			if got := setValues(dissect.New(db).Frame(in[1])); got != c.want {
				t.Errorf("%s: %s, want %s", c.what, got, c.want)
			}
		}
	}
}

// TestSetNames: what a name stands for depends on the table and the time, and
// of anonymous sets on the id within the transaction.
func TestSetNames(t *testing.T) {
	db := families.Embedded()
	key := []byte{10, 0, 0, 1}
	one, two := nftSet{name: "__set%d", key: 7, id: 1}, nftSet{name: "__set%d", key: 19, id: 2}
	s := dissect.NewSession(dissect.OrderAuto)
	named := nftSet{name: "s", key: 7}
	in := tell(s, families.ProtoNetfilter,
		named.elem(key, nil),
		cat(one.msg(1), two.msg(1), one.elem(key, nil), two.elem(key, nil)),
		named.msg(0),
		named.elem(key, nil),
		nftSet{name: "s", key: 19}.msg(0),
		named.elem(key, nil),
		nftSet{name: "other"}.elem(key, nil),
	)
	d := dissect.New(db)
	for i, want := range map[int]string{
		0: "binary hex:0a000001", 1: "binary[4] ipv4:0a000001 u32 hex:0a000001", 3: "binary[4] ipv4:0a000001", 5: "u32 hex:0a000001",
		6: "binary hex:0a000001",
	} {
		if got := setValues(d.Frame(in[i])); got != want {
			t.Errorf("frame %d: %s, want %s", i+1, got, want)
		}
	}
	s.Complete()
	if got := setValues(d.Frame(in[0])); got != "binary[4] ipv4:0a000001" {
		t.Errorf("with the whole capture seen: %s", got)
	}
}

// TestFormatOfAFormat: what a match of x_tables holds depends on its name, and
// then on its revision.
func TestFormatOfAFormat(t *testing.T) {
	d := dissect.New(families.Embedded())
	for rev, want := range map[uint32]string{0: "xt_addrtype_info", 1: "xt_addrtype_info_v1"} {
		match := cat(le.attr(1, str("addrtype")), le.attr(2, be.u32(rev)), le.attr(3, make([]byte, 16)))
		expr := le.attr(1|0x8000, le.attr(1, str("match")), le.attr(2|0x8000, match))
		tree := d.Frame(frame(families.ProtoNetfilter, le.msg(hdr{typ: 10<<8 | 6, flags: 1}, []byte{2, 0, 0, 0}, le.attr(4|0x8000, expr))))
		got := ""
		for i := range tree.Nodes {
			if n := &tree.Nodes[i]; n.Field != nil && n.Field.Name == "NFTA_MATCH_INFO" && n.Kind == dissect.KindAttr {
				got = n.Type.Struct.Name
			}
		}
		if got != want || len(tree.Findings) > 0 {
			t.Errorf("revision %d: %q, %d findings, want %s", rev, got, len(tree.Findings), want)
		}
	}
}
