package main

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// plainFields are the names of attributes and members that are, wherever they
// are described, numbers without a name or a unit, or texts. Of these tshark and
// nlsniff print the same.
func plainFields(t *testing.T) []string {
	all, err := families.Embedded().LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	plain := map[string]bool{}
	var order []string
	for _, f := range all {
		for _, d := range f.Fields() {
			x := &d.Field.Type
			ok := x.Kind == families.KindString || (x.Kind == families.KindUint || x.Kind == families.KindSint) && x.Enum == nil && x.Hint == families.HintNone && x.Unit == "" && x.Scale == 0
			was, seen := plain[d.Field.Name]
			plain[d.Field.Name] = ok && (was || !seen) && !d.Field.Secret && d.Field.Name == strings.ToUpper(d.Field.Name)
			if !seen {
				order = append(order, d.Field.Name)
			}
		}
	}
	var names []string
	for _, name := range order {
		if plain[name] {
			names = append(names, name)
		}
	}
	return names
}

// wiresharkScript writes the dissector into a file.
func wiresharkScript(t *testing.T) string {
	script := filepath.Join(t.TempDir(), "nlsniff.lua")
	var lua, stderr bytes.Buffer
	if code := run([]string{"wireshark-lua"}, nil, &lua, &stderr); code != 0 {
		t.Fatal(stderr.String())
	}
	if err := os.WriteFile(script, lua.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return script
}

// TestWiresharkLua has the real tshark load the dissector that is made of the
// descriptions, and compares what its fields hold with nlsniff's own.
func TestWiresharkLua(t *testing.T) {
	t.Parallel()
	tshark := need.Tool(t, "tshark")
	script := wiresharkScript(t)
	lua, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	for _, luac := range []string{"luac5.2", "luac5.4"} {
		if out, err := exec.Command(need.Tool(t, luac), "-p", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", luac, err, out)
		}
	}
	var names []string
	for _, n := range plainFields(t) {
		if strings.Contains(string(lua), "\n\""+n+":") { // no message has it otherwise
			names = append(names, n)
		}
	}
	var mu sync.Mutex
	occurred, compared := map[string]bool{}, 0
	t.Run("captures", func(t *testing.T) {
		for _, name := range []string{"conntrack_all", "ethtool_all", "nft_all", "route_links", "wireguard", "xfrm"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				file := pcaptest.Path(name + ".pcap")
				theirs := []string{"-X", "lua_script:" + script, "-r", file, "-T", "fields", "-E", "aggregator=,", "-e", "frame.number", "-e", "_ws.expert.message"}
				own := []string{"read", "-T", "fields", "-e", "frame"}
				for _, n := range names {
					theirs, own = append(theirs, "-e", "nlsniff."+n), append(own, "-e", n)
				}
				out, err := exec.Command(tshark, theirs...).Output()
				if err != nil {
					t.Fatal(err)
				}
				var mine, stderr bytes.Buffer
				if code := run(append(own, file), nil, &mine, &stderr); code != 0 {
					t.Fatal(stderr.String())
				}
				want := map[string][]string{} // by frame
				for line := range strings.Lines(mine.String()) {
					cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
					have := want[cells[0]]
					if have == nil {
						have = make([]string, len(names))
						want[cells[0]] = have
					}
					for i, c := range cells[1:] {
						if c != "" && have[i] != "" {
							c = "," + c
						}
						have[i] += c
					}
				}
				bad := 0
				for line := range strings.Lines(string(out)) {
					cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
					if strings.Contains(cells[1], "Lua") {
						t.Fatalf("frame %s: %s", cells[0], cells[1])
					}
					for i, c := range cells[2:] {
						w := ""
						if want[cells[0]] != nil {
							w = want[cells[0]][i]
						}
						// nlsniff shows that a text is empty, and cuts a long one.
						w = strings.ReplaceAll(w, `""`, "")
						if w == "" && c == "" || strings.HasSuffix(w, "…") {
							continue
						}
						mu.Lock()
						occurred[names[i]] = true
						compared++
						mu.Unlock()
						if c != w {
							if bad++; bad < 10 {
								t.Errorf("frame %s: %s is %.200q, nlsniff has %.200q", cells[0], names[i], c, w)
							}
						}
					}
				}
			})
		}
	})
	if len(occurred) < 100 {
		t.Errorf("only %d fields occur", len(occurred))
	}
	t.Logf("%d fields, %d values", len(occurred), compared)
}

// TestWiresharkLuaFilter: where nobody looks at the tree, what is not asked for is
// not read. A filter finds the frames that have the field all the same, in nests,
// members and what a kind decides.
func TestWiresharkLuaFilter(t *testing.T) {
	t.Parallel()
	tshark, script := need.Tool(t, "tshark"), wiresharkScript(t)
	for _, tt := range []struct{ capture, field string }{
		{"conntrack_all", "CTA_ID"},
		{"ethtool_all", "ETHTOOL_A_RINGS_RX"},
		{"nft_all", "NFTA_PAYLOAD_LEN"},
		{"route_links", "IFLA_BR_FORWARD_DELAY"},
		{"route_links", "rx_packets"},
		{"tc_all", "maxpacket"}, // which a member chooses
		{"wireguard", "WGPEER_A_RX_BYTES"},
		{"xfrm", "XFRMA_IF_ID"},
	} {
		t.Run(tt.field, func(t *testing.T) {
			t.Parallel()
			file := pcaptest.Path(tt.capture + ".pcap")
			out, err := exec.Command(tshark, "-X", "lua_script:"+script, "-r", file, "-o", `gui.column.format:"No.","%m"`, "-Y", "nlsniff."+tt.field).Output()
			if err != nil {
				t.Fatal(err)
			}
			var mine, stderr bytes.Buffer
			if code := run([]string{"read", "-T", "fields", "-e", "frame", "-e", tt.field, file}, nil, &mine, &stderr); code != 0 {
				t.Fatal(stderr.String())
			}
			var want []string
			for line := range strings.Lines(mine.String()) {
				frame, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
				if value != "" && !slices.Contains(want, frame) {
					want = append(want, frame)
				}
			}
			if got := strings.Fields(string(out)); len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("frames %q, nlsniff has %q", got, want)
			}
		})
	}
}

// TestWiresharkLuaBytes: bytes in a field that is text elsewhere.
func TestWiresharkLuaBytes(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(need.Tool(t, "tshark"), "-X", "lua_script:"+wiresharkScript(t), "-r", pcaptest.Path("nft_more.pcap"), "-T", "fields", "-E", "aggregator=,", "-e", "nlsniff.NFTA_DATA_VALUE").Output()
	if err != nil {
		t.Fatal(err)
	}
	form, long := regexp.MustCompile(`^[0-9a-f]{2}(:[0-9a-f]{2})*$`), 0
	for _, v := range strings.FieldsFunc(string(out), func(r rune) bool { return r == ',' || r == '\n' }) {
		if !form.MatchString(v) {
			t.Errorf("bytes are %q", v)
		}
		if len(v) > 5 {
			long++
		}
	}
	if long < 10 {
		t.Errorf("only %d values of more than two bytes", long)
	}
}

// TestWiresharkLuaBroken: messages in which bytes are overwritten are no error of
// the script.
func TestWiresharkLuaBroken(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(pcaptest.Path("conntrack_all.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for off := 24; off < len(data); {
		n := int(binary.LittleEndian.Uint32(data[off+8:]))
		frame := data[off+16:][:n]
		for range 4 {
			if n > 32 {
				frame[32+r.IntN(n-32)] = []byte{0, 1, 2, 4, 8, 12, 128, 255}[r.IntN(8)]
			}
		}
		off += 16 + n
	}
	file := filepath.Join(t.TempDir(), "broken.pcap")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(need.Tool(t, "tshark"), "-X", "lua_script:"+wiresharkScript(t), "-r", file, "-V").Output()
	if err != nil {
		t.Fatal(err)
	}
	if i := bytes.Index(out, []byte("Lua Error")); i >= 0 {
		t.Errorf("%.200s", out[i:])
	}
	if !bytes.Contains(out, []byte("bytes are left")) {
		t.Error("nothing is malformed")
	}
}
