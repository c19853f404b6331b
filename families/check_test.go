package families_test

import (
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/headercheck"
	"github.com/nlsniff/nlsniff/internal/need"
)

// atLeast is how many names the checks have to find: that they check
// something is part of what they check.
const (
	atLeastInHeaders = 3000
	atLeastInFacts   = 3500
)

// ourOwn are structs that have a kernel's name, but on purpose not its layout.
var ourOwn = map[string]string{
	"nlmsgerr": "the message that it echoes is decoded for itself",
}

// TestHeaders compares every description with the headers that are installed.
func TestHeaders(t *testing.T) {
	cc := headercheck.NewCompiler(need.Tool(t, "cc"), t.TempDir())
	need.Need(t, cc.Has("linux/netlink.h"), "the kernel's headers are not installed")

	var (
		total headercheck.Result
		mu    sync.Mutex
		wg    sync.WaitGroup
		slots = make(chan struct{}, runtime.GOMAXPROCS(0))
	)
	for _, f := range embedded(t) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			res, err := cc.Check(f)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			total.Add(res)
		}()
	}
	wg.Wait()
	report(t, total, atLeastInHeaders)
}

// TestFacts compares them with the tables of the kernel that they are made
// for, where NLSNIFF_FACTS says that those are.
func TestFacts(t *testing.T) {
	dir := os.Getenv("NLSNIFF_FACTS")
	if dir == "" {
		t.Skip("NLSNIFF_FACTS names no folder")
	}
	facts, err := headercheck.ReadFacts(dir)
	if err != nil {
		t.Fatal(err)
	}
	var total headercheck.Result
	for _, f := range embedded(t) {
		total.Add(facts.Check(f))
	}
	report(t, total, atLeastInFacts)
}

func embedded(t *testing.T) []*families.Family {
	var out []*families.Family
	db := families.Embedded()
	for _, in := range db.List() {
		f, err := db.Load(in.Name)
		if err != nil {
			t.Errorf("%s: %v", in.Name, err)
			continue
		}
		out = append(out, f)
	}
	return out
}

func report(t *testing.T, res headercheck.Result, atLeast int) {
	for _, w := range res.Wrong {
		if ourOwn[w.Name] == "" || w.Kind == headercheck.Const {
			t.Error(w)
		}
	}
	t.Logf("%d claims checked, %d about names that are not there", res.Checked, len(res.Absent))
	for _, c := range res.Grown {
		t.Logf("longer than the installed header's: %v", c)
	}
	for _, h := range res.LeftOut {
		t.Logf("does not compile with the others: %s", h)
	}
	if testing.Verbose() {
		var names []string
		for _, c := range res.Absent {
			names = append(names, c.String())
		}
		slices.Sort(names)
		for _, n := range names {
			t.Logf("not there: %s", n)
		}
	}
	if res.Checked < atLeast {
		t.Errorf("only %d claims checked, want %d at least", res.Checked, atLeast)
	}
}
