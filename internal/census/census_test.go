package census

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestHierarchy(t *testing.T) {
	var a, b Level
	a.Add(1, 20, "ROUTE", "rt-link", "RTM_NEWLINK")
	a.Add(1, 30, "ROUTE", "rt-link", "RTM_NEWLINK") // the same frame
	a.Add(3, 10, "GENERIC", "nlctrl", "CTRL_CMD_GETFAMILY")
	b.Add(2, 40, "ROUTE", "rt-addr", "RTM_NEWADDR")
	a.Merge(&b)
	a.Sort()
	var out strings.Builder
	if err := a.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := `  protocol, family, operation  frames  messages  bytes
  ROUTE                        2       3         90
    rt-link                    1       2         50
      RTM_NEWLINK              1       2         50
    rt-addr                    1       1         40
      RTM_NEWADDR              1       1         40
  GENERIC                      1       1         10
    nlctrl                     1       1         10
      CTRL_CMD_GETFAMILY       1       1         10
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	js, err := json.Marshal(a.Below[1])
	if want := `{"name":"GENERIC","frames":1,"messages":1,"bytes":10,"below":[{"name":"nlctrl","frames":1,"messages":1,"bytes":10,"below":[{"name":"CTRL_CMD_GETFAMILY","frames":1,"messages":1,"bytes":10}]}]}`; err != nil || string(js) != want {
		t.Errorf("%s, %v", js, err)
	}
}

// TestHierarchyBounded: endless names end in one.
func TestHierarchyBounded(t *testing.T) {
	var l Level
	for i := range maxNames + 10 {
		l.Add(i+1, 0, fmt.Sprint(i))
	}
	if last := l.Below[len(l.Below)-1]; len(l.Below) != maxNames+1 || last.Name != "other" || last.Messages != 10 {
		t.Errorf("%d names, the last is %+v", len(l.Below), last)
	}
}

func TestColumns(t *testing.T) {
	a, b := NewColumns(2, 1e9), NewColumns(2, 1e9)
	a.Add(0, 0, 2, 100)
	a.Add(0, 1, 0, 100)
	b.Add(5e8, 1, 1, 50)
	b.Add(25e8, 0, 1, 30)
	a.Merge(b)
	var out strings.Builder
	if err := a.Write(&out, []string{"error", "seq > 0"}); err != nil {
		t.Fatal(err)
	}
	want := `  1: error
  2: seq > 0
        interval s  1: frames  messages  bytes  2: frames  messages  bytes
    0.000 <> 1.000          1         2    100          1         1     50
    2.000 <> 3.000          1         1     30          0         0      0
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestSplitFilters(t *testing.T) {
	for in, want := range map[string][]string{
		"error":                       {"error"},
		`pid in {1, 2},comm == "a,b"`: {"pid in {1, 2}", `comm == "a,b"`},
		`x == "\",",(a, b) , c`:       {`x == "\","`, "(a, b)", "c"},
		",":                           {"", ""},
		"]),a":                        {"])", "a"},
	} {
		if got := SplitFilters(in); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
