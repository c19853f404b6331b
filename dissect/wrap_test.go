package dissect_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/invariant"
)

// nest is an attribute whose length is written as the kernel does: its lower 16
// bits.
func nest(typ uint16, payload ...[]byte) []byte {
	return pad(le.rawAttr(4+len(cat(payload...)), typ, payload...))
}

// TestWrapped: a nest of more than 64 KiB says less than it has.
func TestWrapped(t *testing.T) {
	const (
		newlink, ifname, mtu, vfinfo, carrier = 16, 3, 4, 22, 33
		multi                                 = 2
	)
	head := make([]byte, 16) // ifinfomsg
	name, rest := le.attr(ifname, str("ens1f0")), cat(le.attr(mtu, le.u32(1500)), le.attr(carrier, []byte{1}))
	vf := func(i int) []byte {
		return nest(1, le.attr(1, le.u32(uint32(i)), make([]byte, 32)), le.attr(2, le.u32(uint32(i)), make([]byte, 8)))
	}
	aligned := func(n int) []byte { // 64 bytes each, so that 64 KiB are a number of them
		var out []byte
		for i := range n {
			out = append(out, nest(1, le.attr(1, le.u32(uint32(i)), make([]byte, 32)), le.attr(6, le.u32(uint32(i)), make([]byte, 8)), nest(8))...)
		}
		return out
	}
	vfs := func(n int) []byte {
		var out []byte
		for i := range n {
			out = append(out, vf(i)...)
		}
		return out
	}
	link := func(flags uint16, parts ...[]byte) []byte {
		return le.msg(hdr{typ: newlink, flags: flags, seq: 1, portid: 7}, head, cat(parts...))
	}
	strings := func(n int) []byte {
		var all []byte
		for i := range n {
			all = append(all, nest(1, le.attr(1, le.u32(uint32(i))), le.attr(2, str(fmt.Sprintf("rx_queue_%d_packets_of_all", i))))...)
		}
		return all
	}
	set := func(id uint32, n int) []byte {
		return nest(1, le.attr(1, le.u32(id)), le.attr(2, le.u32(uint32(n))), nest(3, strings(n)))
	}
	strset := func(sets ...[]byte) []byte {
		return le.msg(hdr{typ: 22, seq: 1, portid: 7}, genl(1, 1), nest(1, le.attr(2, str("ens1f0"))), nest(2, sets...))
	}
	size := len(vf(0)) // 60
	for _, c := range []struct {
		name  string
		proto byte
		msg   []byte
		want  int // nests that wrapped
		bad   int // of other findings, at most
	}{
		{"300 KiB of virtual functions", 0, link(multi, name, nest(vfinfo, vfs(300<<10/size)), rest), 1, 0},
		{"just above 64 KiB", 0, link(0, name, nest(vfinfo, vfs(65536/size+1)), rest), 1, 0},
		{"just below", 0, link(0, name, nest(vfinfo, vfs(65535/size)), rest), 0, 0},
		{"last in its message", 0, link(0, name, rest, nest(vfinfo, vfs(2000))), 1, 0},
		{"an end between elements", 0, link(0, name, nest(vfinfo, aligned(1034)), rest), 1, 0},
		{"an end between elements, twice around", 0, link(0, name, nest(vfinfo, aligned(2049)), rest), 1, 0},
		{"a length of nothing", 0, link(0, name, nest(vfinfo, aligned(1023), vf(0)), rest), 1, 0},
		{"a length of a header", 0, link(0, name, nest(vfinfo, aligned(1024)), rest), 1, 0},
		{"asked, not answered", 0, link(5, name, nest(vfinfo, vfs(2000)), rest), 0, 1 << 20},
		{"zeros behind a nest", 0, link(0, name, nest(vfinfo, vfs(3)), make([]byte, 1<<17)), 0, 1 << 20},
		{"ones behind a nest", 0, link(0, name, nest(vfinfo, vfs(3)), bytes.Repeat([]byte{1, 0, 1, 0}, 1<<15)), 0, 1 << 20},
		{"elements that end elsewhere", 0, link(0, name, le.rawAttr(4+100, vfinfo, vfs(2000)), rest), 0, 1 << 20},
		{"described siblings", 0, link(0, name, nest(vfinfo, vfs(3)), rest, le.attr(7, make([]byte, 60000)), le.attr(23, make([]byte, 60000))), 0, 99},
		{"strings", 16, strset(set(1, 2000)), 3, 0},
		{"strings of two kinds", 16, strset(set(0, 40), set(1, 2000), set(2, 3000)), 5, 0},
		{"short strings of two kinds", 16, strset(set(0, 900), set(1, 900)), 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := frame(c.proto, c.msg)
			ids := &families.Registry{}
			ids.Learn(1, 22, "ethtool")
			in.IDs = ids
			if c.msg[4] == newlink {
				in.Data[15] = 0
			}
			d := dissect.New(families.Embedded())
			tree := d.Frame(in)
			if err := invariant.Check(tree); err != nil {
				t.Fatal(err)
			}
			got, other := 0, 0
			for _, f := range tree.Findings {
				if f.Code == dissect.AttrLenWrapped {
					got++
				} else {
					other++
				}
			}
			if got != c.want || other > c.bad {
				t.Errorf("%d wrapped, %d other findings; want %d and at most %d", got, other, c.want, c.bad)
				for i, f := range tree.Findings {
					if i < 5 {
						t.Logf("%s at %d: %s", f.Name(), f.Off, f.AppendText(nil))
					}
				}
			}
		})
	}
}
