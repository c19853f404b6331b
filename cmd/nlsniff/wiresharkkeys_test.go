package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
)

// netlinkFile makes a pcap file of frames.
type netlinkFile struct{ data []byte }

func (f *netlinkFile) add(proto uint8, kind, flags uint16, body []byte) {
	if f.data == nil {
		f.data = binary.LittleEndian.AppendUint32(f.data, 0xa1b2c3d4)
		f.data = append(f.data, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 253, 0, 0, 0)
	}
	n := uint32(32 + len(body))
	for _, v := range []uint32{0, 0, n, n} {
		f.data = binary.LittleEndian.AppendUint32(f.data, v)
	}
	f.data = append(f.data, 0, 6, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, proto)
	f.data = binary.LittleEndian.AppendUint32(f.data, n-16)
	f.data = binary.LittleEndian.AppendUint16(f.data, kind)
	f.data = binary.LittleEndian.AppendUint16(f.data, flags)
	f.data = append(append(f.data, 1, 0, 0, 0, 0, 0, 0, 0), body...)
}

func (f *netlinkFile) write(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "made.pcap")
	if err := os.WriteFile(name, f.data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// nlattr makes an attribute.
func nlattr(kind uint16, value []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(4+len(value)))
	b = append(binary.LittleEndian.AppendUint16(b, kind), value...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

// misfits calls put with attributes of a space, and of those in it, that hold key.
func misfits(set *families.AttrSet, key []byte, depth int, put func([]byte)) {
	put(nlattr(4000, key))
	for _, f := range set.Fields {
		switch t := &f.Type; {
		case t.Kind == families.KindNest && t.Struct == nil && t.Set != nil && depth > 0:
			misfits(t.Set, key, depth-1, func(b []byte) { put(nlattr(f.ID, b)) })
		case t.Kind == families.KindUint, t.Kind == families.KindSint, t.Kind == families.KindFlag, t.Kind == families.KindBitfield32,
			t.Kind == families.KindBinary && t.Size > 0 && t.Size != len(key), t.Kind == families.KindStruct && t.Struct.Size+4 < len(key) && !t.Struct.Flex:
			put(nlattr(f.ID, key))
		}
	}
}

// TestWiresharkLuaKeys: of a family with keys, what is longer than it is described, not
// described, behind a message or cut shows none of its bytes; nor do those of a family
// whose number a second name was given to.
func TestWiresharkLuaKeys(t *testing.T) {
	t.Parallel()
	tshark, script := need.Tool(t, "tshark"), wiresharkScript(t)
	all, err := families.Embedded().LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	key := make([]byte, 64)
	for i := range key {
		key[i] = byte(0xa0 + r.IntN(0x40)) // no text
	}
	var file netlinkFile
	n, seen := 0, map[*families.AttrSet]bool{}
	named := func(id uint16, name string) {
		file.add(16, 16, 0, append([]byte{1, 2, 0, 0}, append(nlattr(1, binary.LittleEndian.AppendUint16(nil, id)), nlattr(2, append([]byte(name), 0))...)...))
	}
	for i, fam := range all {
		if !fam.Keyed {
			continue
		}
		id := uint16(40 + i)
		if fam.Genl != "" {
			named(id, fam.Genl)
		}
		for _, m := range fam.Messages {
			for b := 0; m.Body != nil && b < len(m.Body.Bodies); b++ {
				body := m.Body.Bodies[b]
				send := func(attrs []byte) {
					head := []byte{}
					if body.Header != nil {
						head = make([]byte, (body.Header.Size+3)&^3)
					}
					kind, proto := m.ID, fam.Protocol
					if fam.Genl != "" {
						head = append([]byte{byte(m.ID), 1, 0, 0}, head...)
						kind, proto = id, 16
					}
					file.add(proto, kind, 5, append(head, attrs...))
					n++
				}
				// Which of several bodies a message has is not told by what is made here.
				if body.Set == nil || seen[body.Set] || len(m.Body.Bodies) > 1 {
					continue
				}
				seen[body.Set] = true
				misfits(body.Set, key, 2, send)
				send(append(nlattr(4001, nil), key...))                // which is no attribute
				send(append([]byte{0xff, 0xff, 1, 0}, key...))         // or ends past the message
				send(append(nlattr(4001, key[:61]), 0xa0, 0xa1, 0xa2)) // or is too little for one
			}
		}
	}
	named(900, "wireguard")
	named(900, "TASKSTATS")
	file.add(16, 900, 0, append([]byte{1, 1, 0, 0}, nlattr(3, key)...))
	named(901, "TASKSTATS")
	named(901, "wireguard")
	named(901, "TASKSTATS")
	file.add(16, 901, 0, append([]byte{1, 1, 0, 0}, nlattr(3, key)...))
	file.add(16, 902, 0, append([]byte{1, 1, 0, 0}, nlattr(3, key)...)) // nobody named it
	file.add(16, 3, 2, append(make([]byte, 4), key...))                 // a NLMSG_DONE
	if n < 200 {
		t.Fatalf("only %d messages", n)
	}
	name := file.write(t)
	// Four bytes in a row, anywhere in the key, as hex, with colons, or as numbers.
	var traces []string
	for i := 0; i+4 <= len(key); i++ {
		le, be := binary.LittleEndian.Uint32(key[i:]), binary.BigEndian.Uint32(key[i:])
		traces = append(traces, fmt.Sprintf("%x", key[i:i+4]), strings.ReplaceAll(fmt.Sprintf("% x", key[i:i+4]), " ", ":"), fmt.Sprint(le), fmt.Sprint(be), fmt.Sprint(int32(le)), fmt.Sprint(int32(be)), fmt.Sprintf("%x", le))
	}
	trace := regexp.MustCompile(strings.Join(traces, "|"))
	for _, args := range [][]string{{"-O", "nlsniff"}, {"-T", "fields", "-e", "nlsniff.unknown", "-e", "nlsniff.hidden", "-e", "nlsniff.WGDEVICE_A_FWMARK", "-e", "nlsniff.WGDEVICE_A_PRIVATE_KEY", "-e", "_ws.col.Info", "-e", "_ws.expert.message"}} {
		out, err := exec.Command(tshark, append([]string{"-X", "lua_script:" + script, "-r", name}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(out), "Lua Error") || strings.Count(string(out), "<hidden>") < n {
			t.Errorf("%v: %d hidden of %d, %.300s", args, strings.Count(string(out), "<hidden>"), n, out[max(0, strings.Index(string(out), "Lua Error")):])
		}
		frame := ""
		bad := 0
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "Frame ") {
				frame = line
			}
			if m := trace.FindString(line); m != "" && bad < 10 {
				bad++
				t.Errorf("%v: %s is in %s of %s", args, m, strings.TrimSpace(line), frame)
			}
		}
	}
}
