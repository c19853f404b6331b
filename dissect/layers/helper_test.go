package layers_test

import (
	"errors"
	"io"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect/layers"
)

const pcaps = "../../testdata/pcaps"

func open(t testing.TB, name string) *pcapng.Reader {
	t.Helper()
	r, err := pcapng.Open(filepath.Join(pcaps, name), pcapng.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// packets returns the bytes of every frame of a capture.
func packets(t testing.TB, name string) [][]byte {
	t.Helper()
	r := open(t, name)
	var list [][]byte
	for {
		var f capture.Frame
		err := r.Next(&f)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, append([]byte(nil), f.Data...))
	}
}

func netlink(t testing.TB, p gopacket.Packet) *layers.Netlink {
	t.Helper()
	if e := p.ErrorLayer(); e != nil {
		t.Fatal(e.Error())
	}
	n, ok := p.Layer(layers.LayerTypeNetlink).(*layers.Netlink)
	if !ok {
		t.Fatalf("no netlink layer in %v", p)
	}
	return n
}

// all reads a source to its end.
func all(t testing.TB, src *gopacket.PacketSource) []gopacket.Packet {
	t.Helper()
	var list []gopacket.Packet
	for {
		p, err := src.NextPacket()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

// commands counts the generic messages, and those whose command has a name.
func commands(t testing.TB, list []gopacket.Packet) (generic, named int) {
	t.Helper()
	for _, p := range list {
		for _, m := range netlink(t, p).Messages {
			if m.Generic {
				generic++
				if m.CommandName != "" {
					named++
				}
			}
		}
	}
	return generic, named
}
