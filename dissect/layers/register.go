package layers

import (
	"sync"

	"github.com/google/gopacket"
	gplayers "github.com/google/gopacket/layers"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// LinkTypeNetlink is LINKTYPE_NETLINK, the link type of captures from nlmon.
const LinkTypeNetlink = gplayers.LinkType(capture.LinkTypeNetlink)

// layerNumber is the layer type's number in gopacket: 1000 to 1999 are for
// applications.
const layerNumber = 1253

// LayerTypeNetlink is the type of the Netlink layer. It is the decoder to use
// for netlink in a capture of link type LINUX_SLL, which has the same header.
var LayerTypeNetlink = gopacket.RegisterLayerType(layerNumber, gopacket.LayerTypeMetadata{
	Name:    "Netlink",
	Decoder: gopacket.DecodeFunc(decodeAlone),
})

// EndpointNetlink is the type of the endpoints in a Netlink layer's flow: port
// ids in network byte order, 0 for the kernel.
var EndpointNetlink = gopacket.RegisterEndpointType(layerNumber, gopacket.EndpointTypeMetadata{
	Name:      "Netlink",
	Formatter: formatPortID,
})

func init() {
	gplayers.LinkTypeMetadata[LinkTypeNetlink] = gplayers.EnumMetadata{
		DecodeWith: LayerTypeNetlink,
		Name:       "Netlink",
		LayerType:  LayerTypeNetlink,
	}
}

// DB returns the descriptions that every decoder here shares; each family is
// read when the first of its messages comes.
func DB() *families.DB { return descriptions() }

var descriptions = sync.OnceValue(families.Embedded)

// dissectors are those that are not at work.
var dissectors = sync.Pool{New: func() any { return dissect.New(descriptions()) }}

// decodeAlone decodes a packet without knowledge of others.
func decodeAlone(data []byte, p gopacket.PacketBuilder) error {
	f := alone(data)
	return build(&f, data, p)
}

// build adds the layer of one packet. It lives as long as the packet, so it
// cannot keep what belongs to a dissector.
func build(f *frame, data []byte, p gopacket.PacketBuilder) error {
	n := new(Netlink)
	d := dissectors.Get().(*dissect.Dissector)
	defer dissectors.Put(d)
	if err := n.decode(d, f, data, p); err != nil {
		return err
	}
	n.tree = n.tree.Clone()
	n.list()
	p.AddLayer(n)
	p.SetLinkLayer(n)
	return nil
}
