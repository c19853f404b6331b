package encode

import (
	"bytes"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// TestOrder: what was captured on a machine of the other byte order is made for
// this one, its nodes notwithstanding, and says the same.
func TestOrder(t *testing.T) {
	db := families.Embedded()
	enc, d := New(db), dissect.New(db)
	list, err := Parse(strings.NewReader(`{"protocol":"NETLINK_ROUTE","direction":"to_kernel","nlmsg":{"type":"RTM_NEWLINK","flags":["REQUEST","ACK"],"seq":77},
		"header":{"ifi_index":2},"attrs":{"IFLA_IFNAME":"d0","IFLA_MTU":1400,"IFLA_LINKINFO":{"IFLA_INFO_KIND":"vxlan","IFLA_INFO_DATA":{"IFLA_VXLAN_ID":7,"IFLA_VXLAN_PORT":4789}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	made := map[bool]*Message{}
	for _, big := range []bool{false, true} {
		if made[big], err = enc.Encode(list[0], Options{Big: big}); err != nil {
			t.Fatal(err)
		}
	}
	if bytes.Equal(made[false].Data, made[true].Data) {
		t.Fatal("both byte orders are the same")
	}
	p := render.NewJSON(render.Options{Full: true}, false)
	for _, from := range []bool{false, true} {
		frame := append(make([]byte, cookedLen), made[from].Data...)
		frame[2], frame[3] = 3, 0x38
		tree := d.Frame(&dissect.Input{Number: 1, Data: frame, OrigLen: len(frame), Dir: dissect.DirToKernel, Big: from,
			IDs: &families.Registry{}, Links: &dissect.Links{}, Sets: &dissect.Sets{}})
		full := printed(p, tree)
		for _, to := range []bool{false, true} {
			got, err := enc.Encode(full[0], Options{Big: to})
			if err != nil || !bytes.Equal(got.Data, made[to].Data) || got.Big != to {
				t.Errorf("from big=%t to big=%t: %v\n got %s\nwant %x", from, to, err, dump(got), made[to].Data)
			}
		}
	}
}
