// Package layers teaches gopacket to decode netlink. Importing it registers
// link type 253 (LINKTYPE_NETLINK), so that any gopacket program can write
//
//	import _ "github.com/nlsniff/nlsniff/dissect/layers"
//
// and find a Netlink layer in the packets of a capture from an nlmon
// interface:
//
//	packet := gopacket.NewPacket(data, gplayers.LinkType(253), gopacket.Default)
//	if nl, ok := packet.Layer(layers.LayerTypeNetlink).(*layers.Netlink); ok {
//		for _, m := range nl.Messages {
//			fmt.Println(m.Name(), m.Attr("IFLA_IFNAME").Text())
//		}
//	}
//
// A packet decoded like that stands alone, as gopacket's own layers do. What
// netlink messages mean depends on those before them, though: the ids of
// generic families are given out at run time, and the controller's messages
// say which is which. A Session remembers that. It is a gopacket.Decoder, and
// its PacketSource ties it to a capture:
//
//	source := layers.NewSession().PacketSource(reader)
//	for packet := range source.Packets() {
//
// The layer number is 1253, in the range that gopacket leaves to applications;
// gopacket panics at the start of a program in which another package takes it
// too. The import reads no descriptions: that is put off until the first
// packet of a family.
//
// gopacket.LayerDump and gopacket.Packet.Dump print the bytes of a packet as
// they are. String masks key material, they do not.
//
// Stability: v0; the layer type, Netlink, Session, Message and Value stay.
package layers
