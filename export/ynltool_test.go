//go:build linux

package export

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/replay"
)

// TestYNLTool has the kernel's own ynl make the requests, from the command lines,
// and compares what it would send with the captured requests, value by value.
// NLSNIFF_YNL is tools/net/ynl of a kernel's source, which Debian has in
// linux-source-6.12 (too large to be fetched each time); NLSNIFF_SPECS a folder of
// specifications.
func TestYNLTool(t *testing.T) {
	tool, specs := os.Getenv("NLSNIFF_YNL"), os.Getenv("NLSNIFF_SPECS")
	if tool == "" || specs == "" {
		t.Skip("NLSNIFF_YNL names no tools/net/ynl, or NLSNIFF_SPECS no specifications")
	}
	script, err := filepath.Abs("testdata/ynl.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(need.Tool(t, "python3"), script, tool, specs)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(out)
	all, same, newer := 0, 0, 0
	for _, name := range pcaptest.Names {
		c := load(t, name+".pcap")
		plan, err := c.Plan(nil)
		if err != nil {
			continue // programs that only listen
		}
		p, err := New(name, c, plan, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, y := range p.ynlCommands() {
			if y.err != nil {
				continue
			}
			all++
			line, _ := json.Marshal(map[string]string{"spec": y.spec, "op": y.op, "args": y.args})
			if _, err := in.Write(append(line, '\n')); err != nil {
				t.Fatal(err)
			}
			text, err := answers.ReadBytes('\n')
			if err != nil {
				t.Fatal(err)
			}
			var made struct{ Hex, Error string }
			if err := json.Unmarshal(text, &made); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			if older(y.spec, made.Error) {
				newer++
				continue
			}
			if made.Error != "" {
				t.Logf("%s frame %d: ynl --family %s %s --json %s: %s", name, y.frame, y.spec, y.op, y.args, made.Error)
				continue
			}
			b, _ := hex.DecodeString(made.Hex)
			if sameValues(t, c, name, y, b) {
				same++
			}
		}
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	t.Logf("%d of %d command lines make the captured request; of %d values only a later ynl takes", same, all, newer)
	// The specifications are not without mistakes.
	if all < 2000 || 100*(same+newer) < 99*all {
		t.Error("these are few")
	}
}

// older says that an error is one of the ynl of Linux 6.12, which takes addresses as
// bytes in hex only, and no indexed arrays.
func older(spec, text string) bool {
	return strings.Contains(text, "fromhex() arg at position") || spec == "wireguard" && strings.HasSuffix(text, "indexed-array")
}

// sameValues compares a message that ynl made with the captured one.
func sameValues(t *testing.T, c *replay.Capture, name string, y ynlCommand, made []byte) bool {
	at := slices.IndexFunc(c.Frames, func(f replay.Loaded) bool { return f.Number == y.frame })
	f := &c.Frames[at]
	d := dissect.New(families.Embedded())
	tree := d.Frame(&f.Input)
	no := 0
	var want []string
	var head []byte
	for m := range tree.Own() {
		if no++; no-1 == y.no {
			want = values(tree, m)
			head = bytes.Clone(tree.Data[m.Off : m.Off+16])
		}
	}
	// Its number, flags, sequence number and portid are the sender's choice.
	copy(made[4:16], head[4:16])
	in := f.Input
	in.Data = append(bytes.Clone(f.Data[:capture.CookedLen]), made...)
	in.OrigLen = len(in.Data)
	binary.NativeEndian.PutUint32(in.Data[capture.CookedLen:], uint32(len(made)))
	var got []string
	tree = d.Frame(&in)
	for m := range tree.Own() {
		got = values(tree, m)
	}
	if len(want) == 1 && strings.HasPrefix(want[0], "rtgenmsg ") {
		// Programs ask with a shorter header, which is all zeros there.
		got = slices.DeleteFunc(got, func(s string) bool {
			return strings.HasSuffix(s, " 0") || strings.HasSuffix(s, " /0") || strings.HasSuffix(s, " RT_SCOPE_UNIVERSE")
		})
		family := want[0][strings.LastIndexByte(want[0], ' '):]
		if len(got) == 1 && strings.HasSuffix(got[0], family) {
			return true
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if slices.Equal(want, got) {
		return true
	}
	var lost, extra []string
	for _, v := range want {
		if !slices.Contains(got, v) {
			lost = append(lost, v)
		}
	}
	for _, v := range got {
		if !slices.Contains(want, v) {
			extra = append(extra, v)
		}
	}
	t.Logf("%s frame %d: ynl --family %s %s --json %s\n\tlacks %q\n\tadds %q", name, y.frame, y.spec, y.op, y.args, lost, extra)
	return false
}

// values lists what a message says, without lengths, types and padding.
func values(t *dissect.Tree, m *dissect.Msg) []string {
	var out, path []string
	var ends []int32
	ev := &render.Event{Number: 1, Tree: t}
	for i := t.Body(m); i < t.Nodes[m.Node].End; i++ {
		for len(ends) > 0 && i >= ends[len(ends)-1] {
			path, ends = path[:len(path)-1], ends[:len(ends)-1]
		}
		n := &t.Nodes[i]
		switch n.Kind {
		case dissect.KindAttr, dissect.KindElem, dissect.KindStruct:
			path, ends = append(path, render.NodeName(t, i)), append(ends, n.End)
			if t.Nodes[i].End == i+3 && n.Kind == dissect.KindAttr {
				out = append(out, strings.Join(path, "/"))
			}
		case dissect.KindMember, dissect.KindValue, dissect.KindUnknown, dissect.KindTrailing:
			out = append(out, strings.Join(path, "/")+" "+render.NodeName(t, i)+" "+string(render.AppendValue(nil, render.Options{ShowSecrets: true}, ev, n)))
		}
	}
	return out
}
