//go:build linux

package export

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
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

// ynlTool is the kernel's own ynl, which makes requests of command lines and sends
// none.
type ynlTool struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Reader
}

func startYNL(t *testing.T) *ynlTool {
	t.Helper()
	tool, specs := need.KernelSource(t, "tools/net/ynl"), need.KernelSource(t, "Documentation/netlink/specs")
	script, err := filepath.Abs("testdata/ynl.py")
	if err != nil {
		t.Fatal(err)
	}
	y := &ynlTool{cmd: exec.Command(pythonYAML(t), script, tool, specs)}
	if y.in, err = y.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := y.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	y.cmd.Stderr, y.answers = os.Stderr, bufio.NewReader(out)
	if err := y.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		y.in.Close()
		if err := y.cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return y
}

// make returns what ynl would send, or what it says is wrong.
func (y *ynlTool) make(t *testing.T, c *ynlCommand) ([]byte, string) {
	t.Helper()
	line, _ := json.Marshal(map[string]string{"spec": c.spec, "op": c.op, "args": c.args})
	if _, err := y.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	text, err := y.answers.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var made struct{ Hex, Error string }
	if err := json.Unmarshal(text, &made); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	b, _ := hex.DecodeString(made.Hex)
	return b, made.Error
}

// TestYNLTool has the kernel's own ynl make the requests, from the command lines,
// and compares what it would send with the captured requests, value by value.
func TestYNLTool(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes where it is checked for races, of which it has none")
	}
	tool, d := startYNL(t), dissect.New(families.Embedded())
	all, same := 0, 0
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
		commands, err := p.ynlCommands()
		if err != nil {
			t.Fatal(err)
		}
		for _, y := range commands {
			if y.err != nil {
				continue
			}
			all++
			at := slices.IndexFunc(c.Frames, func(f replay.Loaded) bool { return f.Number == y.frame })
			made, text := tool.make(t, &y)
			if text == "" {
				text = differs(d, &c.Frames[at].Input, y.no, made)
			}
			if text == "" {
				same++
				continue
			}
			t.Logf("%s frame %d: ynl --family %s %s --json %s: %s", name, y.frame, y.spec, y.op, y.args, text)
		}
	}
	t.Logf("%d of %d command lines make the captured request", same, all)
	if all < 2000 || same != all {
		t.Error("these are few")
	}
}

// pythonYAML is a Python that has the module yaml, which a distribution's package
// brings for its own alone.
func pythonYAML(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import yaml").Run() == nil {
			return python
		}
	}
	need.Need(t, false, "no Python has the module yaml (python3-yaml)")
	return ""
}

// differs says what the values of a message that ynl made are not as in the one
// that stands at no in a frame.
func differs(d *dissect.Dissector, frame *dissect.Input, no int, made []byte) string {
	tree := d.Frame(frame)
	var want []string
	var head, body []byte
	for m := range tree.Own() {
		if no--; no == -1 {
			want = values(tree, m)
			head = bytes.Clone(tree.Data[m.Off : m.Off+16])
			body = bytes.Clone(tree.Data[m.Off+16 : tree.Nodes[m.Node].Off+tree.Nodes[m.Node].Len])
		}
	}
	// Its number, flags, sequence number and portid are the sender's choice.
	copy(made[4:16], head[4:16])
	in := *frame
	in.Data = append(bytes.Clone(frame.Data[:capture.CookedLen]), made...)
	in.OrigLen = len(in.Data)
	binary.NativeEndian.PutUint32(in.Data[capture.CookedLen:], uint32(len(made)))
	var got []string
	tree = d.Frame(&in)
	for m := range tree.Own() {
		got = values(tree, m)
	}
	if onlyFamily(body) && onlyFamily(made[16:]) && made[16] == body[0] {
		return "" // programs ask with another header, of which the kernel takes the family
	}
	slices.Sort(want)
	slices.Sort(got)
	if slices.Equal(want, got) {
		return ""
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
	return fmt.Sprintf("lacks %q, adds %q", lost, extra)
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
