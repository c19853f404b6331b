package tui

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/tui/store"
)

// TestColumns: the columns are chosen and put in order, by view, and a wrong name is
// told.
func TestColumns(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press(":").types("columns seq outcome summary frame").press("enter").sees("columns: seq, outcome, summary, frame").fits()
	u.sees("       seq outcome          operation, summary", "1795435281 ✓ 292 ms         RTM_NEWLINK vx0")
	u.press(":").types("columns nonsense").press("enter").sees("no column nonsense; there are frame, time, process")
	u.press(":").types("columns seq,seq").press("enter").sees("the column seq is there twice")
	u.press("2").sees("why it failed").press(":").types("columns request took size").press("enter").fits().sees("request", "0.26 ms")
	u.seesNot("why it failed")
	u.press(":").types("columns").press("enter").sees("the columns are those that fit; there are number, time", "why it failed")
	u.press("1").sees("       seq outcome").press(":").types("columns summary").press("enter").fits()
	for _, w := range []int{20, 40, 79, 200} {
		u.send(size(w, 30))
		u.fits()
	}
}

// TestSorting: exchanges are sorted by what a menu offers, and the other way round.
func TestSorting(t *testing.T) {
	u := sit(t, tour(), 120, 40).press("2", "o").sees("time taken", "how they ended").press("t")
	u.sees("─ Exchanges, by time taken", "Exchange #1 ", "1 of 15")
	ids := func() (list []int) {
		for pos := range 15 {
			list = append(list, u.m.exchangeAt(pos))
		}
		return list
	}
	last := int64(1 << 62)
	for _, id := range ids() {
		e, _ := u.m.store.Exchange(id)
		if e.Took > last {
			t.Errorf("exchange %d took longer than the one before it", id)
		}
		last = e.Took
	}
	forth := ids()
	u.press("o", "t").sees("the other way round")
	for i, id := range ids() {
		if id != forth[14-i] {
			t.Fatalf("%v is not %v the other way round", ids(), forth)
		}
	}
	u.press("o", "e", "home").sees("✗ ENOENT", "by how they ended").press("home").fits()
	if e, _ := u.m.store.Exchange(u.m.exchangeAt(0)); e.Errno == 0 {
		t.Error("the first did not fail")
	}
	u.press("e").sees("─ Messages").press("e").sees("by how they ended")
	u.press("\\").types("error").press("enter").settle().sees("─ Exchanges with error, by how they ended", "of 4")
	u.press("o", "n").sees("in the order in which they began").seesNot(", by")
}

// TestJumpingByTime: a time behind a colon goes to the first message then.
func TestJumpingByTime(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press(":").types("12:01:21").press("enter").sees("Detail of frame 14")
	u.press(":").types("12:01:20.8").press("enter").sees("Detail of frame 7")
	u.press(":").types("12:01").press("enter").sees("Detail of frame 1")
	u.press(":").types("+0.9").press("enter").sees("Detail of frame 22")
	u.press(":").types("13:00").press("enter").sees("there is no message at or behind 13:00")
	u.press(":").types("25:00").press("enter").sees("25:00 is no time of day")
	day := time.Unix(0, u.m.st.Start).UTC().Format(time.DateOnly)
	u.press(":").types(day + " 12:01:21.33").press("enter").sees("Detail of frame 29")
	u.press(":").types("2001-13-01 12:00").press("enter").sees("2001-13-01 is no date")
	u.press("2", ":").types("12:01:21.211").press("enter").sees("Exchange #10")
}

// TestCompletion: Tab completes commands, what they take, and names of files.
func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"one.pcapng", "one.txt", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	u := sit(t, tour(), 120, 40)
	u.m.opt.Env = func(name string) string { return map[string]string{"HOME": dir}[name] }
	u.press(":").types("th").press("tab").sees(":theme ").types("l").press("tab").sees(":theme light").press("enter")
	if u.m.th.name != "light" {
		t.Error("the theme is not light")
	}
	u.press(":").types("columns ti").press("tab").sees(":columns time").types("se").press("tab").sees(":columns time seq").press("esc")
	u.press(":").types("w ~/o").press("tab").sees("one.pcapng", "other").press("tab").sees(":w ~/one.pcapng").press("tab").sees(":w ~/one.txt").press("shift+tab").sees(":w ~/one.pcapng").fits()
	u.types("2").press("enter").sees("saved", "/one.pcapng2")
	if _, err := os.Stat(filepath.Join(dir, "one.pcapng2")); err != nil {
		t.Error(err)
	}
	u.press(":", "tab").sees("columns", "write"[:1]).press("esc").seesNot("columns")
}

// TestFollowingAFile: a file that grows is followed, and one that was cut is told of.
func TestFollowingAFile(t *testing.T) {
	whole, err := os.ReadFile(tour())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "grows.pcapng")
	part := len(whole) / 2
	if err := os.WriteFile(path, whole[:part], 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	o := storeOptions()
	read := func(o store.Options) *store.Store {
		s, err := store.Read(io.NewSectionReader(in, 0, 1<<62), int64(part), o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := read(o)
	u := &user{TB: t, m: newModel(Options{Name: "grows", after: after0}, s)}
	last := s
	t.Cleanup(func() { last.Close() })
	u.m.opt.Reopen = func() (*store.Store, error) {
		o.Follow = func(size int64) error {
			if st, err := in.Stat(); err != nil || st.Size() < size {
				return errors.New("the file was cut")
			}
			return nil
		}
		last = read(o)
		return last, nil
	}
	waitFor := func(text string) {
		t.Helper()
		for range 2000 {
			if u.send(tickMsg{}); strings.Contains(u.screen(), text) {
				return
			}
			time.Sleep(time.Millisecond)
		}
		u.sees(text)
	}
	u.send(size(120, 40))
	for !s.State().Done {
		time.Sleep(time.Millisecond)
	}
	u.send(tickMsg{})
	n := u.m.st.End
	u.press("F").sees("following the end of the file").press("esc")
	waitFor("following")
	if u.m.st.End != n {
		t.Errorf("%d messages, had %d", u.m.st.End, n)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(whole[part:]); err != nil {
		t.Fatal(err)
	}
	f.Close()
	waitFor("35 messages")
	u.sees("35 of 35").press("F").sees("the file is followed already").press("k")
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	waitFor("reading stopped: the file was cut")
	u.press("F")
	waitFor("0 messages")
}
