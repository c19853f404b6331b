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
	programs map[uint32]string // by process
	cgroups  map[uint64]string
	root     string // where control groups are
	looked   time.Time
}

// maxKnown is more than the kernel's side remembers, which tells what it forgot again.
const maxKnown = 1 << 14

// cgroupRoot is where control groups are mounted.
const cgroupRoot = "/sys/fs/cgroup"

// lookInterval is how often control groups are searched at most.
const lookInterval = time.Second

func newProcesses() *processes {
	p := &processes{programs: map[uint32]string{}, cgroups: map[uint64]string{}, root: cgroupRoot}
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
		forget(p.programs)
		p.programs[r.process.PID] = pathOf(r.data, r.length != 0)
		return
	}
	if r.process.PID == 0 {
		return // nobody is known to have the socket
	}
	r.process.Exe = p.programs[r.process.PID]
	r.process.Cgroup = p.cgroup(r.cgroup)
}

// forget makes room for one more.
func forget[K comparable](m map[K]string) {
	for k := range m {
		if len(m) < maxKnown {
			return
		}
		delete(m, k)
	}
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
	if path, ok := p.cgroups[number]; ok {
		return path
	}
	unknown := fmt.Sprintf("cgroup:[%d]", number)
	now := time.Now()
	if now.Sub(p.looked) < lookInterval {
		return unknown
	}
	p.looked = now
	// All that there are: who looks for one will look for others.
	_ = filepath.WalkDir(p.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		if number := inode(path); number != 0 {
			forget(p.cgroups)
			p.cgroups[number] = filepath.Join("/", strings.TrimPrefix(path, p.root))
		}
		return nil
	})
	if path, ok := p.cgroups[number]; ok {
		return path
	}
	return unknown
}
