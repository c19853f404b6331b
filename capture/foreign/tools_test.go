package foreign

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/need"
)

// TestIproute2 has rtmon and ip write their files in a network namespace of their
// own, and compares with what ip makes of them.
func TestIproute2(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"unshare", "rtmon", "ip"} {
		need.Tool(t, tool)
	}
	dir := t.TempDir()
	script := `set -e
cd ` + dir + `
rtmon file rtmon & r=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -s rtmon ] && break; sleep 0.1; done
ip link set lo up
ip addr add 192.0.2.1/24 dev lo
ip route add 198.51.100.0/24 dev lo
ip rule add pref 100 from 192.0.2.7 lookup 42
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ "$(ip monitor file rtmon | grep -c 'from 192.0.2.7')" = 1 ] && break; sleep 0.1; done
kill $r; wait $r || true
ip monitor file rtmon >rtmon.text
for what in addr route rule; do ip $what save >$what; done
ip addr showdump <addr >addr.text
ip route showdump <route >route.text
ip rule list >rule.text
`
	out, err := exec.Command("unshare", "-Urn", "sh", "-c", script).CombinedOutput()
	if err != nil {
		need.Need(t, !bytes.Contains(out, []byte("unshare failed")) && !bytes.Contains(out, []byte("Operation not permitted")), "there are no user namespaces here")
		t.Fatalf("%v\n%s", err, out)
	}
	tests := []struct {
		file string
		kind uint16
		line string // what stands in the text once for each message
	}{
		{"addr", 20, "inet"}, {"route", 24, " dev lo"}, {"rule", 32, "lookup"}, {"rtmon", 0, "Timestamp"},
	}
	for _, tt := range tests {
		b, err := os.ReadFile(filepath.Join(dir, tt.file))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, tt.file+".text"))
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, bytes.NewReader(b), Options{Protocol: 16})
		want := strings.Count(string(text), tt.line)
		if got.err != nil || len(got.damage) > 0 || len(got.frames) != want || want == 0 {
			t.Errorf("%s: %d messages, ip has %d: %v %v\n%s", tt.file, len(got.frames), want, got.err, got.damage, text)
		}
		for _, f := range got.frames {
			kind := orders[0].Uint16(f.Data[capture.CookedLen+4:])
			if f.Data[capture.CookedLen-1] != 0 || f.Dir != capture.DirFromKernel || tt.kind != 0 && kind != tt.kind || (tt.file == "rtmon") != (f.Time > 1e18) {
				t.Errorf("%s: type %d, %s", tt.file, kind, describe(&f))
			}
		}
	}
}
