package render

import (
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
)

func TestTimeModes(t *testing.T) {
	zone := time.FixedZone("", 5*3600+1800)
	for _, c := range []struct {
		mode TimeMode
		loc  *time.Location
		ev   Event
		want string
	}{
		{TimeOfDay, time.UTC, Event{Time: 1e9*3661 + 5_000}, "01:01:01.000005"},
		{TimeOfDay, zone, Event{Time: 1e9 * 3661}, "06:31:01.000000"},
		{TimeOfDay, time.UTC, Event{Time: -1}, "23:59:59.999999"},
		{0, time.UTC, Event{Time: 999_999}, "00:00:00.000999"},
		{TimeRelative, nil, Event{Since: 1_500_000_000}, "1.500000"},
		{TimeRelative, nil, Event{}, "0.000000"},
		{TimeRelative, nil, Event{Since: -1_000}, "-0.000001"},
		{TimeDelta, nil, Event{Delta: -2_000_000_001}, "-2.000000"},
		{TimeDelta, nil, Event{Delta: 86400e9}, "86400.000000"},
		{TimeEpoch, nil, Event{Time: 1795435279_857698_000}, "1795435279.857698"},
		{TimeDate, zone, Event{Time: 1767205800e9}, "2026-01-01 00:00:00.000000"},
		{TimeDayOfYear, zone, Event{Time: 1767205800e9}, "2026/001 00:00:00.000000"},
		{TimeUTC, zone, Event{Time: 1767205800e9}, "18:30:00.000000"},
		{TimeUTCDate, zone, Event{Time: 1767205800e9}, "2025-12-31 18:30:00.000000"},
		{TimeUTCDayOfYear, zone, Event{Time: 1767205800e9}, "2025/365 18:30:00.000000"},
		{TimeDate, time.UTC, Event{Time: -1}, "1969-12-31 23:59:59.999999"},
		{TimeShown, nil, Event{Delta: 1, DeltaShown: 2e9}, "2.000000"},
		{TimeEpoch, nil, Event{Time: -1_500_000_000}, "-1.500000"},
	} {
		b := base{Options: Options{Time: c.mode, Location: c.loc}, ev: &c.ev}
		if got := string(b.time(nil)); got != c.want {
			t.Errorf("-t %c: %s, want %s", c.mode, got, c.want)
		}
	}
}

// TestTimeWidth: a time is as wide as is said, and its mode has one name.
func TestTimeWidth(t *testing.T) {
	for _, m := range TimeModes {
		b := base{Options: Options{Time: m.Mode, Location: time.UTC}, ev: &Event{Time: 1795435279_857698_000, Since: 12_345_678_1e8, Delta: 1, DeltaShown: 1}}
		if got := len(b.time(nil)); got > m.Mode.Width() {
			t.Errorf("-t %s takes %d cells, not %d", m.Name, got, m.Mode.Width())
		}
		if mode, ok := TimeNamed(m.Name); !ok || mode != m.Mode {
			t.Errorf("%s is %c", m.Name, mode)
		}
	}
}

func TestHeadAligns(t *testing.T) {
	for n, want := range map[int]string{1: "    1 0.000000 ", 99999: "99999 0.000000 ", 123456: "123456 0.000000 "} {
		b := base{Options: Options{Time: TimeRelative}, ev: &Event{Number: n}}
		if got := string(b.head([]byte("x"))); got != "x"+want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"12345678", "12345678"}, {"123456789", "12345678…"}, {"1234567é", "1234567…"}, {"日本語", "日本…"},
	} {
		if got := string(clip([]byte("ab"+c.in), 2, 8)); got != "ab"+c.want {
			t.Errorf("%q, want %q", got, "ab"+c.want)
		}
	}
}

// TestEnds: who speaks to whom, by what is known of them.
func TestEnds(t *testing.T) {
	for _, c := range []struct {
		ev   Event
		m    dissect.Msg
		want string
	}{
		{Event{}, dissect.Msg{Dir: dissect.DirToKernel}, "user → kernel"},
		{Event{}, dissect.Msg{Dir: dissect.DirToKernel, PortID: 7}, "7 → kernel"},
		{Event{Process: capture.Process{PID: 5}}, dissect.Msg{Dir: dissect.DirToKernel, PortID: 7}, "pid 5 → kernel"},
		{Event{Process: capture.Process{PID: 5, Comm: "i\x1bp"}}, dissect.Msg{Dir: dissect.DirToKernel}, `i\x1bp[5] → kernel`},
		{Event{Process: capture.Process{Comm: "ip"}}, dissect.Msg{Dir: dissect.DirFromKernel}, "kernel → ip"},
		{Event{Process: capture.Process{Comm: "ip", PID: 5}, Namespace: "blue"}, dissect.Msg{Dir: dissect.DirToKernel}, "ip[5]@blue → kernel"},
		{Event{Namespace: "a\x1b"}, dissect.Msg{Dir: dissect.DirFromKernel, PortID: 7}, `kernel → 7@a\x1b`},
		{Event{}, dissect.Msg{Dir: dissect.DirFromKernel}, "kernel → all"},
		{Event{}, dissect.Msg{Dir: dissect.DirFromKernel, PortID: 7}, "kernel → 7"},
		{Event{}, dissect.Msg{Dir: dissect.DirUserToUser, PortID: 7}, "7 → user"},
		{Event{}, dissect.Msg{}, "? → ?"},
	} {
		b := base{ev: &c.ev, t: &dissect.Tree{}}
		if got := string(b.ends(nil, &c.m)); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestLine(t *testing.T) {
	db := describe(t, "string", "u32", "nest inner")
	body := append(attribute(1, []byte("lo")), attribute(2, []byte{1, 0, 0, 0})...)
	ev := decode(db, frameOf(body))
	if got := string(NewLine(Options{Time: TimeRelative}).Frame(nil, ev)); got != "    1 0.000000 user → user  M_TEST 1 lo 2 1  seq 1\n" {
		t.Errorf("%q", got)
	}
	// AppendMessage is the same without number and time, coloured or not.
	for _, o := range []Options{{}, {Color: true}} {
		line := string(NewLine(o).Frame(nil, ev))
		part := string(AppendMessage([]byte("x"), o, ev, &ev.Tree.Msgs[0]))
		if !strings.HasSuffix(line, part[1:]+"\n") || strings.Contains(part, "00:00") || part[0] != 'x' {
			t.Errorf("%q of %q", part, line)
		}
	}
}

// TestLineColor: without the colours it is the same text.
func TestLineColor(t *testing.T) {
	db := describe(t, "string", "u32")
	data := frameOf(append(attribute(1, []byte("lo")), attribute(9, []byte{1})...))
	plain := string(NewTree(Options{}).Frame(nil, decode(db, data)))
	colored := string(NewTree(Options{Color: true}).Frame(nil, decode(db, data)))
	for _, s := range sgr {
		colored = strings.ReplaceAll(colored, s, "")
	}
	if plain != colored {
		t.Errorf("without colour\n%swith it\n%s", plain, colored)
	}
}

// TestBare shows frames without a message.
func TestBare(t *testing.T) {
	db := describe(t, "u8")
	unused := frameOf(nil)[:16:16]
	unused[15] = 31 // a protocol without a meaning
	for _, data := range [][]byte{nil, {0, 4}, unused} {
		for _, p := range printers(Options{Time: TimeRelative, Hex: true}) {
			if out := string(p.Frame(nil, decode(db, data))); !strings.Contains(out, "NETLINK_") {
				t.Errorf("%d bytes: %q", len(data), out)
			}
		}
	}
}
