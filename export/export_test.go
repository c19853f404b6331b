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
	"slices"
	"strings"
	"testing"

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

// printed is what a program said of a request.
type printed struct {
	said    string
	differs []string // what the capture has otherwise
}

// read takes a program's output apart, by frame.
func read(out string) map[string]printed {
	got := map[string]printed{}
	frame := ""
	for line := range strings.Lines(strings.TrimRight(out, "\n")) {
		line = strings.TrimRight(line, "\n")
		if m := regexp.MustCompile(`^frame (\d+) .*?: ((?:errno|not sent).*)$`).FindStringSubmatch(line); m != nil {
			frame = m[1]
			got[frame] = printed{said: m[2]}
			continue
		}
		p := got[frame]
		p.differs = append(p.differs, strings.TrimSpace(line))
		got[frame] = p
	}
	return got
}

// TestSameAsReplay runs what is exported, and compares what it says with what a
// replay says: what the kernel answered, what of it the capture has otherwise, and
// the exit code.
func TestSameAsReplay(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"tour.pcapng", "nft_all.pcap"} {
		c := load(t, file)
		plan, err := c.Plan(nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Before(plan)
		p, err := New(file, c, plan, true)
		if err != nil {
			t.Fatal(err)
		}
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
			if l.kind == "go" && file != "tour.pcapng" {
				continue // its compiler takes long
			}
			t.Run(file+"/"+l.kind, func(t *testing.T) {
				t.Parallel()
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
				code := 0
				var exit *exec.ExitError
				if errors.As(err, &exit) {
					code = exit.ExitCode()
				} else if err != nil {
					t.Fatal(err)
				}
				want := 0
				if rep.Differ > 0 {
					want = 3
				}
				if code != want {
					t.Errorf("it ended with %d, a replay ends with %d", code, want)
				}
				compareWith(t, rep, read(string(out)))
			})
		}
	}
}

// compareWith compares what a program printed with a replay's report.
func compareWith(t *testing.T, rep *replay.Report, got map[string]printed) {
	t.Helper()
	frames := map[string][]*replay.Compared{}
	for i := range rep.Outcomes {
		x := &rep.Outcomes[i]
		frames[fmt.Sprint(x.Frame)] = append(frames[fmt.Sprint(x.Frame)], x)
	}
	same, different := 0, 0
	for frame, list := range frames {
		g, ok := got[frame]
		if !ok {
			t.Errorf("frame %s %s: nothing is said of it", frame, list[0].Op)
			continue
		}
		differs, refused := false, ""
		for _, x := range list {
			differs = differs || !x.Same && !x.Unknown
			if x.Got.Errno != 0 && refused == "" {
				refused = fmt.Sprintf("errno %d", -max(x.Got.Errno, -x.Got.Errno))
				if x.Got.Text != "" {
					refused += ", " + x.Got.Text
				}
			}
		}
		if !strings.HasPrefix(g.said, refused) {
			t.Errorf("frame %s %s: %q, a replay has %q", frame, list[0].Op, g.said, refused)
		}
		if settles(list, g.differs) {
			continue
		}
		if (len(g.differs) > 0 || strings.HasPrefix(g.said, "not sent")) != differs {
			t.Errorf("frame %s %s: it differs in %q, in a replay in %+v", frame, list[0].Op, g.differs, list[0].Differs)
			continue
		}
		if !differs {
			same++
			continue
		}
		different++
		for _, x := range list {
			for _, d := range x.Differs {
				if x.Got.Replies == 1 && x.Expected.Replies == 1 && d.What == "value" && d.Then != "absent" && !slices.ContainsFunc(g.differs, func(s string) bool { return strings.Contains(s, " "+d.Path+":") || strings.Contains(s, "/"+d.Path+":") }) {
					t.Errorf("frame %s %s: a replay has %+v, not in %q", frame, x.Op, d, g.differs)
				}
			}
		}
	}
	if same == 0 {
		t.Error("nothing is the same")
	}
	t.Logf("%d the same, %d different", same, different)
}

// settles says that all differences are in what the kernel finds out a while after
// it answers (net/core/link_watch.c), which two runs need not see at the same point.
func settles(list []*replay.Compared, said []string) bool {
	n := len(said)
	for _, x := range list {
		for _, d := range x.Differs {
			if n++; d.Path != "IFLA_OPERSTATE" && d.Path != "ifinfomsg/ifi_flags" {
				return false
			}
		}
	}
	return n > 0 && !slices.ContainsFunc(said, func(s string) bool {
		return !strings.Contains(s, " IFLA_OPERSTATE:") && !strings.Contains(s, " ifinfomsg/ifi_flags:")
	})
}

// TestHostile: texts of a capture cannot leave their comments and strings.
func TestHostile(t *testing.T) {
	nasty := "*/ int x; /* \\ ??/ \n\"'`$(id)"
	p := &Program{Name: nasty, Sockets: []replay.Socket{{Proto: 0, Groups: []replay.Group{{Family: nasty, Name: nasty}}}}}
	p.Links = []replay.Link{{Name: nasty, Kind: nasty, Address: []byte(nasty)}}
	p.Requests = []Request{{
		Request:  replay.Request{Frame: 1, Op: nasty, Data: make([]byte, 16), Rewrites: []replay.Rewrite{{Kind: replay.RewriteIndex, Off: 0, Size: 4, Name: nasty, Field: nasty}}},
		Messages: []Message{{Op: nasty, Line: nasty, Rows: []Row{{Text: nasty}, {Depth: 1, Bytes: make([]byte, 16), Text: nasty}}}},
		Known:    true, Await: []Await{{Seq: 1, Text: nasty, About: nasty, Words: true}},
		Replies: []Reply{{Seq: 1, Type: 16, Parts: []Part{{How: Same, Form: 's', Type: 1, Bytes: []byte(nasty), Size: len(nasty), Path: nasty, Text: nasty, Slot: -1}}}},
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
	_, _, tour := program(t, "tour.pcapng")
	for _, p := range []*Program{tour, synthetic(t, 11)} {
		text := map[string]string{}
		for _, kind := range []string{"hex", "syz", "strace"} {
			text[kind] = written(t, p, kind)
		}
		var plain strings.Builder
		for _, l := range strings.Split(text["hex"], "\n") {
			l, _, _ = strings.Cut(l, "#")
			plain.WriteString(strings.TrimSpace(l))
		}
		text["hex"] = plain.String()
		for i := range p.Requests {
			q := &p.Requests[i]
			var esc strings.Builder
			for _, c := range q.Data {
				fmt.Fprintf(&esc, "\\x%02x", c)
			}
			hex := fmt.Sprintf("%x", q.Data)
			for kind, has := range map[string]string{"hex": hex, "syz": `"` + hex + `"`, "strace": esc.String()} {
				_, rest, ok := strings.Cut(text[kind], has)
				if !ok {
					t.Fatalf("%s: the bytes of frame %d %s are not there, or not in their turn", kind, q.Frame, q.Op)
				}
				text[kind] = rest
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
