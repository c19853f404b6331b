package layers_test

import (
	"encoding/binary"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/gopacket"
	gplayers "github.com/google/gopacket/layers"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/dissect/layers"
)

// setMTU is RTM_NEWLINK with an interface index, a name and an MTU.
func setMTU(order binary.AppendByteOrder) []byte {
	b := []byte{0, 4, 0x03, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	b = order.AppendUint32(b, 16+16+12+8)
	b = order.AppendUint16(b, 16)  // RTM_NEWLINK
	b = order.AppendUint16(b, 0x5) // REQUEST, ACK
	b = order.AppendUint32(b, 7)
	b = order.AppendUint32(b, 1234)
	b = append(b, make([]byte, 4)...)
	b = order.AppendUint32(b, 3) // ifi_index
	b = append(b, make([]byte, 8)...)
	b = order.AppendUint16(b, 4+7)
	b = order.AppendUint16(b, 3)          // IFLA_IFNAME
	b = append(b, "e\x1b[2J0\x00\x00"...) // the second is padding
	b = order.AppendUint16(b, 8)
	b = order.AppendUint16(b, 4) // IFLA_MTU
	return order.AppendUint32(b, 9000)
}

func TestRegistered(t *testing.T) {
	if s := gplayers.LinkType(253).String(); s != "Netlink" {
		t.Errorf("link type 253 is called %q", s)
	}
	if lt := layers.LinkTypeNetlink.LayerType(); lt != layers.LayerTypeNetlink || lt.String() != "Netlink" {
		t.Errorf("link type 253 has the layer type %v", lt)
	}
	if gopacket.DecodersByLayerName["Netlink"] == nil {
		t.Error("no decoder is called Netlink")
	}
}

func TestNewPacket(t *testing.T) {
	for name, order := range map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian} {
		for _, opt := range []gopacket.DecodeOptions{gopacket.Default, gopacket.Lazy, gopacket.NoCopy, gopacket.DecodeStreamsAsDatagrams} {
			data := setMTU(order)
			p := gopacket.NewPacket(data, gplayers.LinkType(253), opt)
			n := netlink(t, p)
			if n.BigEndian != (name == "big") || n.Protocol != 0 || n.Protocol.String() != "NETLINK_ROUTE" ||
				n.PacketType != gplayers.LinuxSLLPacketTypeOutgoing || n.HardwareType != 824 {
				t.Errorf("%s %+v: header of %+v", name, opt, n)
			}
			if len(n.LayerContents()) != len(data) || len(n.LayerPayload()) != 0 || len(p.Layers()) != 1 || p.Metadata().Truncated {
				t.Errorf("%s %+v: %d bytes, %d of payload, %d layers", name, opt, len(n.LayerContents()), len(n.LayerPayload()), len(p.Layers()))
			}
			if same := &n.LayerContents()[0] == &data[0]; same != opt.NoCopy {
				t.Errorf("%s %+v: shares the caller's bytes: %v", name, opt, same)
			}
			if f := p.LinkLayer().LinkFlow().String(); f != "1234->kernel" {
				t.Errorf("%s: flow %s", name, f)
			}
			message(t, n)
		}
	}
}

func message(t *testing.T, n *layers.Netlink) {
	t.Helper()
	if len(n.Messages) != 1 {
		t.Fatalf("%d messages", len(n.Messages))
	}
	m := &n.Messages[0]
	if m.Name() != "RTM_NEWLINK" || m.Type != 16 || m.Seq != 7 || m.PortID != 1234 || m.Family != "rt-link" || m.Direction != dissect.DirToKernel {
		t.Errorf("message %+v", m)
	}
	if got := m.FlagNames(); !reflect.DeepEqual(got, []string{"NLM_F_REQUEST", "NLM_F_ACK"}) {
		t.Errorf("flags %v", got)
	}
	mtu := m.Attr("IFLA_MTU")
	if mtu.Uint() != 9000 || mtu.Int() != 9000 || mtu.Type() != 4 || len(mtu.Bytes()) != 4 || mtu.String() != "9000" || mtu.Name() != "IFLA_MTU" {
		t.Errorf("IFLA_MTU %d %q %x", mtu.Uint(), mtu, mtu.Bytes())
	}
	if m.Attr("mtu") != mtu {
		t.Error("the YNL name finds something else")
	}
	if v := m.Header("ifi_index"); v.Uint() != 3 || v.Name() != "ifi_index" {
		t.Errorf("ifi_index %d", v.Uint())
	}
	name := m.Attr("IFLA_IFNAME")
	if name.Text() != "e\x1b[2J0" || name.String() != `"e\x1b[2J0"` {
		t.Errorf("IFLA_IFNAME %q %q", name.Text(), name.String())
	}
	if s := n.String() + m.String() + gopacket.LayerString(n); strings.Contains(s, "\x1b") || !strings.Contains(s, "RTM_NEWLINK") {
		t.Errorf("shown as %q", s)
	}
	none := m.Attr("IFLA_LINKINFO/IFLA_INFO_KIND")
	if none.Exists() || none.Text() != "" || none.Uint() != 0 || none.Bytes() != nil || none.String() != "" || none.Attr("x").Exists() {
		t.Error("an attribute that is not there says something")
	}
	var names []string
	for a := range m.Attrs() {
		names = append(names, a.Name())
	}
	if !reflect.DeepEqual(names, []string{"IFLA_IFNAME", "IFLA_MTU"}) {
		t.Errorf("attributes %v", names)
	}
}

func TestTooShort(t *testing.T) {
	p := gopacket.NewPacket(make([]byte, 15), layers.LinkTypeNetlink, gopacket.Default)
	if p.ErrorLayer() == nil || !p.Metadata().Truncated {
		t.Errorf("15 bytes make %v", p)
	}
}

func TestCutPacket(t *testing.T) {
	data := setMTU(binary.LittleEndian)
	p := gopacket.NewPacket(data[:len(data)-6], layers.LinkTypeNetlink, gopacket.Default)
	n := netlink(t, p)
	if !p.Metadata().Truncated || len(n.Findings()) == 0 || n.Messages[0].Attr("IFLA_IFNAME").Text() == "" {
		t.Errorf("findings %v of %v", n.Findings(), p)
	}
	if f := n.Findings()[0]; f.Code != "msg.past_end" || f.Severity != dissect.Error || f.Offset != 16 || f.Text == "" {
		t.Errorf("finding %+v", f)
	}
}

// TestDecodingLayer uses one layer for every packet.
func TestDecodingLayer(t *testing.T) {
	var n layers.Netlink
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeNetlink, &n)
	var got []gopacket.LayerType
	for _, name := range []string{"route_links.pcap", "wireguard.pcap"} {
		n.Session = layers.NewSession()
		generic, named := 0, 0
		for i, data := range packets(t, name) {
			if err := parser.DecodeLayers(data, &got); err != nil || len(got) != 1 {
				t.Fatalf("%s: frame %d: %v %v", name, i+1, got, err)
			}
			for _, m := range n.Messages {
				if m.Generic {
					generic++
					if m.CommandName != "" {
						named++
					}
				}
			}
		}
		if generic != named {
			t.Errorf("%s: %d of %d generic messages have a name", name, named, generic)
		}
	}
}

// TestOwn keeps all layers of a capture and compares them with fresh ones: what
// belongs to a reused dissector must not show through.
func TestOwn(t *testing.T) {
	for _, name := range []string{"route_addrs.pcap", "genl_misc.pcap"} {
		s := layers.NewSession()
		list := all(t, s.PacketSource(open(t, name)))
		again := all(t, layers.NewSession().PacketSource(open(t, name)))
		for i := range list {
			a, b := netlink(t, list[i]), netlink(t, again[i])
			if a.String() != b.String() {
				t.Fatalf("%s: packet %d: %s\nand then %s", name, i+1, a, b)
			}
			ta, tb := a.Tree(), b.Tree()
			if len(ta.Nodes) != len(tb.Nodes) || !slices.Equal(ta.Findings, tb.Findings) {
				t.Fatalf("%s: packet %d differs", name, i+1)
			}
			for k := range ta.Msgs {
				x, y := &ta.Msgs[k], &tb.Msgs[k]
				if len(x.ExtAck.Path) != len(y.ExtAck.Path) || len(x.ExtAck.Path) > 0 && x.ExtAck.Path[0].ID != y.ExtAck.Path[0].ID {
					t.Fatalf("%s: packet %d: path %v and %v", name, i+1, x.ExtAck.Path, y.ExtAck.Path)
				}
			}
		}
	}
}

// TestFlat has the layers of all captures answer everything.
func TestFlat(t *testing.T) {
	for _, name := range []string{"route_links.pcap", "tc_all.pcap", "wifi.pcap", "userspace_peer.pcap"} {
		for _, p := range all(t, layers.NewSession().PacketSource(open(t, name))) {
			n := netlink(t, p)
			for i := range n.Messages {
				m := &n.Messages[i]
				for a := range m.Attrs() {
					if !a.Exists() || a.Name() == "" {
						t.Fatalf("%s: %v has an attribute without a name", name, m)
					}
					if got := m.Attr(a.Name()); !got.Exists() || got.Type() != a.Type() {
						t.Fatalf("%s: %v: %s is found as %v", name, m, a.Name(), got)
					}
					if s := a.String(); strings.ContainsAny(s, "\x00\x1b\n") {
						t.Fatalf("%s: %q", name, s)
					}
				}
				if m.HasErrno && m.Errno != 0 && m.Request == nil && m.Type == 2 {
					t.Errorf("%s: %v answers nothing", name, m)
				}
			}
		}
	}
}
