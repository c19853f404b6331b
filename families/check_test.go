package families_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
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
	atLeastPolicies  = 4000
	atLeastReplies   = 3000
	atLeastMessages  = 800
	atLeastMembers   = 1000
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
// for.
func TestFacts(t *testing.T) {
	facts := kernel(t)
	var total headercheck.Result
	for _, f := range embedded(t) {
		total.Add(facts.Check(f))
	}
	report(t, total, atLeastInFacts)
}

// TestPolicies compares the attributes' types with the kernel's policies. Where
// they differ on purpose, testdata/policies.txt has the reason.
func TestPolicies(t *testing.T) {
	checked, disputes, absent := kernel(t).Disputes(embedded(t))
	agreed(t, "policies.txt", disputes)
	t.Logf("%d policies compared, %d are of nobody's attributes", checked, len(absent))
	if checked < atLeastPolicies {
		t.Errorf("only %d policies compared, want %d at least", checked, atLeastPolicies)
	}
}

// TestReplies compares the attributes' types with what the kernel's code puts
// into messages. testdata/replies.txt has the reasons.
func TestReplies(t *testing.T) {
	checked, disputes, absent, err := headercheck.ReplyDisputes(embedded(t))
	if err != nil {
		t.Fatal(err)
	}
	agreed(t, "replies.txt", disputes)
	t.Logf("%d places compared, %d are of nobody's attributes", checked, len(absent))
	if checked < atLeastReplies {
		t.Errorf("only %d places compared, want %d at least", checked, atLeastReplies)
	}
}

// TestOrders compares the byte order of the numbers in structs with their types
// in the headers. Where they differ on purpose, testdata/orders.txt has the reason.
func TestOrders(t *testing.T) {
	checked, disputes := kernel(t).Orders(embedded(t))
	known, used := reasons(t, "orders.txt"), map[string]bool{}
	for _, d := range disputes {
		if used[d.Name()] = true; known[d.Name()] == "" {
			t.Error(d)
		}
	}
	for name := range known {
		if !used[name] {
			t.Errorf("testdata/orders.txt: %s agrees with the header", name)
		}
	}
	t.Logf("%d members compared", checked)
	if checked < atLeastMembers {
		t.Errorf("only %d members compared, want %d at least", checked, atLeastMembers)
	}
}

// TestExact looks at attributes that the kernel's policy lets be shorter than a
// description wants them. testdata/exact.txt says why they are not.
func TestExact(t *testing.T) {
	checked, disputes := kernel(t).Exact(embedded(t))
	agreed(t, "exact.txt", disputes)
	t.Logf("%d attributes compared", checked)
	if checked < 100 {
		t.Errorf("only %d attributes compared", checked)
	}
}

// agreed makes sure that a file lists the attributes that differ on purpose,
// and no more.
func agreed(t *testing.T, file string, disputes []headercheck.Dispute) {
	t.Helper()
	known := reasons(t, file)
	used := map[string]bool{}
	for _, d := range disputes {
		used[d.Attr] = true
		if known[d.Attr] == "" {
			t.Error(d)
		}
	}
	for name := range known {
		if !used[name] {
			t.Errorf("testdata/%s: %s agrees with the kernel", file, name)
		}
	}
}

// TestUndescribed counts the attributes of the kernel's headers and policies that no
// description has: testdata/undescribed.txt lists them with the reason, and
// they must not become more.
func TestUndescribed(t *testing.T) {
	total, missing := kernel(t).Undescribed(embedded(t))
	undescribed(t, "attributes", "undescribed.txt", total, missing)
}

// TestUndescribedMessages does the same for message types and generic commands.
func TestUndescribedMessages(t *testing.T) {
	total, missing := kernel(t).UndescribedMessages(embedded(t))
	undescribed(t, "messages", "undescribed_messages.txt", total, missing)
	if total < atLeastMessages {
		t.Errorf("only %d message types compared, want %d at least", total, atLeastMessages)
	}
}

func undescribed(t *testing.T, what, file string, total int, missing []headercheck.Missing) {
	known := reasons(t, file)
	left := map[string]bool{}
	for _, m := range missing {
		left[m.Name] = true
		if known[m.Name] == "" {
			t.Errorf("%s of %s is not described", m.Name, m.Header)
		}
	}
	for name := range known {
		if !left[name] {
			t.Errorf("testdata/%s: %s is described", file, name)
		}
	}
	t.Logf("%d of %d %s are not described", len(missing), total, what)
	if 100*len(missing) >= total {
		t.Errorf("%d of %d %s are not described: 1 %% or more", len(missing), total, what)
	}
}

// kernel returns the facts of Linux 7.3, or those that NLSNIFF_FACTS names.
func kernel(t *testing.T) *headercheck.Facts {
	t.Helper()
	facts, err := headercheck.Kernel()
	if dir := os.Getenv("NLSNIFF_FACTS"); dir != "" {
		facts, err = headercheck.ReadFacts(os.DirFS(dir))
	}
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// reasons reads a list of names, each with why it is there.
func reasons(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, why, _ := strings.Cut(line, " ")
		if why = strings.TrimSpace(why); why == "" || out[name] != "" {
			t.Errorf("testdata/%s: %s needs one line with a reason", file, name)
		}
		out[name] = why
	}
	return out
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
