package store_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/tui/store"
)

// TestOperationsAsShown: the operations are counted by the names that their rows
// have.
func TestOperationsAsShown(t *testing.T) {
	t.Parallel()
	list, err := filepath.Glob(pcaptest.Path("*.pcap*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range pcaptest.Some(list) {
		s := open(t, path, options())
		want, got := map[string]int64{}, map[string]int64{}
		end := wait(t, s).End
		d := s.NewDecoder()
		name := func(r *store.Row) string {
			if r.Control != 0 {
				return families.ProtocolName(r.Proto) + " " + strconv.Itoa(int(r.Control))
			}
			return r.Family + " " + r.Op
		}
		for at := range end {
			rows := d.Rows([]int{at})
			want[name(&rows[0])]++
		}
		for _, c := range s.Stats().Ops {
			rows := d.Rows([]int{c.Row})
			got[name(&rows[0])] += c.Messages
		}
		for n := range want {
			if got[n] != want[n] {
				t.Errorf("%s: %d times %s, want %d", filepath.Base(path), got[n], n, want[n])
			}
		}
	}
}
