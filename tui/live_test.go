package tui

import (
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/tui/store"
)

// tap is a live source that a test opens a little at a time.
type tap struct {
	frames  []capture.Frame
	mu      sync.Mutex
	more    *sync.Cond
	allowed int
	n       int
	lost    uint64
	end     error
}

func newTap(t testing.TB, name string) *tap {
	p := &tap{frames: pcaptest.Frames(t, name)}
	p.more = sync.NewCond(&p.mu)
	return p
}

// let lets so many more frames through.
func (p *tap) let(n int) {
	p.mu.Lock()
	p.allowed += n
	p.mu.Unlock()
	p.more.Broadcast()
}

func (p *tap) finish(err error) {
	p.mu.Lock()
	p.end = err
	p.mu.Unlock()
	p.more.Broadcast()
}

func (p *tap) lose(n uint64) {
	p.mu.Lock()
	p.lost += n
	p.mu.Unlock()
}

func (p *tap) Next(f *capture.Frame) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.n >= p.allowed && p.end == nil {
		p.more.Wait()
	}
	if p.n >= p.allowed {
		return p.end
	}
	*f = p.frames[p.n%len(p.frames)]
	p.n++
	f.Number, f.Time = p.n, int64(p.n)*1e6
	return nil
}

func (p *tap) Stats() capture.Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return capture.Stats{Frames: uint64(p.n), Dropped: p.lost}
}

func (p *tap) Stop()        { p.finish(io.EOF) }
func (p *tap) Close() error { p.Stop(); return nil }

// watch opens a live source on a screen.
func watch(t testing.TB, p *tap, budget int) *user {
	o := storeOptions()
	o.Budget = budget
	return sitAt(t, store.Live(p, o), "live on nlmon0", 120, 40)
}

// sitting waits until the store has so many frames and looks.
func (u *user) until(frames int) *user {
	u.Helper()
	for range 5000 {
		if u.m.store.State().Frames >= frames {
			u.send(tickMsg{})
			u.send(tickMsg{}) // the rows that the first asked for
			return u
		}
		time.Sleep(time.Millisecond)
	}
	u.Fatalf("%d frames after five seconds", u.m.store.State().Frames)
	return u
}

// TestLive: the list follows until one scrolls, and again after End; space
// stops the display and not the capture.
func TestLive(t *testing.T) {
	p := newTap(t, "wireguard")
	u := watch(t, p, 0).sees("waiting for the first message", "live", "lost 0")
	p.let(60)
	u.until(60).sees("following")
	last := u.m.st.End
	if u.m.list().cursor != last-1 {
		t.Errorf("the cursor is on %d of %d", u.m.list().cursor, last)
	}
	u.press("k").sees("no longer following; End does again").press("k")
	at := u.m.list().cursor
	p.let(20)
	u.until(80).seesNot("following")
	if u.m.list().cursor != at {
		t.Errorf("the cursor went from %d to %d", at, u.m.list().cursor)
	}
	u.press("end").sees("following")
	if u.m.list().cursor != u.m.st.End-1 {
		t.Error("End does not go to the end")
	}

	u.press("space").sees("Messages, paused", "the capture goes on")
	before := u.m.st.End
	p.let(20)
	u.until(100)
	if u.m.st.End != before || u.m.store.State().Frames < 100 {
		t.Errorf("paused at %d, now %d; the store has %d frames", before, u.m.st.End, u.m.store.State().Frames)
	}
	u.press("space").seesNot("paused")
	if u.m.st.End == before {
		t.Error("the display does not go on")
	}
	u.press("2").until(100).sees("─ Exchanges").fits()
	u.press("4").until(100).sees("Messages a second").fits()
}

// TestLoss: what was lost, and what had to make room, is on the screen.
func TestLoss(t *testing.T) {
	p := newTap(t, "route_addrs")
	u := watch(t, p, 1<<20)
	p.let(3000)
	p.lose(17)
	u.until(3000).sees("lost 17 frames", "dropped", "following").fits()
	first, _ := u.m.span()
	if first == 0 {
		t.Fatal("nothing was dropped")
	}
	u.press("home").fits()
	if u.m.list().cursor != first {
		t.Errorf("the top is row %d, not %d", u.m.list().cursor, first)
	}
	u.press("m", "a")
	p.let(3000)
	u.until(6000).press("'", "a").sees("the marked message is no longer kept").fits()
	u.press("\\").types("type == RTM_NEWADDR").press("enter")
	p.let(500)
	u.until(6500).sees("Messages with type == RTM_NEWADDR").fits()
}

// TestLossIsAlwaysThere: on the top line, at any width.
func TestLossIsAlwaysThere(t *testing.T) {
	p := newTap(t, "route_addrs")
	u := watch(t, p, 1<<20)
	p.let(3000)
	p.lose(17)
	u.until(3000)
	for w := 20; w <= 200; w++ {
		u.send(tea.WindowSizeMsg{Width: w, Height: 24})
		if top, _, _ := strings.Cut(u.screen(), "\n"); !strings.Contains(top, "lost 17 frames") {
			t.Errorf("%d columns: %q", w, top)
		}
		u.fits()
	}
}

// TestCountsKeepNames: what was counted has a name, although every message of the
// kind had to make room.
func TestCountsKeepNames(t *testing.T) {
	p := newTap(t, "route_addrs")
	early := pcaptest.Frames(t, "wireguard")
	p.frames = append(early, p.frames...)
	u := watch(t, p, 1<<20)
	p.let(len(early))
	u.until(len(early))
	p.frames = p.frames[len(early):]
	p.let(6000)
	u.until(len(early) + 6000)
	if first, _ := u.m.span(); first < 2*len(early) {
		t.Fatalf("rows from %d on are there", first)
	}
	u.press("4").until(len(early)+6000).sees("WG_CMD_SET_DEVICE", "wireguard", "RTM_NEWADDR").fits()
}

// TestFailing: a source that fails leaves what it has, and the reason.
func TestFailing(t *testing.T) {
	p := newTap(t, "wireguard")
	u := watch(t, p, 0)
	p.let(10)
	u.until(10)
	p.finish(errors.New("nlmon0 was deleted\x1b[31m"))
	for range 1000 {
		if u.m.store.State().Done {
			break
		}
		time.Sleep(time.Millisecond)
	}
	u.send(tickMsg{})
	u.sees("failed", `reading stopped: nlmon0 was deleted\x1b[31m`, "10 messages"[:2]).fits()
	u.press("home", "enter").sees("Detail of frame 1")
}

// TestGone: a message that could not be loaded leaves nothing to trip over.
func TestGone(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.send(detailMsg{row: 0, err: errors.New("the frame is no longer kept")})
	u.sees("the frame is no longer kept")
	for _, keys := range [][]string{{"y", "t"}, {"y", "j"}, {"y", "l"}, {"y", "v"}, {"y", "x"}, {"y", "f"}, {"C"}, {"enter"}, {"e"}, {"f"}, {"l"}, {"h"},
		{"space"}, {"L"}, {"tab"}, {"l"}, {"j"}, {"G"}, {"esc"}, {"f"}, {"esc"}, {"2"}, {"3"}, {"4"}} {
		u.m.detail.tree.d.Row = u.m.rowAt(max(u.m.list().cursor, 0)) // not to be loaded again
		u.press(keys...).fits()
	}
}

// TestEmpty: where there is nothing, every key says so.
func TestEmpty(t *testing.T) {
	p := newTap(t, "wireguard")
	u := watch(t, p, 0)
	for i := range keymap {
		for _, key := range keymap[i].keys {
			if key == "q" || key == "ctrl+c" {
				continue
			}
			u.press(key).fits().press("esc").fits()
		}
	}
	for _, c := range commands {
		if c.run != nil && c.names[0] != "q" {
			u.press(":").types(c.names[0]).press("enter").fits().press("esc")
		}
	}
}

// hostile is a source with names that mean harm.
func hostile(t testing.TB) *tap {
	p := newTap(t, "route_links")
	names := []string{
		"\x1b[2J\x1b[H", "a\nb\tc\r\x00d", strings.Repeat("wide 宽字符", 400), "z\u200d\u200b\u0301\u0301\u0301", strings.Repeat("\u0301", 3000),
		strings.Repeat("x", 64<<10), "\u202egnp.exe", "👩‍👩‍👧‍👦 family", "\xff\xfe\xfd", "é" + strings.Repeat("\u20dd", 500), "\x9b31m", "ｆｕｌｌ",
	}
	for i := range p.frames {
		f := &p.frames[i]
		f.Process = capture.Process{PID: uint32(i), Comm: names[i%len(names)], Exe: names[(i+3)%len(names)]}
		f.Comment = names[(i+5)%len(names)]
		f.Data = link(names[i%len(names)])
		f.OrigLen = len(f.Data)
	}
	return p
}

// link is a frame with an RTM_NEWLINK to the kernel, with that name as its
// IFLA_IFNAME and its IFLA_IFALIAS.
func link(name string) []byte {
	b := make([]byte, 16+16+16)
	b[2], b[3] = 3, 0x38 // ARPHRD_NETLINK
	b[20], b[22] = 16, 1
	for _, typ := range []byte{3, 20} {
		n := min(4+len(name), 1<<16-1)
		b = append(b, byte(n), byte(n>>8), typ, 0)
		b = append(b, name[:n-4]...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	n := len(b) - 16
	b[16], b[17], b[18] = byte(n), byte(n>>8), byte(n>>16)
	return b
}

// TestHostileNames: no name moves the cursor, breaks a line, or takes more
// room than it has.
func TestHostileNames(t *testing.T) {
	p := hostile(t)
	u := watch(t, p, 0)
	p.let(24)
	u.until(24).fits()
	for _, keys := range [][]string{{"home"}, {"enter"}, {"j", "j", "j", "j", "j", "j", "j", "j"}, {"tab"}, {"2"}, {"tab", "3"}, {"4"}, {"1", "f"}, {"esc", "y"}} {
		u.press(keys...).fits()
	}
	u.press("esc", "home", "enter")
	for range 24 {
		u.press("J").fits()
		for _, size := range [][2]int{{80, 24}, {33, 12}, {200, 60}, {120, 40}} {
			u.m.width, u.m.height = size[0], size[1]
			u.m.place()
			u.fits()
		}
		if t.Failed() {
			return
		}
	}
	u.press("g", "g", "l")
	u.press("y", "v")
	if strings.ContainsAny(u.clip, "\x1b\n") {
		t.Errorf("%q was copied", u.clip)
	}
}

// BenchmarkLive shows a source that brings 200,000 messages a second, at a look
// each tick: how many looks a second there are, and how long one takes with two
// keys pressed before it.
func BenchmarkLive(b *testing.B) {
	const perSecond = 200_000
	p := newTap(b, "route_addrs")
	s := store.Live(p, storeOptions())
	defer s.Close()
	u := &user{TB: b, m: newModel(Options{after: after0}, s)}
	u.send(size(120, 40))
	began := time.Now()
	var worst, busy time.Duration
	behind := 0
	for b.Loop() {
		due := int(time.Since(began).Seconds() * perSecond)
		if missing := due - s.State().End; missing > 0 {
			p.let(missing / 2) // the capture has two messages a frame and more
			behind = max(behind, missing)
		}
		start := time.Now()
		u.send(tickMsg{})
		u.press("x", "x")
		_ = u.m.View()
		took := time.Since(start)
		worst, busy = max(worst, took), busy+took
		time.Sleep(time.Until(start.Add(tickEvery)))
	}
	elapsed := time.Since(began).Seconds()
	b.ReportMetric(float64(s.State().End)/elapsed, "messages/s")
	b.ReportMetric(float64(b.N)/elapsed, "looks/s")
	b.ReportMetric(float64(busy)/1e6/float64(b.N), "ms/look")
	b.ReportMetric(float64(worst)/1e6, "ms/worst")
}
