package render_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/render"
)

// wireguardKeys finds the private and preshared keys of a capture with no help
// from the packages under test: it reads the pcap file, looks for the family's
// id in the controller's answers, and walks the attributes itself.
func wireguardKeys(t *testing.T, path string) [][]byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	const (
		pcapHeader, recordHeader, cooked   = 24, 16, 16
		nlmsghdr, genlmsghdr               = 16, 4
		privateKey, peers, presharedKey, w = 3, 8, 2, 32
	)
	var family uint16
	var keys [][]byte
	for b = b[pcapHeader:]; len(b) > recordHeader; {
		n := le.Uint32(b[8:])
		frame := b[recordHeader : recordHeader+n]
		b = b[recordHeader+n:]
		if frame[cooked-1] != 16 { // NETLINK_GENERIC
			continue
		}
		for m := frame[cooked:]; len(m) >= nlmsghdr+genlmsghdr; {
			n, typ := le.Uint32(m), le.Uint16(m[4:])
			if n < nlmsghdr+genlmsghdr || n > uint32(len(m)) {
				break
			}
			body := m[nlmsghdr+genlmsghdr : n]
			id, name := child(body, 1), child(body, 2)
			if typ == 16 && len(id) > 0 && len(name) > 0 && string(bytes.TrimRight(name[0], "\x00")) == "wireguard" {
				family = le.Uint16(id[0])
			}
			if typ == family && family != 0 {
				keys = append(keys, child(body, privateKey)...)
				for _, list := range child(body, peers) {
					for _, peer := range child(list, -1) {
						keys = append(keys, child(peer, presharedKey)...)
					}
				}
			}
			m = m[min(uint32(len(m)), (n+3)&^3):]
		}
	}
	var out [][]byte
	for _, k := range keys {
		if len(k) == w && !bytes.Equal(k, make([]byte, w)) {
			out = append(out, k)
		}
	}
	return out
}

// child returns the payloads of the attributes of a type, or of all.
func child(b []byte, typ int) (out [][]byte) {
	for len(b) >= 4 {
		n, t := int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:])&0x3fff)
		if n < 4 || n > len(b) {
			return out
		}
		if t == typ || typ < 0 {
			out = append(out, b[4:n])
		}
		b = b[min(len(b), (n+3)&^3):]
	}
	return out
}

// traces are the forms that a part of a key could take in an output.
func traces(key []byte) map[string]string {
	out := map[string]string{
		"base64":   strings.TrimRight(base64.StdEncoding.EncodeToString(key), "=")[:40],
		"base64 u": strings.TrimRight(base64.URLEncoding.EncodeToString(key), "=")[:40],
	}
	const part = 6 // bytes; shorter ones may be there by chance
	for i := 0; i+part <= len(key); i += 3 {
		x := hex.EncodeToString(key[i : i+part])
		at := " at " + x
		out["raw"+at] = string(key[i : i+part])
		out["hex"+at] = x
		out["HEX"+at] = strings.ToUpper(x)
		var spaced, colons []string
		for _, c := range key[i : i+part] {
			spaced, colons = append(spaced, hex.EncodeToString([]byte{c})), append(colons, hex.EncodeToString([]byte{c}))
		}
		out["dump"+at] = strings.Join(spaced, " ")
		out["colons"+at] = strings.Join(colons, ":")
	}
	return out
}

func TestSecrets(t *testing.T) {
	const path = "../testdata/pcaps/wireguard.pcap"
	keys := wireguardKeys(t, path)
	if len(keys) < 3 {
		t.Fatalf("only %d keys in %s", len(keys), path)
	}
	outputs := func(o render.Options) map[string]string {
		full := o
		full.Full = true
		dump := o
		dump.Hex = true
		cols, err := filter.NewColumns([]string{"WGDEVICE_A_PRIVATE_KEY", "WGPEER_A_PRESHARED_KEY"}, filter.NewEnv(db, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		fields := render.NewFields(o, render.FieldOptions{Separator: "\t", Aggregator: ","}, cols.Reader())
		forms := map[string]render.Printer{
			"lines": render.NewLine(o), "lines -x": render.NewLine(dump), "-V": render.NewTree(o), "-V -x": render.NewTree(dump),
			"json": render.NewJSON(o, true), "jsonl": render.NewJSON(o, false), "jsonl --full": render.NewJSON(full, false),
			"fields": fields,
		}
		out := map[string]string{}
		for name, p := range forms {
			d, dst := newDecoder(), []byte(nil)
			eachFrame(t, path, func(f *capture.Frame) { dst = p.Frame(dst, d.event(f)) })
			out[name] = string(dst)
		}
		return out
	}
	for name, out := range outputs(render.Options{}) {
		for _, k := range keys {
			for form, trace := range traces(k) {
				if strings.Contains(out, trace) {
					t.Errorf("%s: a key shows as %s", name, form)
				}
			}
		}
		if name != "lines" && !strings.Contains(out, "<hidden>") && !strings.Contains(out, "** **") {
			t.Errorf("%s: nothing says that a key is there", name)
		}
	}
	for name, out := range outputs(render.Options{ShowSecrets: true}) {
		if strings.Contains(out, "<hidden>") || strings.Contains(out, "**") {
			t.Errorf("%s: masked in spite of ShowSecrets", name)
		}
		if strings.HasPrefix(name, "lines") {
			continue
		}
		for _, k := range keys {
			if !strings.Contains(out, base64.StdEncoding.EncodeToString(k)) {
				t.Errorf("%s: a key is not shown in spite of ShowSecrets", name)
			}
		}
	}
}
