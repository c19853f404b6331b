package store_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/tui/store"
)

// TestCounter: what a filter lets through that lets everything through counts as the
// store has counted while it read, in however many steps; and two filters of which
// one is the other's opposite have the sum.
func TestCounter(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"route_links", "nft_more", "xfrm", "connector", "audit", "sock_diag"} {
		s := open(t, pcaptest.Path(name+".pcap"), options())
		wait(t, s)
		counted := func(expr string, step int) store.Stats {
			f, err := filter.Compile(expr, s.FilterEnv())
			if err != nil {
				t.Fatal(err)
			}
			m := s.Match(f)
			t.Cleanup(m.Close)
			for done := false; !done; _, done = m.Looked() {
				time.Sleep(time.Millisecond)
			}
			c := m.NewCounter()
			for {
				if st, more := c.Count(step); !more {
					return st
				}
			}
		}
		all, want := counted("frame.number > 0", 97), s.Stats()
		for _, part := range []struct {
			name      string
			got, want []store.Count
		}{{"operations", all.Ops, want.Ops}, {"processes", all.Processes, want.Processes}, {"errors", all.Errors, want.Errors}} {
			if got, want := plain(part.got), plain(part.want); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s: %v, want %v", name, part.name, got, want)
			}
		}
		if all.Messages != want.Messages || all.Bytes != want.Bytes || !slices.Equal(all.Rate, want.Rate) || !slices.Equal(all.Failed, want.Failed) {
			t.Errorf("%s: %d messages, %d bytes, want %d and %d, or another rate", name, all.Messages, all.Bytes, want.Messages, want.Bytes)
		}
		if all.States != want.States || all.Latency != want.Latency || all.Slowest/1000 != want.Slowest/1000 {
			t.Errorf("%s: states %v, want %v; slowest %d, want %d", name, all.States, want.States, all.Slowest, want.Slowest)
		}
		one, other := counted("errno", 1000), counted("not errno", 1000)
		if one.Messages+other.Messages != want.Messages || one.Bytes+other.Bytes != want.Bytes {
			t.Errorf("%s: %d and %d messages of %d", name, one.Messages, other.Messages, want.Messages)
		}
	}
}

// plain are counts without the row that names them, in one order.
func plain(list []store.Count) []store.Count {
	out := slices.Clone(list)
	for i := range out {
		out[i].Row = 0
	}
	slices.SortFunc(out, func(a, b store.Count) int {
		if d := int(b.Messages - a.Messages); d != 0 {
			return d
		}
		if d := int(b.Bytes - a.Bytes); d != 0 {
			return d
		}
		return int(b.Errno) - int(a.Errno)
	})
	return out
}
