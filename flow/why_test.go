package flow_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/frametext"
)

// whyCase is one of testdata/why.txt.
type whyCase struct {
	name      string
	errnos    []int32
	reason    string
	bad, good string // protocol and message
}

var whyErrnos = map[string]int32{
	"EPERM": -1, "ENOENT": -2, "EEXIST": -17, "ENODEV": -19, "EINVAL": -22, "ERANGE": -34, "EOPNOTSUPP": -95, "EAFNOSUPPORT": -97, "ENETUNREACH": -101,
}

func whyCases(t *testing.T, file string) []whyCase {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []whyCase
	for n, line := range strings.Split(string(b), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || line[0] == '#':
		case word == "case":
			part := strings.SplitN(rest, ": ", 3)
			if len(part) != 3 {
				t.Fatalf("%d: want: case NAME: ERRNO: REASON", n+1)
			}
			c := whyCase{name: part[0], reason: part[2]}
			for _, e := range strings.Fields(part[1]) {
				if whyErrnos[e] == 0 {
					t.Fatalf("%d: no errno %s", n+1, e)
				}
				c.errnos = append(c.errnos, whyErrnos[e])
			}
			out = append(out, c)
		case word == "bad":
			out[len(out)-1].bad = rest
		case word == "good":
			out[len(out)-1].good = rest
		default:
			t.Fatalf("%d: %s", n+1, line)
		}
	}
	return out
}

// frames makes frames of a request and, if there is an errno, the kernel's
// answer without a word. Names of generic families and @NAME become numbers.
func whyFrames(request string, errno int32, number func(name string) uint32) ([]capture.Frame, error) {
	words := strings.Fields(request)
	for i, w := range words {
		if k := strings.IndexByte(w, '@'); k >= 0 {
			name := strings.TrimRight(w[k+1:], "]")
			words[i] = w[:k] + strconv.Itoa(int(number("@"+name))) + w[k+1+len(name):]
		}
	}
	if words[0] == "generic" {
		words[1] = strconv.Itoa(int(number(words[1])))
	}
	text := "frame 0ms " + words[0] + "\n" + strings.Join(words[1:], " ") + "\n"
	if errno != 0 {
		text += "frame 1ms " + words[0] + "\nNLMSG_ERROR - seq 1 portid 9 errno " + strconv.Itoa(int(errno)) + " of 1\n"
	}
	return frametext.Parse(text)
}

// whyFamilies are the generic families of the cases.
var whyFamilies = []string{"wireguard", "nl80211", "macsec", "ethtool"}

// hostNumber stands in for what a machine has.
func hostNumber(name string) uint32 {
	if name == "nlctrl" {
		return 16
	}
	if i := slices.Index(whyFamilies, name); i >= 0 {
		return uint32(100 + i)
	}
	if n, err := strconv.Atoi(name); err == nil {
		return uint32(n)
	}
	return 77
}

// TestWhy reads the reason of each case out of its request, and out of the one
// without the fault nothing of the kind.
func TestWhy(t *testing.T) {
	cases := whyCases(t, "testdata/why.txt")
	if len(cases) < 30 {
		t.Fatalf("%d cases", len(cases))
	}
	db := families.Embedded()
	ids := &families.Registry{}
	for i, name := range whyFamilies {
		ids.Learn(0, uint16(100+i), name)
	}
	used := map[int]bool{} // rules that explain a refusal
	why := func(t *testing.T, request string, errno int32) string {
		frames, err := whyFrames(request, errno, hostNumber)
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		x := flow.NewExplainer(db)
		tr := flow.NewTracker(db, flow.Options{Keep: 1 << 16, Closed: func(e *flow.Exchange) {
			for _, i := range flow.Rules(e, x.Explain(e)) {
				used[i] = true
			}
			for _, c := range flow.Why(e, x.Explain(e)) {
				out += fmt.Sprintf("%v %v: %s\n", c.Inferred, c.Likely, c.Text)
			}
		}})
		for i := range frames {
			f := &frames[i]
			in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, IDs: ids}
			tr.Observe(&flow.Frame{Input: &in, Time: f.Time})
		}
		tr.Close()
		return out
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, errno := range c.errnos {
				if got := why(t, c.bad, errno); !strings.Contains(got, c.reason) {
					t.Errorf("errno %d: %swant %s", errno, got, c.reason)
				}
			}
			// What only the errno tells is said of the twin too; of what
			// is wrong with it, nothing.
			for _, errno := range []int32{-22, -34} {
				if got := why(t, c.good, errno); strings.Contains(got, "true false") {
					t.Errorf("the twin, errno %d: %s", errno, got)
				}
			}
		})
	}
	for i, name := range flow.RuleNames() {
		if !used[i] {
			t.Errorf("no case for rule %s", name)
		}
	}
}
