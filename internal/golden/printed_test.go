package golden_test

import (
	"encoding/json"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// notAsPrinted are values in the JSON of a program that are not what the
// kernel said, each with what it makes of it.
var notAsPrinted = map[string]map[string]string{
	"genl_more": {
		"96441a808afa": "tipc's node id as text",
		"GCM-AES-256":  "ip's name of the cipher suite",
	},
	"nft_more": {
		"02:00:00:00:00:01": "part of a merged payload comparison", "2001:db8::": "part of a merged payload comparison",
		"1.0.6": "nft's own version", "Lester Gooch #5": "nft's own version",
		"2748": "a seed, which we show in hex", "3584": "an expression of nft's own", "3600": "a timeout in seconds",
		"daddr": "nft's word", "input": "nft's word", "ip6": "nft's word", "ipv4_addr": "nft's word", "mbytes": "nft's word",
		"port-unreachable": "nft's word", "postrouting": "nft's word", "prerouting": "nft's word",
	},
	"rdma": {
		"f8d9:0fff:feee:c01c": "a GUID in groups", "rxe0": "renamed before the recording began",
	},
	"tc_more": {
		"1023": "the end of a range that is computed", "60000000": "a rate in bits", "600000000": "a time in another unit",
		"continue": "tc's word", "disabled": "tc's word", "enabled": "tc's word", "pass": "tc's word", "triple-isolate": "tc's word",
	},
}

// printed collects the strings and numbers in the JSON documents of a log.
// Short words and small numbers would prove nothing.
func printed(v any, out map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v {
			printed(x, out)
		}
	case []any:
		for _, x := range v {
			printed(x, out)
		}
	case string:
		if len(v) > 2 {
			out[v] = true
		}
	case json.Number:
		if f, err := v.Float64(); err == nil && math.Abs(f) >= 10 {
			out[v.String()] = true
		}
	}
}

// TestPrintedValues: what ip, tc, nft and the others printed as JSON is what
// the capture says.
func TestPrintedValues(t *testing.T) {
	compared := 0
	for _, name := range pcaptest.Names {
		want := map[string]bool{}
		for _, line := range pcaptest.Log(t, name) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "[") && !strings.HasPrefix(line, "{") {
				continue
			}
			dec := json.NewDecoder(strings.NewReader(line))
			dec.UseNumber()
			var v any
			if dec.Decode(&v) == nil {
				printed(v, want)
			}
		}
		if len(want) == 0 {
			continue
		}
		text := strings.ToLower(shown(t, name))
		differ := notAsPrinted[name]
		for v := range want {
			found := containsWord(text, strings.ToLower(v))
			if !found && differ[v] == "" {
				t.Errorf("%s: a program printed %s, the capture has no such value", name, v)
			}
			if found {
				compared++
			}
		}
		for v := range differ {
			if !want[v] {
				t.Errorf("%s: nothing printed %s", name, v)
			}
		}
	}
	t.Log(strconv.Itoa(compared) + " printed values found")
	if compared < 200 {
		t.Errorf("only %d values compared", compared)
	}
}

// containsWord says whether a word stands in a text with neither a letter nor a
// digit beside it.
func containsWord(text, word string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(word)
		if (from == 0 || !alphanumeric(text[from-1])) && (to == len(text) || !alphanumeric(text[to])) {
			return true
		}
		at = from + 1
	}
}

func alphanumeric(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' }

// TestPrintedText: what iw, ip, ipset and others print as text is what the rows
// say that testdata/printed.txt names.
func TestPrintedText(t *testing.T) {
	table, err := os.ReadFile("testdata/printed.txt")
	if err != nil {
		t.Fatal(err)
	}
	trees := map[string]string{}
	for line := range strings.Lines(string(table)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		words := strings.Split(line, "\t")
		if len(words) != 4 {
			t.Fatalf("%q has not four parts", line)
		}
		name, re, row := words[0], regexp.MustCompile("(?m)"+words[1]), words[3]
		atLeast, err := strconv.Atoi(words[2])
		if err != nil {
			t.Fatal(err)
		}
		if trees[name] == "" {
			trees[name] = shown(t, name)
		}
		log := strings.Join(pcaptest.Log(t, name), "\n")
		found := 0
		for _, m := range re.FindAllStringSubmatchIndex(log, -1) {
			want := string(re.ExpandString(nil, row, log, m))
			if !strings.Contains(trees[name], want+"\n") && !strings.Contains(trees[name], want+" ") {
				t.Errorf("%s: %q was printed, the capture has no row %q", name, log[m[0]:m[1]], want)
				continue
			}
			found++
		}
		if found < atLeast {
			t.Errorf("%s: %d of %q found, want %d at least", name, found, words[1], atLeast)
		}
	}
}

// shown returns a capture as -V shows it.
func shown(t *testing.T, name string) string {
	t.Helper()
	s := dissect.NewSession(dissect.OrderAuto)
	d := dissect.New(families.Embedded())
	p := render.NewTree(render.Options{})
	var out []byte
	frames := pcaptest.Frames(t, name)
	for i := range frames {
		f := &frames[i]
		in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		s.Prepare(&in, f.Section)
		out = p.Frame(out, &render.Event{Number: f.Number, Links: in.Links, Tree: d.Frame(&in), OrigLen: f.OrigLen})
	}
	return string(out)
}
