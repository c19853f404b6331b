package encode

import (
	"bytes"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// FuzzEncode: whatever JSON it is given, the encoder makes an error or a message
// whose length is in its header.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{
		`{"protocol":"NETLINK_ROUTE","nlmsg":{"type":"RTM_NEWLINK","flags":["REQUEST"]},"header":{"ifi_index":2},"attrs":{"IFLA_IFNAME":"a","IFLA_LINKINFO":{"IFLA_INFO_KIND":"vxlan","IFLA_INFO_DATA":{"IFLA_VXLAN_ID":7}}}}`,
		`{"protocol":"NETLINK_NETFILTER","nlmsg":{"type":"NFT_MSG_NEWSETELEM"},"attrs":{"NFTA_SET_ELEM_LIST_ELEMENTS":[{"NFTA_SET_ELEM_KEY":{"NFTA_DATA_VALUE":[{"string":"192.0.2.1"},{"number":80}]}}]}}`,
		`{"protocol":"NETLINK_GENERIC","nlmsg":{"type":"nl80211","type_id":30},"genl":{"family":"nl80211","cmd":"NL80211_CMD_TRIGGER_SCAN"},"attrs":{"NL80211_ATTR_IE":{"WLAN_EID_SSID":"x"},"raw":{"NL80211_ATTR_WIPHY":["0102"]}}}`,
		`{"protocol":"NETLINK_ROUTE","nlmsg":{"type":"RTM_NEWTFILTER"},"header":{"tcm_info":{"prio":1,"protocol":"ETH_P_IP"}},"attrs":{"TCA_KIND":"u32","TCA_OPTIONS":{"TCA_U32_SEL":{"nkeys":1,"keys":[{"off":12}]}}}}`,
		`{"protocol":"NETLINK_AUDIT","nlmsg":{"type":"AUDIT_ADD_RULE"},"attrs":{"field_count":1,"fields":["AUDIT_PID"],"values":[1],"buflen":0,"buf":[]}}`,
	} {
		f.Add([]byte(s))
	}
	enc := New(families.Embedded())
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := Parse(bytes.NewReader(text))
		if err != nil {
			return
		}
		for _, v := range list {
			m, err := enc.Encode(v, Options{Whole: len(text)%2 == 0, Big: len(text)%3 == 0})
			if err != nil || v.Get("nodes") != nil || v.Get("nlmsg") == nil {
				continue
			}
			if n := dissect.Uint(m.Data[:4], m.Big); int(n) != len(m.Data) {
				t.Fatalf("nlmsg_len is %d of %d bytes", n, len(m.Data))
			}
		}
	})
}

// FuzzNodes: what the dissector makes of any bytes is encoded to these bytes.
func FuzzNodes(f *testing.F) {
	for _, name := range []string{"route_links", "tc_more", "nft_all", "wifi", "xfrm"} {
		for i, fr := range pcaptest.Frames(f, name) {
			if i%40 == 0 && len(fr.Data) > cookedLen {
				f.Add(fr.Data[15], fr.Data[cookedLen:])
			}
		}
	}
	db := families.Embedded()
	d, enc := dissect.New(db), New(db)
	p := render.NewJSON(render.Options{ShowSecrets: true, Full: true}, false)
	f.Fuzz(func(t *testing.T, proto uint8, data []byte) {
		frame := append(make([]byte, cookedLen), data...)
		frame[2], frame[3], frame[15] = 3, 0x38, proto
		tree := d.Frame(&dissect.Input{Number: 1, Data: frame, OrigLen: len(frame), IDs: &families.Registry{}, Links: &dissect.Links{}, Sets: &dissect.Sets{}})
		list := printed(p, tree)
		no := -1
		for m := range tree.Own() {
			no++
			n := &tree.Nodes[m.Node]
			end := uint64(n.Off + n.Len)
			if !m.Datagram && m.Len >= hdrLen {
				end = min(end, uint64(m.Off)+uint64(m.Len))
			}
			got, err := enc.Encode(list[no], Options{})
			if err != nil {
				t.Fatalf("message %d: %v", no, err)
			}
			if want := frame[m.Off:end]; !bytes.HasPrefix(got.Data, want) {
				t.Fatalf("message %d\n got %x\nwant %x", no, got.Data, want)
			}
		}
	})
}
