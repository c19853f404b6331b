package ebpf

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// processes knows what is told of a process once, or can be found by a number.
type processes struct {
	programs recent[uint32, string] // by process
	cgroups  recent[uint64, string]
	root     string    // where control groups are
	rest     time.Time // when they are searched again
	now      func() time.Time
}

// cgroupRoot is where control groups are mounted.
const cgroupRoot = "/sys/fs/cgroup"

// lookShare is which part of the time goes into searching control groups at most: one
// in so many.
const lookShare = 20

func newProcesses() *processes {
	p := &processes{root: cgroupRoot, now: time.Now}
	if both := p.root + "/unified"; isFolder(both) { // beside those of the first version
		p.root = both
	}
	return p
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// complete adds to the process of a record, or learns from it.
func (p *processes) complete(r *record) {
	if r.kind == program {
		p.programs.put(r.process.PID, pathOf(r.data, r.length != 0))
		return
	}
	if r.process.PID == 0 {
		return // nobody is known to have the socket
	}
	r.process.Exe, _ = p.programs.get(r.process.PID)
	r.process.Cgroup = p.cgroup(r.cgroup)
}

// pathOf joins the parts of a path, which come from its end.
func pathOf(b []byte, cut bool) string {
	parts := strings.FieldsFunc(string(b), func(r rune) bool { return r == 0 })
	if len(parts) == 0 {
		return ""
	}
	slices.Reverse(parts)
	if cut {
		return "…/" + strings.Join(parts, "/")
	}
	return "/" + strings.Join(parts, "/")
}

// cgroup finds the path of a control group, whose number is its folder's inode.
func (p *processes) cgroup(number uint64) string {
	if number == 0 {
		return ""
	}
	if number == 1 {
		return "/" // wherever it is
	}
	if path, ok := p.cgroups.get(number); ok {
		return path
	}
	found := fmt.Sprintf("cgroup:[%d]", number)
	began := p.now()
	if began.Before(p.rest) {
		return found
	}
	// All that there are: who looks for one will look for others.
	_ = filepath.WalkDir(p.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		if n := inode(path); n != 0 {
			path = filepath.Join("/", strings.TrimPrefix(path, p.root))
			p.cgroups.put(n, path)
			if n == number {
				found = path
			}
		}
		return nil
	})
	ended := p.now()
	p.rest = ended.Add(lookShare * ended.Sub(began))
	p.cgroups.put(number, found) // one that is gone does not come back: numbers are not used twice
	return found
}
