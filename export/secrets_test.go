package export

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/craft"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/replay"
)

// frames is a source of frames in memory.
type frames struct{ list []capture.Frame }

func (s *frames) Next(f *capture.Frame) error {
	if len(s.list) == 0 {
		return io.EOF
	}
	*f, s.list = s.list[0], s.list[1:]
	return nil
}
func (s *frames) Stats() capture.Stats { return capture.Stats{} }
func (s *frames) Close() error         { return nil }

// keyed is the capture of WireGuard with a request behind it that has a key and
// that ynl can make.
func keyed(t *testing.T) *replay.Capture {
	t.Helper()
	list := pcaptest.Frames(t, "wireguard")
	c, err := replay.Load(&frames{list}, families.Embedded(), dissect.OrderAuto)
	if err != nil {
		t.Fatal(err)
	}
	var id uint16
	for i := range c.Frames {
		for m := range c.Tree(i).Own() {
			if m.GenlName == "wireguard" {
				id = m.Type
			}
		}
	}
	db := families.Embedded()
	d, _, err := craft.Find(db, []string{"WG_CMD_SET_DEVICE"})
	if err != nil {
		t.Fatal(err)
	}
	v := craft.New(d, nil)
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(0xb0 + 7*i)
	}
	for _, w := range []string{"WGDEVICE_A_IFNAME=wg0", "WGDEVICE_A_PRIVATE_KEY=" + base64.StdEncoding.EncodeToString(key)} {
		if err := craft.Assign(v, d, w); err != nil {
			t.Fatal(err)
		}
	}
	m, err := encode.New(db).Encode(v, encode.Options{Whole: true, FamilyID: func(string) uint16 { return id }})
	if err != nil {
		t.Fatal(err)
	}
	f := list[len(list)-1]
	head := make([]byte, capture.CookedLen)
	head[1], head[2], head[3], head[15] = 4, 824>>8, 824&0xff, families.ProtoGeneric
	f.Number, f.Dir, f.Data = len(list)+1, capture.DirToKernel, append(head, m.Data...)
	f.OrigLen = len(f.Data)
	list = append(list, f)
	if c, err = replay.Load(&frames{list}, db, dissect.OrderAuto); err != nil {
		t.Fatal(err)
	}
	return c
}

// spellings are the ways in which a text can have bytes.
func spellings(b []byte) []string {
	list := func(format, between string) string {
		var out []string
		for _, c := range b {
			out = append(out, fmt.Sprintf(format, c))
		}
		return strings.Join(out, between)
	}
	bare := func(s string) string { return s[1 : len(s)-1] } // without its quotes
	return []string{
		string(b), bare(strconv.Quote(string(b))), bare(cString(string(b))), bare(pyString(string(b))),
		list("%02x", ""), list("%02X", ""), list("%02x", " "), list("%02x", ":"), list("0x%02x", ", "), list("0x%02x", ","),
		list(`\x%02x`, ""), list(`\x%02X`, ""), list(`\%03o`, ""), list("%d", ", "), list("%d", ","), list("%d", " "),
	}
}

// TestSecrets: keys are replaced unless asked for, in all forms and however they
// are spelt.
func TestSecrets(t *testing.T) {
	c := keyed(t)
	plan, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	var keys [][]string
	for i := range c.Frames {
		tree := c.Tree(i)
		for k := range tree.Nodes {
			n := &tree.Nodes[k]
			if !n.Kind.Leaf() || !tree.Hidden(int32(k)) {
				continue
			}
			b := tree.Bytes(n)
			all := []string{strings.TrimRight(base64.StdEncoding.EncodeToString(b), "="), strings.TrimRight(base64.URLEncoding.EncodeToString(b), "=")}
			for part := range slices.Chunk(b, 8) { // forms break lines behind 16
				all = append(all, spellings(part)...)
			}
			keys = append(keys, all)
		}
	}
	if len(keys) == 0 {
		t.Fatal("the capture has no keys")
	}
	sent := make([][]byte, len(plan.Requests))
	for i := range sent {
		sent[i] = bytes.Clone(plan.Requests[i].Data)
	}
	for _, secrets := range []bool{false, true} {
		p, err := New("x", c, plan, secrets)
		if err != nil {
			t.Fatal(err)
		}
		if p.Hidden == secrets {
			t.Errorf("keys asked for: %t, replaced: %t", secrets, p.Hidden)
		}
		for _, kind := range Kinds {
			var b bytes.Buffer
			if err := p.Write(&b, kind); err != nil {
				t.Fatal(err)
			}
			found := ""
			for _, all := range keys {
				for _, s := range all {
					if strings.Contains(b.String(), s) {
						found = s
					}
				}
			}
			if (found != "") != secrets {
				t.Errorf("%s: keys asked for: %t, found: %q", kind, secrets, found)
			}
		}
	}
	for i := range sent {
		if !bytes.Equal(sent[i], plan.Requests[i].Data) {
			t.Errorf("frame %d: the plan was changed", plan.Requests[i].Frame)
		}
	}
}
