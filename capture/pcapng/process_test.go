package pcapng

import (
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

func TestProcessText(t *testing.T) {
	tests := []struct {
		p    capture.Process
		want string
	}{
		{capture.Process{PID: 183, TID: 184, Comm: "ip", Exe: "/usr/sbin/ip", NetNS: 4026531840},
			"pid=183 tid=184 comm=ip exe=/usr/sbin/ip netns=4026531840"},
		{capture.Process{PID: 1, HasUID: true, Cgroup: "/a b"}, `pid=1 uid=0 cgroup="/a b"`},
		{capture.Process{Comm: "kworker/0:1"}, "pid=0 comm=kworker/0:1"},
		{capture.Process{PID: 1, Comm: "a b", Exe: `/tmp/"x"`}, `pid=1 comm="a b" exe="/tmp/\"x\""`},
		{capture.Process{PID: 1, Comm: "\x1b[31mred\n\xff"}, `pid=1 comm="\x1b[31mred\n\xff"`},
		{capture.Process{PID: 1, Comm: "a=b", Exe: "/Straße"}, "pid=1 comm=a=b exe=/Straße"},
		{capture.Process{PID: 4294967295, NetNS: 1<<64 - 1}, "pid=4294967295 netns=18446744073709551615"},
	}
	for _, tt := range tests {
		got := string(appendProcess(nil, &tt.p))
		if got != tt.want {
			t.Errorf("%+v is written %s, want %s", tt.p, got, tt.want)
		}
		if back, ok := parseProcess(got); !ok || back != tt.p {
			t.Errorf("%s is read as %+v, %v", got, back, ok)
		}
	}
}

func TestParseProcess(t *testing.T) {
	if p, ok := parseProcess("comm=x netns=3 pid=5"); !ok || p != (capture.Process{PID: 5, Comm: "x", NetNS: 3}) {
		t.Errorf("another order: %+v, %v", p, ok)
	}
	for _, s := range []string{
		"", "pid", "pid=", "pid=x", "pid=-1", "pid=4294967296", "pid=5 ", "pid=5  comm=x", " pid=5", "pid=5 pid=6",
		"comm=ip", "pid=5 comm=", `pid=5 comm="x`, `pid=5 comm="x"y`, "pid=5 user=me", "pid=5 is the culprit", "pid=5\ncomm=x",
		"This fails, see pid=5", "pid=5 netns=18446744073709551616",
	} {
		if p, ok := parseProcess(s); ok {
			t.Errorf("%q is read as %+v", s, p)
		}
	}
}

func FuzzParseProcess(f *testing.F) {
	f.Add(uint32(5), uint32(6), "ip", "/sbin/ip", uint64(7))
	f.Add(uint32(0), uint32(0), "\x00\"\\` '", "\xff\u2028=", uint64(0))
	f.Fuzz(func(t *testing.T, pid, tid uint32, comm, exe string, netns uint64) {
		p := capture.Process{PID: pid, TID: tid, Comm: comm, Exe: exe, NetNS: netns}
		text := string(appendProcess(nil, &p))
		if back, ok := parseProcess(text); !ok || back != p {
			t.Errorf("%+v is written %q and read as %+v, %v", p, text, back, ok)
		}
		if strings.ContainsAny(text, "\n\x1b\x00") {
			t.Errorf("%q has control characters", text)
		}
		parseProcess(comm) // any text: must not panic
	})
}
