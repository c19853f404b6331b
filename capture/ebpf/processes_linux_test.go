package ebpf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
)

func TestPathOf(t *testing.T) {
	for _, tt := range []struct {
		parts, want string
		cut         bool
	}{
		{"ip\x00bin\x00usr\x00", "/usr/bin/ip", false},
		{"init\x00", "/init", false},
		{"ip\x00bin\x00", "…/bin/ip", true},
		{"", "", false},
		{"", "", true},
	} {
		if got := pathOf([]byte(tt.parts), tt.cut); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.parts, got, tt.want)
		}
	}
}

// TestProcesses: what is told of a process once is in all that comes after it.
func TestProcesses(t *testing.T) {
	p := newProcesses()
	p.root = t.TempDir()
	dir := filepath.Join(p.root, "system.slice", "ssh.service")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p.complete(&record{kind: program, process: capture.Process{PID: 7}, data: []byte("sshd\x00sbin\x00")})
	r := record{kind: toKernel, cgroup: inode(dir), process: capture.Process{PID: 7}}
	p.complete(&r)
	if want := (capture.Process{PID: 7, Exe: "/sbin/sshd", Cgroup: "/system.slice/ssh.service"}); r.process != want {
		t.Errorf("%+v, want %+v", r.process, want)
	}
	gone := record{kind: toKernel, cgroup: 1 << 60, process: capture.Process{PID: 8}}
	p.complete(&gone)
	if gone.process.Exe != "" || !strings.HasPrefix(gone.process.Cgroup, "cgroup:[1152921504606846976") {
		t.Errorf("%+v", gone.process)
	}
	nobody := record{kind: fromKernel, cgroup: 1}
	p.complete(&nobody)
	if nobody.process != (capture.Process{}) {
		t.Errorf("%+v", nobody.process)
	}
}

// TestYoungCgroup: a control group that was made a moment after a search is found, and
// one that is gone is looked for once.
func TestYoungCgroup(t *testing.T) {
	p := newProcesses()
	p.root = t.TempDir()
	clock, searches := time.Unix(0, 0), 0
	p.now = func() time.Time {
		clock = clock.Add(time.Millisecond)
		searches++
		return clock
	}
	const gone = 1 << 60
	p.cgroup(gone)
	clock = clock.Add(lookShare * time.Millisecond)
	dir := filepath.Join(p.root, "young.scope")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := p.cgroup(inode(dir)); got != "/young.scope" {
		t.Error(got)
	}
	searches = 0
	if p.cgroup(gone); searches != 0 {
		t.Error("one that is gone is looked for again")
	}
}
