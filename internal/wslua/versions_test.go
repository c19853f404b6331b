package wslua

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// damaged overwrites some bytes of each message of a pcap file, and cuts some frames.
func damaged(data []byte) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	out := bytes.Clone(data[:24])
	for off := 24; off < len(data); {
		n := int(binary.LittleEndian.Uint32(data[off+8:]))
		head, frame := bytes.Clone(data[off:off+16]), bytes.Clone(data[off+16:off+16+n])
		off += 16 + n
		for range 4 {
			if n > 32 {
				frame[32+r.IntN(n-32)] = []byte{0, 1, 2, 4, 8, 12, 128, 255}[r.IntN(8)]
			}
		}
		if r.IntN(4) == 0 {
			frame = frame[:r.IntN(n)]
		}
		binary.LittleEndian.PutUint32(head[8:], uint32(len(frame)))
		out = append(append(out, head...), frame...)
	}
	return out
}

// TestVersions runs the dissector in the oldest and the newest Lua that Wireshark has, with
// and without somebody who looks at the tree: nothing is an error, and both show the same.
func TestVersions(t *testing.T) {
	t.Parallel()
	old, now := need.Tool(t, "lua5.2"), need.Tool(t, "lua5.4")
	dir := t.TempDir()
	script := filepath.Join(dir, "nlsniff.lua")
	var b bytes.Buffer
	if err := Write(&b, families.Embedded()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range pcaptest.Some([]string{"connector", "conntrack_all", "ethtool_all", "genl_misc", "nft_all", "ovs", "packets", "radio_wifi", "route_links", "tc_all", "wifi", "wireguard", "xfrm"}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole, err := os.ReadFile(pcaptest.Path(name + ".pcap"))
			if err != nil {
				t.Fatal(err)
			}
			for what, data := range map[string][]byte{"whole": whole, "damaged": damaged(whole)} {
				file := filepath.Join(dir, name+what)
				if err := os.WriteFile(file, data, 0o600); err != nil {
					t.Fatal(err)
				}
				var shown [2][]byte
				for i, lua := range []string{old, now} {
					out, err := exec.Command(lua, "testdata/stub.lua", script, file).CombinedOutput()
					if err != nil {
						t.Fatalf("%s, %s: %v: %.500s", filepath.Base(lua), what, err, out)
					}
					shown[i] = out
				}
				if !bytes.Equal(shown[0], shown[1]) || bytes.Count(shown[0], []byte("\n")) < 1000 {
					t.Errorf("%s: %d and %d bytes are shown", what, len(shown[0]), len(shown[1]))
				}
			}
		})
	}
}
