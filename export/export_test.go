//go:build linux

package export

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/replay"
)

func TestMain(m *testing.M) {
	replay.Child()
	os.Exit(m.Run())
}

func load(t *testing.T, file string) *replay.Capture {
	t.Helper()
	r, err := pcapng.Open(pcaptest.Path(file), pcapng.Options{Events: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c, err := replay.Load(r, families.Embedded(), dissect.OrderAuto)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func program(t *testing.T, file string) (*replay.Capture, *replay.Plan, *Program) {
	t.Helper()
	c := load(t, file)
	plan, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(file, c, plan, true)
	if err != nil {
		t.Fatal(err)
	}
	return c, plan, p
}

func written(t *testing.T, p *Program, kind string) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b, kind); err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return b.String()
}

// answers are what a program printed, by frame: errno and the kernel's words.
func answers(out string) map[string]string {
	got := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^frame (\d+) .*?: errno (-?\d+(?:, .*)?)$`).FindAllStringSubmatch(out, -1) {
		got[m[1]] = strings.TrimSuffix(m[2], ", no answer")
	}
	return got
}

// TestSameAsReplay runs what is exported, and compares what the kernel says to it
// with what it says to a replay.
func TestSameAsReplay(t *testing.T) {
	for _, file := range []string{"tour.pcapng", "nft_all.pcap"} {
		c, plan, p := program(t, file)
		res, err := replay.Namespace{}.Run(t.Context(), plan)
		if errors.Is(err, replay.ErrNoNamespace) {
			need.Need(t, false, err.Error())
		}
		if err != nil {
			t.Fatal(err)
		}
		rep, err := replay.Compare(c, plan, res, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for _, o := range rep.Outcomes {
			frame := fmt.Sprint(o.Frame)
			s := fmt.Sprint(-max(o.Got.Errno, -o.Got.Errno))
			if o.Got.Text != "" {
				s += ", " + o.Got.Text
			}
			if old, ok := want[frame]; !ok || strings.HasPrefix(old, "0") {
				want[frame] = s
			}
		}
		dir := t.TempDir()
		for _, l := range []struct {
			kind, file, tool string
			build            []string
			run              []string
		}{
			{"c", "r.c", "cc", []string{"-O2", "-Wall", "-Wextra", "-Werror", "-o", "c.out", "r.c"}, []string{"./c.out"}},
			{"python", "r.py", "python3", []string{"-W", "error", "-m", "py_compile", "r.py"}, []string{"python3", "-W", "error", "r.py"}},
			{"go", "r.go", "go", nil, []string{"./go.out"}},
		} {
			t.Run(file+"/"+l.kind, func(t *testing.T) {
				tool := need.Tool(t, l.tool)
				if err := os.WriteFile(filepath.Join(dir, l.file), []byte(written(t, p, l.kind)), 0o600); err != nil {
					t.Fatal(err)
				}
				build := exec.Command(tool, l.build...)
				build.Dir = dir
				if l.kind == "go" { // here, for the modules
					build = exec.Command(tool, "build", "-o", filepath.Join(dir, "go.out"), filepath.Join(dir, l.file))
				}
				if out, err := build.CombinedOutput(); err != nil || len(out) > 0 {
					t.Fatalf("%v: %s", err, out)
				}
				run := exec.Command(l.run[0], l.run[1:]...)
				run.Dir = dir
				out, err := run.Output()
				var exit *exec.ExitError
				if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 3) {
					t.Fatalf("%v\n%s", err, out)
				}
				got := answers(string(out))
				same := 0
				for i := range p.Requests {
					frame := fmt.Sprint(p.Requests[i].Frame)
					if len(p.Requests[i].Await) == 0 || want[frame] == "" || res.Sent[i].Frame == 0 {
						continue
					}
					if needsReply(&p.Requests[i]) {
						continue
					}
					if got[frame] != want[frame] {
						t.Errorf("frame %s %s: %q, a replay has %q", frame, p.Requests[i].Op, got[frame], want[frame])
						continue
					}
					same++
				}
				if same < 5 {
					t.Errorf("only %d requests were compared\n%s", same, out)
				}
				t.Logf("%d answers are the same", same)
			})
		}
	}
}

// needsReply says whether a request has an id that only an answer tells.
func needsReply(r *Request) bool {
	for _, f := range r.Rewrites {
		if f.Kind == replay.RewriteID {
			return true
		}
	}
	return false
}

// TestHostile: texts of a capture cannot leave their comments and strings.
func TestHostile(t *testing.T) {
	nasty := "*/ int x; /* \\ ??/ \n\"'`$(id)"
	p := &Program{Name: nasty, Sockets: []replay.Socket{{Proto: 0, Groups: []replay.Group{{Family: nasty, Name: nasty}}}}}
	p.Requests = []Request{{
		Request:  replay.Request{Frame: 1, Op: nasty, Data: make([]byte, 16), Rewrites: []replay.Rewrite{{Kind: replay.RewriteIndex, Off: 0, Size: 4, Name: nasty, Field: nasty}}},
		Messages: []Message{{Op: nasty, Line: nasty, Rows: []Row{{Text: nasty}, {Depth: 1, Bytes: make([]byte, 16), Text: nasty}}}},
		Text:     nasty, Known: true, Await: []uint32{1},
	}}
	dir := t.TempDir()
	for kind, args := range map[string][]string{
		"c":      {"cc", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c"},
		"python": {"python3", "-W", "error", "-m", "py_compile"},
		"go":     {"go", "vet"},
		"ynl":    {"sh", "-n"},
	} {
		path := filepath.Join(dir, "x."+kind)
		if kind == "python" {
			path = filepath.Join(dir, "x.py")
		}
		var b bytes.Buffer
		if kind == "ynl" {
			fmt.Fprintf(&b, "ynl --json %s\n# %s\n", shellQuote(nasty), comment(nasty))
		} else if err := p.Write(&b, kind); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		tool := need.Tool(t, args[0])
		if out, err := exec.Command(tool, append(args[1:], path)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", kind, err, out)
		}
	}
}

// TestBytes: the forms that are text have all bytes of all requests.
func TestBytes(t *testing.T) {
	_, _, p := program(t, "tour.pcapng")
	text := map[string]string{}
	for _, kind := range []string{"hex", "syz", "strace"} {
		text[kind] = written(t, p, kind)
	}
	var plain strings.Builder
	for _, l := range strings.Split(text["hex"], "\n") {
		l, _, _ = strings.Cut(l, "#")
		plain.WriteString(strings.TrimSpace(l))
	}
	at := 0
	for i := range p.Requests {
		hex := fmt.Sprintf("%x", p.Requests[i].Data)
		k := strings.Index(plain.String()[at:], hex)
		if k < 0 {
			t.Fatalf("frame %d is not in the annotated bytes", p.Requests[i].Frame)
		}
		at += k + len(hex)
		if !strings.Contains(text["syz"], `"`+hex+`"`) {
			t.Errorf("frame %d is not in the syzkaller program", p.Requests[i].Frame)
		}
		var esc strings.Builder
		for _, c := range p.Requests[i].Data {
			fmt.Fprintf(&esc, "\\x%02x", c)
		}
		if !strings.Contains(text["strace"], esc.String()) {
			t.Errorf("frame %d is not among the system calls", p.Requests[i].Frame)
		}
	}
}

// TestSecrets: keys are replaced unless asked for.
func TestSecrets(t *testing.T) {
	c := load(t, "wireguard.pcap")
	plan, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	var keys [][]byte
	for i := range c.Frames {
		if len(c.Frames[i].Data) <= capture.CookedLen {
			continue
		}
		tree := c.Tree(i)
		for k := range tree.Nodes {
			if n := &tree.Nodes[k]; n.Kind.Leaf() && n.Kind != dissect.KindPadding && tree.Hidden(int32(k)) {
				keys = append(keys, bytes.Clone(tree.Bytes(n)))
			}
		}
	}
	p, err := New("x", c, plan, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) == 0 || !p.Hidden {
		t.Fatal("the capture has no keys")
	}
	for _, kind := range Kinds {
		text := written(t, p, kind)
		for _, k := range keys {
			if strings.Contains(text, fmt.Sprintf("%x", k)) {
				t.Errorf("%s has a key", kind)
			}
		}
	}
}

// TestSlice: a slice has the exchange, and decodes as the whole does.
func TestSlice(t *testing.T) {
	c := load(t, "tour.pcapng")
	var last uint64
	for _, e := range c.Exchanges {
		if e.Proto == families.ProtoGeneric {
			last = e.ID
		}
	}
	plan, err := c.Plan(func(_ *replay.Loaded, _ *dissect.Tree, _ *dissect.Msg, ref flow.Ref) bool {
		return ref.Exchange == last
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Slice(&b, c, plan); err != nil {
		t.Fatal(err)
	}
	r, err := pcapng.NewReader(&b, pcapng.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cut, err := replay.Load(r, families.Embedded(), dissect.OrderAuto)
	if err != nil {
		t.Fatal(err)
	}
	if len(cut.Frames) >= len(c.Frames) || len(cut.Frames) < 2 {
		t.Fatalf("%d frames of %d", len(cut.Frames), len(c.Frames))
	}
	for i := range cut.Frames {
		for m := range cut.Tree(i).Own() {
			if m.Proto == families.ProtoGeneric && m.GenlName == "" && m.Type >= 16 {
				t.Errorf("frame %d: nothing names family %d", i+1, m.Type)
			}
		}
	}
}
