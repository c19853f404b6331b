package packet

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

func bytesOf(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	udp4        = "4500001f 00014000 40110000 0a000001 0a000002" + "0035 1234 000b 0000 616263"
	ether       = "0202 0202 0202 0404 0404 0404 0800"
	beaconBytes = "8000 0000 ffffffffffff 020000000000 020000000000 3000" + "0102030405060708 6400 1104" + "0003616263"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name  string
		first families.Layer
		data  string
		want  string
		elems bool
	}{
		{"IPv4", families.LayerIP, udp4, "IPv4 10.0.0.1 → 10.0.0.2 UDP ttl 64 len 31 id 1 DF; UDP 53 → 4660 len 11; payload", false},
		{"Ethernet, with bytes behind the packet", families.LayerEthernet, ether + udp4 + "00000000", "Ethernet 04:04:04:04:04:04 → 02:02:02:02:02:02 type IPv4; IPv4 …; UDP …; payload; payload", false},
		{"of a device with Ethernet headers", families.LayerEthernetOrIP, ether + udp4, "Ethernet 04:04:04:04:04:04 → 02:02:02:02:02:02 type IPv4; IPv4 …; UDP …; …", false},
		{"of a VLAN", families.LayerEthernetOrIP, "0202 0202 0202 0404 0404 0404 8100 0005 0800" + udp4, "Ethernet …; Dot1Q …; IPv4 …; UDP …; …", false},
		{"of a device without", families.LayerEthernetOrIP, udp4, "IPv4 …; UDP …; …", false},
		{"of a device without, from 8.0.0.1", families.LayerEthernetOrIP, "4500001f 00014000 40110000 08000001 0a000002" + "0035 1234 000b 0000 616263", "IPv4 …; UDP …; …", false},
		{"neither", families.LayerEthernetOrIP, "0202 0202 0202 0404 0404 0404 1234 55", "Ethernet …; …", false},
		{"neither version of IP", families.LayerIP, "00112233", "payload", false},
		{"a header that is cut", families.LayerIPv4, "4500001f", "payload", false},
		{"DNS", families.LayerIP, "45000039 00000000 40110000 0a000001 0a000002" + "03e8 0035 0025 0000" + "0009 0100 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 0001 0001", "IPv4 …; UDP …; DNS query id 9 example.com. A", false},
		{"EAP", families.LayerEAPOL, "02000005 01010005 01", "EAPOL EAP version 2 len 5; EAP request identity id 1 len 5", false},
		{"ESP", families.LayerIPv4, "45000020 00000000 40320000 0a000001 0a000002" + "00000064 00000007 deadbeef", "IPv4 10.0.0.1 → 10.0.0.2 IPSecESP ttl 64 len 32 id 0; IPSecESP spi 0x64 seq 7", false},
		{"VXLAN", families.LayerIPv4, "45000032 00000000 40110000 0a000001 0a000002" + "03e8 12b5 001e 0000" + "08000000 00000700" + "020202020202 040404040404 1234", "IPv4 …; UDP …; VXLAN id 7; Ethernet 04:04:04:04:04:04 → 02:02:02:02:02:02 type 0x1234", false},
		{"beacon", families.LayerIEEE80211, beaconBytes, "Dot11 MgmtBeacon 02:00:00:00:00:00 → ff:ff:ff:ff:ff:ff bssid 02:00:00:00:00:00 seq 3; Dot11MgmtBeacon …", true},
		{"802.11, cut", families.LayerIEEE80211, "8000", "payload", false},
		{"radiotap that is longer than the frame", families.LayerRadiotap, "0000ffff00000000", "payload", false},
	} {
		data := bytesOf(t, c.data)
		got, elems := Split(nil, c.first, data)
		if elems != c.elems {
			t.Errorf("%s: elements %v", c.name, elems)
		}
		want := strings.Split(c.want, "; ")
		for i, l := range got {
			text := strings.TrimSpace(Name(l.ID) + " " + string(Append(nil, l.ID, data[l.Off:l.End])))
			if i >= len(want) {
				t.Errorf("%s: one more: %s", c.name, text)
				continue
			}
			if name, rest, _ := strings.Cut(want[i], " "); rest == "…" && !strings.HasPrefix(text, name+" ") ||
				rest != "…" && name != "…" && text != want[i] {
				t.Errorf("%s:\n got %s\nwant %s", c.name, text, want[i])
			}
		}
		if len(got) < len(want) && !strings.Contains(c.want, "…") {
			t.Errorf("%s: %d layers", c.name, len(got))
		}
	}
}

// FuzzSplit: layers follow one another without a gap, and cover everything
// that is not elements.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{udp4, ether + udp4, beaconBytes, "", "00"} {
		for first := families.LayerEthernet; first <= families.LayerEthernetOrIP; first++ {
			f.Add(uint8(first), bytesOf(f, s))
		}
	}
	f.Fuzz(func(t *testing.T, first uint8, data []byte) {
		got, elems := Split(nil, families.Layer(first), data)
		pos := 0
		for _, l := range got {
			if l.Off != pos || l.End <= pos || l.End > len(data) {
				t.Fatalf("layer %d…%d behind %d of %d", l.Off, l.End, pos, len(data))
			}
			pos = l.End
			Append(nil, l.ID, data[l.Off:l.End])
		}
		if pos < len(data) != elems {
			t.Fatalf("%d of %d bytes, elements %v", pos, len(data), elems)
		}
	})
}
