package render_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/render"
)

// monitorRow is what a native monitor prints for a message, and what our line
// says for it.
type monitorRow struct {
	line    int // of the file
	tool    string
	capture string
	frame   int
	printed string
	words   []string
}

// monitorRows reads testdata/monitors/monitors.txt.
func monitorRows(t *testing.T) []monitorRow {
	t.Helper()
	b, err := os.ReadFile("../testdata/monitors/monitors.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []monitorRow
	tool := ""
	for i, s := range strings.Split(string(b), "\n") {
		if s != "" && s[0] == '-' {
			if what, why, _ := strings.Cut(s[1:], ": "); strings.TrimSpace(what) == "" || why == "" {
				t.Errorf("monitors.txt:%d: %q has no reason", i+1, s)
			}
			continue
		}
		if s == "" || s[0] == '#' {
			continue
		}
		if name, ok := strings.CutPrefix(s, "tool "); ok {
			tool = name
			continue
		}
		// A bar with blanks around it is in none of the lines.
		cells := strings.Split(s, " | ")
		if len(cells) != 3 {
			t.Fatalf("monitors.txt:%d: %d cells", i+1, len(cells))
		}
		name, no, _ := strings.Cut(cells[0], " ")
		frame, err := strconv.Atoi(no)
		if err != nil {
			t.Fatalf("monitors.txt:%d: %v", i+1, err)
		}
		out = append(out, monitorRow{i + 1, tool, name, frame, cells[1], strings.Split(cells[2], " … ")})
	}
	return out
}

// says whether a line has all words, in their order.
func says(line string, words []string) bool {
	for _, w := range words {
		at := strings.Index(line, w)
		if at < 0 || w == "" {
			return false
		}
		line = line[at+len(w):]
	}
	return true
}

// TestMonitors holds our lines against what the native monitors printed while
// the same messages were captured.
func TestMonitors(t *testing.T) {
	rows := monitorRows(t)
	perTool := map[string]int{}
	wanted := map[string]map[int]string{}
	for _, r := range rows {
		perTool[r.tool]++
		if wanted[r.capture] == nil {
			wanted[r.capture] = map[int]string{}
		}
		wanted[r.capture][r.frame] = ""
	}
	logs := map[string]map[string]bool{}
	for name, frames := range wanted {
		printed := map[string]bool{}
		log, err := os.ReadFile("../testdata/" + name + ".log")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range strings.Split(string(log), "\n") {
			s = strings.TrimSpace(strings.TrimPrefix(s, "conntrack v1.4.7 (conntrack-tools):"))
			printed[s] = true
		}
		logs[name] = printed
		d, l := newDecoder(), render.NewLine(render.Options{})
		eachFrame(t, "../testdata/"+name+".pcap", func(f *capture.Frame) {
			ev := d.event(f)
			if _, ok := frames[f.Number]; ok {
				frames[f.Number] = string(l.Frame(nil, ev))
			}
		})
	}
	for _, r := range rows {
		where := fmt.Sprintf("monitors.txt:%d: %s frame %d", r.line, r.capture, r.frame)
		if !logs[r.capture][r.printed] {
			t.Errorf("%s: %s did not print %q", where, r.tool, r.printed)
		}
		found := false
		for _, line := range strings.Split(wanted[r.capture][r.frame], "\n") {
			found = found || says(line, r.words)
		}
		if !found {
			t.Errorf("%s: %s printed %q, ours does not say %q:\n%.900s", where, r.tool, r.printed, r.words, wanted[r.capture][r.frame])
		}
	}
	for _, tool := range []string{"ip monitor all", "tc monitor", "nft monitor", "conntrack -E -o id,extended", "ip xfrm monitor",
		"bridge monitor", "iw event -t -f", "ss", "ipset", "ovs-dpctl"} {
		if perTool[tool] < 4 {
			t.Errorf("%s: %d rows", tool, perTool[tool])
		}
	}
}
