package layers

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/google/gopacket"
	gplayers "github.com/google/gopacket/layers"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// Message and Value are those of package dissect.
type (
	Message = dissect.Message
	Value   = dissect.Value
)

// Protocol is a netlink protocol, such as NETLINK_ROUTE.
type Protocol uint8

// String returns the uapi name, or NETLINK_ and the number.
func (p Protocol) String() string {
	if s := families.ProtocolName(uint8(p)); s != "" {
		return s
	}
	return "NETLINK_" + strconv.Itoa(int(p))
}

// Netlink is the one layer of a netlink packet: the cooked header and every
// message behind it. Its contents are the whole packet; there is no payload.
//
// As a gopacket.DecodingLayer it can be decoded into again and again. What it
// returned before is then no longer valid.
type Netlink struct {
	gplayers.BaseLayer
	PacketType   gplayers.LinuxSLLPacketType // outgoing in every frame from nlmon
	HardwareType uint16                      // ARPHRD_NETLINK (824)
	Protocol     Protocol
	BigEndian    bool // byte order of the messages, as far as it can be told
	Messages     []Message

	// Session, if it is set before DecodeFromBytes, remembers what packets
	// tell about later ones.
	Session *Session

	frame frame
	tree  *dissect.Tree
	event render.Event
	d     *dissect.Dissector // of a layer that is decoded into again
}

var (
	_ gopacket.LinkLayer     = (*Netlink)(nil)
	_ gopacket.DecodingLayer = (*Netlink)(nil)
)

// LayerType returns LayerTypeNetlink.
func (n *Netlink) LayerType() gopacket.LayerType { return LayerTypeNetlink }

// CanDecode returns LayerTypeNetlink.
func (n *Netlink) CanDecode() gopacket.LayerClass { return LayerTypeNetlink }

// NextLayerType returns gopacket.LayerTypeZero: the layer decodes everything.
func (n *Netlink) NextLayerType() gopacket.LayerType { return gopacket.LayerTypeZero }

// DecodeFromBytes decodes a packet. It fails if there is no whole cooked
// header; whatever else is wrong with a packet is among its Findings.
func (n *Netlink) DecodeFromBytes(data []byte, df gopacket.DecodeFeedback) error {
	if n.d == nil {
		n.d = dissect.New(descriptions())
	}
	f := frame{}
	if n.Session != nil {
		f = n.Session.prepare(data, nil)
	} else {
		f = alone(data)
	}
	return n.decode(n.d, &f, data, df)
}

// decode fills n with what d makes of a packet.
func (n *Netlink) decode(d *dissect.Dissector, f *frame, data []byte, df gopacket.DecodeFeedback) error {
	if len(data) < capture.CookedLen {
		df.SetTruncated()
		return fmt.Errorf("netlink: the cooked header has %d bytes, only %d are there", capture.CookedLen, len(data))
	}
	n.BaseLayer = gplayers.BaseLayer{Contents: data}
	n.PacketType = gplayers.LinuxSLLPacketType(binary.BigEndian.Uint16(data))
	n.HardwareType = binary.BigEndian.Uint16(data[2:])
	n.frame = *f
	n.frame.in.Data = data
	n.tree = d.Frame(&n.frame.in)
	n.Protocol, n.BigEndian = Protocol(n.tree.Proto), n.tree.Big
	for i := range n.tree.Findings {
		if c := n.tree.Findings[i].Code; c == dissect.FrameTruncated || c == dissect.MsgPastEnd {
			df.SetTruncated()
		}
	}
	n.list()
	return nil
}

// list fills in the messages of n.
func (n *Netlink) list() {
	n.event = render.Event{
		Number: n.frame.in.Number, OrigLen: n.frame.in.OrigLen, Process: n.frame.process,
		Links: n.frame.in.Links, Tree: n.tree,
	}
	n.Messages = dissect.AppendMessages(n.Messages[:0], n.tree, &n.event)
}

// Event is what package render, and filters, want to know of the packet; nil
// before it is decoded.
func (n *Netlink) Event() *render.Event {
	if n.tree == nil {
		return nil
	}
	return &n.event
}

// Tree returns the decoded packet row by row, offsets counting from its start.
func (n *Netlink) Tree() *dissect.Tree { return n.tree }

// LinkFlow returns the port ids between which the first message went. The
// kernel has port id 0.
func (n *Netlink) LinkFlow() gopacket.Flow {
	var src, dst [4]byte
	if len(n.Messages) > 0 {
		m := &n.Messages[0]
		if m.Direction == dissect.DirFromKernel {
			binary.BigEndian.PutUint32(dst[:], m.PortID)
		} else {
			binary.BigEndian.PutUint32(src[:], m.PortID)
		}
	}
	return gopacket.NewFlow(EndpointNetlink, src[:], dst[:])
}

func formatPortID(b []byte) string {
	if len(b) != 4 {
		return fmt.Sprintf("%x", b)
	}
	if v := binary.BigEndian.Uint32(b); v != 0 {
		return strconv.FormatUint(uint64(v), 10)
	}
	return "kernel"
}

// String returns what nlsniff prints of the packet on a line, the messages
// separated by semicolons. Key material is masked.
func (n *Netlink) String() string {
	if n.tree == nil {
		return "{}"
	}
	dst := []byte(n.Protocol.String())
	for i := range n.Messages {
		if i > 0 {
			dst = append(dst, ';')
		}
		dst = append(dst, ' ')
		dst = n.event.AppendMessage(dst, n.Messages[i].Row())
	}
	return string(dst)
}

// Finding is one thing in a packet that is not as it should be.
type Finding = dissect.Report

// Findings lists what is wrong with the packet, in the order of its bytes.
func (n *Netlink) Findings() []Finding {
	if n.tree == nil {
		return nil
	}
	return n.tree.Reports()
}
