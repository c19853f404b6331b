package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// byFrame joins the second column of lines of a table by the first.
func byFrame(table string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(table) {
		frame, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if value != "" && m[frame] != "" {
			value = "," + value
		}
		m[frame] += value
	}
	return m
}

// TestWiresharkLuaShapes compares what is no plain attribute: bits, elements of other
// shapes, structs in front of them, what a connector's index decides.
func TestWiresharkLuaShapes(t *testing.T) {
	t.Parallel()
	tshark, script := need.Tool(t, "tshark"), wiresharkScript(t)
	for _, tt := range []struct {
		capture, in, field string
		least              int
	}{
		{"ethtool_all", "ETHTOOL_A_BITSET_VALUE", "ETHTOOL_A_BITSET_VALUE", 5},
		{"ethtool_all", "ETHTOOL_A_BITSET_MASK", "ETHTOOL_A_BITSET_MASK", 5},
		{"connector", "child_pid", "child_pid", 5},
		{"connector", "parent_tgid", "parent_tgid", 5},
		{"wifi", "NL80211_BSS_INFORMATION_ELEMENTS", "WLAN_EID_SSID", 2},
	} {
		t.Run(tt.field, func(t *testing.T) {
			t.Parallel()
			file := pcaptest.Path(tt.capture + ".pcap")
			out, err := exec.Command(tshark, "-X", "lua_script:"+script, "-r", file, "-Y", "nlsniff."+tt.in, "-T", "fields", "-E", "aggregator=,", "-e", "frame.number", "-e", "nlsniff."+tt.field).Output()
			if err != nil {
				t.Fatal(err)
			}
			var mine, stderr bytes.Buffer
			if code := run([]string{"read", "-Y", tt.in, "-T", "fields", "-e", "frame", "-e", tt.field, file}, nil, &mine, &stderr); code != 0 {
				t.Fatal(stderr.String())
			}
			got, want, n := byFrame(string(out)), byFrame(mine.String()), 0
			for frame, w := range want {
				if w != "" {
					n++
				}
				if got[frame] != w {
					t.Errorf("frame %s: %q, nlsniff has %q", frame, got[frame], w)
				}
			}
			if n < tt.least {
				t.Errorf("only %d frames have it", n)
			}
		})
	}
}

// TestWiresharkLuaCooked: behind the cooked headers of captures of all interfaces it
// shows the same, and frames of other kinds as ever.
func TestWiresharkLuaCooked(t *testing.T) {
	t.Parallel()
	tshark, script := need.Tool(t, "tshark"), wiresharkScript(t)
	data, err := os.ReadFile(pcaptest.Path("conntrack_all.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	arp := []byte{0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2}
	ops := func(link uint16, frame func(b []byte) []byte) string {
		var out []byte
		out = append(out, data[:24]...)
		binary.LittleEndian.PutUint16(out[20:], link)
		add := func(head, b []byte) {
			head = bytes.Clone(head)
			binary.LittleEndian.PutUint32(head[8:], uint32(len(b)))
			binary.LittleEndian.PutUint32(head[12:], uint32(len(b)))
			out = append(append(out, head...), b...)
		}
		for off, n := 24, 0; off < len(data) && n < 100; n++ {
			size := int(binary.LittleEndian.Uint32(data[off+8:]))
			add(data[off:off+16], frame(data[off+16:off+16+size]))
			off += 16 + size
		}
		if link != 253 {
			last := append([]byte{0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 6}, arp...)
			add(data[24:40], frame(last))
		}
		name := filepath.Join(t.TempDir(), "cooked.pcap")
		if err := os.WriteFile(name, out, 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := exec.Command(tshark, "-X", "lua_script:"+script, "-r", name, "-T", "fields", "-E", "aggregator=,", "-e", "nlsniff.op", "-e", "nlsniff.CTA_ID", "-e", "arp.src.proto_ipv4").Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	want := ops(253, func(b []byte) []byte { return b })
	if strings.Count(want, "IPCTNL_MSG_CT_NEW") < 10 {
		t.Fatalf("%.300s", want)
	}
	want += "\t\t192.0.2.1\n"
	if got := ops(113, func(b []byte) []byte { return b }); got != want {
		t.Errorf("SLL: %s\nwant %s", got, want)
	}
	sll2 := func(b []byte) []byte {
		head := []byte{b[14], b[15], 0, 0, 0, 0, 0, 1, b[2], b[3], b[1], b[5], 0, 0, 0, 0, 0, 0, 0, 0}
		return append(head, b[16:]...)
	}
	if got := ops(276, sll2); got != want {
		t.Errorf("SLL2: %s\nwant %s", got, want)
	}
}

// TestWiresharkLuaPackets: a packet that Wireshark's own dissector of netlink leaves as
// bytes is taken apart by those of what it is, and one that it does not leave, once.
func TestWiresharkLuaPackets(t *testing.T) {
	t.Parallel()
	tshark, script := need.Tool(t, "tshark"), wiresharkScript(t)
	for _, tt := range []struct {
		capture, filter, field, want string
		frames                       int
	}{
		{"ovs", "nlsniff.OVS_PACKET_ATTR_PACKET && eth", "eth.type", "0x0800", 2},
		{"radio_wifi", "nlsniff.HWSIM_ATTR_FRAME && wlan", "wlan.fc.type_subtype", "0x0008", 20}, // beacons
		{"packets", "nlsniff.NFQA_PAYLOAD && icmp", "ip.src", "127.0.0.1", 2},
	} {
		out, err := exec.Command(tshark, "-X", "lua_script:"+script, "-r", pcaptest.Path(tt.capture+".pcap"), "-Y", tt.filter, "-T", "fields", "-e", "_ws.col.Protocol", "-e", tt.field).Output()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(out)) {
			protocol, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			if value == tt.want {
				n++
			}
			if tt.capture != "packets" && !strings.HasPrefix(protocol, "Netlink") {
				t.Errorf("%s: the protocol is %s", tt.capture, protocol)
			}
		}
		if n < tt.frames {
			t.Errorf("%s: %s is %s in %d frames: %.300s", tt.capture, tt.field, tt.want, n, out)
		}
	}
}
