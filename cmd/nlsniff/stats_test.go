package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestIntervals compares the frames and bytes of each interval with what
// tshark counts.
func TestIntervals(t *testing.T) {
	tshark := need.Tool(t, "tshark")
	row := regexp.MustCompile(`\| *([0-9.]+) <> *[0-9.]+ *\| *(\d+) \| *(\d+) \|`)
	for _, name := range []string{"wireguard", "nft_all", "wifi", "tc_more"} {
		path := pcaptest.Path(name + ".pcap")
		theirs, err := exec.Command(tshark, "-r", path, "-q", "-z", "io,stat,0.5").Output()
		if err != nil {
			t.Fatal(err)
		}
		var ours struct {
			Intervals []struct {
				Start  int64 `json:"start_ns"`
				Frames int   `json:"frames"`
				Bytes  int   `json:"bytes"`
			} `json:"intervals"`
		}
		if err := json.Unmarshal(statsOf(t, "read", "-z", "io,stat,0.5", "-T", "json", path), &ours); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, i := range ours.Intervals {
			if i.Frames > 0 {
				got[strconv.FormatFloat(float64(i.Start)/1e9, 'f', 1, 64)] = strconv.Itoa(i.Frames) + " " + strconv.Itoa(i.Bytes)
			}
		}
		rows := row.FindAllSubmatch(theirs, -1)
		if len(rows) == 0 {
			t.Fatalf("%s: tshark says %s", name, theirs)
		}
		compared := 0
		for _, r := range rows {
			if string(r[2]) == "0" {
				continue
			}
			if want := string(r[2]) + " " + string(r[3]); got[string(r[1])] != want {
				t.Errorf("%s, from %s s: %q frames and bytes, tshark has %q", name, r[1], got[string(r[1])], want)
			}
			compared++
		}
		if compared != len(got) {
			t.Errorf("%s: %d intervals, tshark has %d", name, len(got), compared)
		}
	}
}

// TestStatsAgree: the sums of every capture are those of its exchanges, one by
// one.
func TestStatsAgree(t *testing.T) {
	for _, name := range pcaptest.Names {
		path := pcaptest.Path(name + ".pcap")
		type counts struct{ Count, OK, Failed, Unanswered, Orphans, Other int }
		var stats struct {
			Exchanges                    counts
			Families, Operations, Errors []counts
		}
		if err := json.Unmarshal(statsOf(t, "stats", "-T", "json", path), &stats); err != nil {
			t.Fatal(err)
		}
		var want counts
		d := json.NewDecoder(bytes.NewReader(statsOf(t, "read", "--exchanges", "-T", "jsonl", path)))
		for {
			var e struct {
				State  string
				OK     bool
				Answer struct{ Error struct{ Errno int } }
			}
			if err := d.Decode(&e); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			want.Count++
			switch {
			case e.State == "orphan":
				want.Orphans++
			case e.Answer.Error.Errno < 0 && !e.OK:
				want.Failed++
			case e.OK:
				want.OK++
			case e.State == "unanswered":
				want.Unanswered++
			default:
				want.Other++
			}
		}
		if stats.Exchanges != want {
			t.Errorf("%s: %+v, the exchanges are %+v", name, stats.Exchanges, want)
		}
		for what, list := range map[string][]counts{"families": stats.Families, "operations": stats.Operations} {
			var sum counts
			for _, c := range list {
				sum = counts{sum.Count + c.Count, sum.OK + c.OK, sum.Failed + c.Failed, sum.Unanswered + c.Unanswered, sum.Orphans + c.Orphans, sum.Other + c.Other}
			}
			if sum != want {
				t.Errorf("%s: the %s add up to %+v, not %+v", name, what, sum, want)
			}
		}
	}
}

// statsOf runs a command and returns what it prints.
func statsOf(t *testing.T, args ...string) []byte {
	t.Helper()
	var out, diag bytes.Buffer
	if code := run(args, nil, &out, &diag); code != 0 {
		t.Fatalf("%q: exit code %d: %s", args, code, diag.String())
	}
	return out.Bytes()
}
