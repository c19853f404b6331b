package nlsniff_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"syscall"

	"github.com/nlsniff/nlsniff"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect/layers"
)

// What a program sent on a socket, and what it got.
func ExampleDecoder_Bytes() {
	request := []byte{
		40, 0, 0, 0, 16, 0, 5, 6, 1, 0, 0, 0, 0, 0, 0, 0, // nlmsghdr: RTM_NEWLINK
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // ifinfomsg
		7, 0, 3, 0, 'd', '0', 0, 0, // IFLA_IFNAME
	}
	answer := append([]byte{
		60, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, // nlmsghdr: NLMSG_ERROR
		0xef, 0xff, 0xff, 0xff, // -EEXIST
	}, request...)

	d, err := nlsniff.NewDecoder()
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range d.Bytes(nlsniff.ProtoRoute, nlsniff.ToKernel, request).Messages {
		fmt.Println(m.Name(), m.FlagNames(), m.Attr("IFLA_IFNAME").Any())
	}
	for _, m := range d.Bytes(nlsniff.ProtoRoute, nlsniff.FromKernel, answer).Messages {
		fmt.Println(m.Err(), errors.Is(m.Err(), syscall.EEXIST))
	}
	// Output:
	// RTM_NEWLINK [NLM_F_REQUEST NLM_F_ACK NLM_F_CREATE NLM_F_EXCL] d0
	// RTM_NEWLINK: EEXIST true
}

// An agent that acts on what the kernel refused.
func ExampleDecoder_Exchanges() {
	src, err := nlsniff.OpenFile("testdata/pcaps/wireguard.pcap") // or OpenLive
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	d, err := nlsniff.NewDecoder()
	if err != nil {
		log.Fatal(err)
	}
	for x, err := range d.Exchanges(context.Background(), src) {
		if err != nil {
			log.Fatal(err)
		}
		var refused *nlsniff.Error
		if errors.As(x.Err(), &refused) {
			fmt.Println(x.Name(), refused.Name, x.Why())
		}
	}
	// Output:
	// WG_CMD_GET_DEVICE ENODEV [no such device likely: no interface has the name or index in the request]
}

// A filter for the packets that gopacket reads.
func ExampleFilter() {
	filter, err := nlsniff.NewFilter(`WGDEVICE_A_LISTEN_PORT == 51820 && direction == to_kernel`)
	if err != nil {
		log.Fatal(err)
	}
	r, err := pcapng.Open("testdata/pcaps/wireguard.pcap", pcapng.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	for packet := range layers.NewSession().PacketSource(r).Packets() {
		nl, ok := packet.Layer(layers.LayerTypeNetlink).(*layers.Netlink)
		if !ok {
			continue
		}
		for i := range nl.Messages {
			if filter.Match(&nl.Messages[i]) {
				m := &nl.Messages[i]
				fmt.Println(packet.Metadata().CaptureLength, m.Name(), m.Attr("WGDEVICE_A_PRIVATE_KEY").Any())
			}
		}
	}
	// Output:
	// 240 WG_CMD_SET_DEVICE <hidden>
}

// A generic family of one's own, which no kernel describes.
func ExampleWithSpec() {
	d, err := nlsniff.NewDecoder(
		nlsniff.WithSpec("lamp.spec", lampSpec),
		nlsniff.WithFamily(40, "lamp"),
	)
	if err != nil {
		log.Fatal(err)
	}
	m := d.Bytes(nlsniff.ProtoGeneric, nlsniff.ToKernel, []byte{
		28, 0, 0, 0, 40, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, // nlmsghdr: family 40
		1, 1, 0, 0, // genlmsghdr: LAMP_CMD_SET
		8, 0, 1, 0, 70, 0, 0, 0, // LAMP_A_BRIGHTNESS
	}).Messages[0]
	fmt.Println(m.Family, m.Name(), m.Attr("LAMP_A_BRIGHTNESS").Any())
	fmt.Println(m.String())
	// Output:
	// lamp LAMP_CMD_SET 70
	// user → kernel  LAMP_CMD_SET brightness 70  REQUEST seq 1
}

const lampSpec = `
family lamp
genl lamp version 1

attrs lamp LAMP_A_
  1 LAMP_A_BRIGHTNESS u32

body lamp
  attrs lamp

messages LAMP_CMD_
  1 LAMP_CMD_SET lamp
`

// An output of one's own: a table of what took how long.
func ExampleExchange() {
	src, err := nlsniff.OpenFile("testdata/pcaps/wireguard.pcap")
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	d, err := nlsniff.NewDecoder()
	if err != nil {
		log.Fatal(err)
	}
	w := csv.NewWriter(os.Stdout)
	for x, err := range d.Exchanges(context.Background(), src) {
		if err != nil {
			log.Fatal(err)
		}
		if took, ok := x.Latency(); ok && x.Joined.ID <= 3 {
			_ = w.Write([]string{strconv.FormatUint(x.Joined.ID, 10), x.Name(), x.Joined.State.String(), took.String()})
		}
	}
	w.Flush()
	// Output:
	// 1,CTRL_CMD_GETFAMILY,acknowledged,191µs
	// 2,RTM_NEWLINK,failed,69µs
	// 3,RTM_NEWLINK,acknowledged,21.835ms
}
