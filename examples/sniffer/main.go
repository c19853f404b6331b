// Sniffer prints the packets of a capture that a filter asks for, with gopacket.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/nlsniff/nlsniff"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect/layers"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: sniffer FILE FILTER")
	}
	if err := run(os.Stdout, os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer, file, expr string) error {
	filter, err := nlsniff.NewFilter(expr)
	if err != nil {
		return err
	}
	r, err := pcapng.Open(file, pcapng.Options{})
	if err != nil {
		return err
	}
	defer r.Close()
	for packet := range layers.NewSession().PacketSource(r).Packets() {
		nl, ok := packet.Layer(layers.LayerTypeNetlink).(*layers.Netlink)
		if !ok {
			continue
		}
		for i := range nl.Messages {
			if m := &nl.Messages[i]; filter.Match(m) {
				fmt.Fprintln(w, packet.Metadata().Timestamp.UTC().Format("15:04:05.000000"), m)
			}
		}
	}
	return nil
}
