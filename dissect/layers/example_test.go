package layers_test

import (
	"fmt"
	"log"

	"github.com/google/gopacket"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect/layers"
)

// Packets of a capture, with the names of generic families learned from the
// controller's messages in it.
func Example() {
	r, err := pcapng.Open("../../testdata/pcaps/wireguard.pcap", pcapng.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	for packet := range layers.NewSession().PacketSource(r).Packets() {
		nl, ok := packet.Layer(layers.LayerTypeNetlink).(*layers.Netlink)
		if !ok {
			continue
		}
		for _, m := range nl.Messages {
			if port := m.Attr("WGDEVICE_A_LISTEN_PORT"); port.Uint() != 0 {
				fmt.Println(m.Name(), m.Attr("WGDEVICE_A_IFNAME").Text(), port.Uint(), m.Attr("WGDEVICE_A_PRIVATE_KEY"))
				return
			}
		}
	}
	// Output:
	// WG_CMD_SET_DEVICE wg0 51820 <hidden>
}

// One packet by itself.
func ExampleNetlink() {
	data := []byte{
		0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // cooked header
		28, 0, 0, 0, 16, 0, 0x05, 0, 7, 0, 0, 0, 0, 0, 0, 0, // nlmsghdr
		0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, // ifinfomsg, cut short
	}
	packet := gopacket.NewPacket(data, layers.LinkTypeNetlink, gopacket.Default)
	nl := packet.Layer(layers.LayerTypeNetlink).(*layers.Netlink)
	fmt.Println(nl.Protocol, nl.Messages[0].Name(), nl.Messages[0].FlagNames())
	for _, f := range nl.Findings() {
		fmt.Println(f.Severity, f.Code, f.Text)
	}
	// Output:
	// NETLINK_ROUTE RTM_NEWLINK [NLM_F_REQUEST NLM_F_ACK]
	// error header.short the header needs 16 bytes, there are 12
}
