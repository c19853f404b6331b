package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/census"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// TestStatisticsAgree: the terminal interface counts what -z counts, and by the same
// names.
func TestStatisticsAgree(t *testing.T) {
	t.Parallel()
	list, err := filepath.Glob(pcaptest.Path("*.pcap*"))
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	for _, path := range list {
		s, err := store.Open(path, store.Options{DB: families.Embedded(), Render: render.Options{Location: time.UTC}})
		if err != nil {
			t.Fatal(err)
		}
		for !s.State().Done {
			time.Sleep(time.Millisecond)
		}
		counted, name := s.Stats(), filepath.Base(path)
		got := map[string][2]int64{}
		for _, c := range counted.Ops {
			r := s.NewDecoder().Rows([]int{c.Row})[0]
			op := r.Op
			if r.Control != 0 {
				op = map[uint16]string{2: "NLMSG_ERROR", 3: "NLMSG_DONE"}[r.Control]
			}
			add(got, families.ProtocolName(r.Proto)+" "+op, c.Messages, c.Bytes)
		}
		want := operations(t, path)
		if !maps.Equal(got, want) {
			for k := range want {
				if got[k] != want[k] {
					t.Errorf("%s: %d messages and bytes of %s, -z has %d", name, got[k], k, want[k])
				}
			}
			for k := range got {
				if _, ok := want[k]; !ok {
					t.Errorf("%s: %d messages and bytes of %s, which -z does not know", name, got[k], k)
				}
			}
		}
		var states []string
		total := int64(0)
		for i, n := range counted.States {
			if n > 0 {
				states = append(states, fmt.Sprintf("%d %s", n, flow.State(i)))
				total += n
			}
		}
		line := strings.TrimSpace(string(statsOf(t, "read", "--exchanges", "-q", path)))
		for _, part := range states {
			if !strings.Contains(line+",", " "+part+",") && !strings.Contains(line+",", ": "+part+",") {
				t.Errorf("%s: %s, read says %s", name, part, line)
			}
		}
		if !strings.HasPrefix(line, fmt.Sprintf("%d exchange", total)) {
			t.Errorf("%s: %d exchanges, read says %s", name, total, line)
		}
		s.Close()
	}
}

func add(m map[string][2]int64, name string, messages, bytes int64) {
	c := m[name]
	m[name] = [2]int64{c[0] + messages, c[1] + bytes}
}

// operations are the messages and bytes that -z io,phs counts.
func operations(t *testing.T, path string) map[string][2]int64 {
	t.Helper()
	var out struct {
		Hierarchy []*census.Level `json:"hierarchy"`
	}
	if err := json.Unmarshal(statsOf(t, "read", "-z", "io,phs", "-T", "json", path), &out); err != nil {
		t.Fatal(err)
	}
	counts := map[string][2]int64{}
	for _, proto := range out.Hierarchy {
		for _, family := range proto.Below {
			for _, op := range family.Below {
				add(counts, proto.Name+" "+op.Name, int64(op.Messages), op.Bytes)
			}
		}
	}
	return counts
}
