package layers_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"

	"github.com/nlsniff/nlsniff/dissect/layers"
)

// TestAlone: without a session nobody knows the families, with one they all
// have names.
func TestAlone(t *testing.T) {
	list := all(t, gopacket.NewPacketSource(open(t, "wireguard.pcap"), layers.LinkTypeNetlink))
	generic, named := commands(t, list)
	if named == 0 || named >= generic {
		t.Errorf("%d of %d commands have a name; the controller's should, those of learned families should not", named, generic)
	}
}

func TestSession(t *testing.T) {
	for _, opt := range []gopacket.DecodeOptions{gopacket.Default, gopacket.NoCopy, gopacket.Lazy, {Lazy: true, NoCopy: true}} {
		s := layers.NewSession()
		src := s.PacketSource(open(t, "wireguard.pcap"))
		src.DecodeOptions = opt
		list := all(t, src)
		if opt.Lazy { // the order of decoding is not that of reading
			for i := len(list) - 1; i >= 0; i-- {
				netlink(t, list[i])
			}
		}
		if generic, named := commands(t, list); generic < 100 || named != generic {
			t.Errorf("%+v: %d of %d commands have a name", opt, named, generic)
		}
		device := 0
		for _, p := range list {
			for _, m := range netlink(t, p).Messages {
				if m.Family == "wireguard" && m.Attr("WGDEVICE_A_IFNAME").Text() != "" {
					device++
				}
			}
		}
		if device == 0 {
			t.Errorf("%+v: no WireGuard device has a name", opt)
		}
	}
}

// TestBareDecoder uses the session with a source that it does not listen to.
func TestBareDecoder(t *testing.T) {
	file, err := os.Open(filepath.Join(pcaps, "ethtool_all.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := pcapgo.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	if r.LinkType() != layers.LinkTypeNetlink {
		t.Fatalf("pcapgo says link type %v", r.LinkType())
	}
	list := all(t, gopacket.NewPacketSource(r, layers.NewSession()))
	if generic, named := commands(t, list); generic == 0 || named != generic {
		t.Errorf("%d of %d commands have a name", named, generic)
	}
}

// TestPcapgo listens to another package's reader.
func TestPcapgo(t *testing.T) {
	file, err := os.Open(filepath.Join(pcaps, "route_addrs.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := pcapgo.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	reasons, packets := 0, 0
	for p := range layers.NewSession().PacketSource(r).Packets() {
		packets++
		n := netlink(t, p)
		if p.Metadata().CaptureLength != len(n.LayerContents()) {
			t.Errorf("packet %d: %d bytes of %d", packets, len(n.LayerContents()), p.Metadata().CaptureLength)
		}
		for i := range n.Messages {
			if m := &n.Messages[i]; m.Errno < 0 && m.Reason() != "" && strings.Contains(m.String(), m.Reason()) && m.Request != nil {
				reasons++
			}
		}
	}
	if reasons == 0 {
		t.Error("no error has a reason")
	}
}

// TestConcurrent decodes lazily in several goroutines while reading goes on.
func TestConcurrent(t *testing.T) {
	s := layers.NewSession()
	src := s.PacketSource(open(t, "wireguard.pcap"))
	src.Lazy = true
	var wg sync.WaitGroup
	in := src.Packets()
	for range 4 {
		wg.Go(func() {
			for p := range in {
				if n, ok := p.Layer(layers.LayerTypeNetlink).(*layers.Netlink); !ok || n.String() == "" {
					t.Error("no layer")
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkNewPacket(b *testing.B) {
	list := packets(b, "route_links.pcap")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		gopacket.NewPacket(list[i%len(list)], layers.LinkTypeNetlink, gopacket.NoCopy)
	}
}

func BenchmarkDecodingLayer(b *testing.B) {
	list := packets(b, "route_links.pcap")
	n := layers.Netlink{Session: layers.NewSession()}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		n.DecodeFromBytes(list[i%len(list)], gopacket.NilDecodeFeedback)
	}
}
