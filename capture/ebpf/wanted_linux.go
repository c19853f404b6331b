package ebpf

import (
	"fmt"
	"path"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/nlsniff/nlsniff/capture"
)

// Wanted says of which processes messages are captured: those that are one of
// each list that is not empty. The kernel's side leaves the others out.
type Wanted struct {
	PIDs, UIDs []uint32
	Comms      []string // as in /proc/PID/comm
	NetNS      []uint64 // inode numbers
	// Cgroups are paths below where control groups are mounted, and stand for what is
	// below them as well. This list is not the kernel's side's.
	Cgroups []string
}

// below brings the paths of control groups to the form that processes have them in:
// below root, where they are mounted, "" for that itself.
func (w *Wanted) below(root string) {
	list := make([]string, len(w.Cgroups))
	for i, c := range w.Cgroups {
		c = path.Clean("/" + c)
		if rest, ok := strings.CutPrefix(c+"/", root+"/"); ok {
			c = path.Clean("/" + rest)
		}
		list[i] = strings.TrimSuffix(c, "/")
	}
	w.Cgroups = list
}

// inCgroup says whether the process at either end of a frame is in one of the
// control groups, if any are wanted.
func (w *Wanted) inCgroup(f *capture.Frame) bool {
	if len(w.Cgroups) == 0 || w.has(f.Process.Cgroup) {
		return true
	}
	if f.Delivery != nil {
		for i := range f.Delivery.Receivers {
			if w.has(f.Delivery.Receivers[i].Process.Cgroup) {
				return true
			}
		}
	}
	return false
}

func (w *Wanted) has(cgroup string) bool {
	for _, c := range w.Cgroups {
		if cgroup != "" && (cgroup == c || strings.HasPrefix(cgroup, c+"/")) {
			return true
		}
	}
	return false
}

// MaxWanted is how long each list can be.
const MaxWanted = 8

// commLen is the kernel's TASK_COMM_LEN, with the NUL.
const commLen = 16

func (w *Wanted) set(spec *ebpf.CollectionSpec) error {
	if max(len(w.PIDs), len(w.UIDs), len(w.Comms), len(w.NetNS)) > MaxWanted {
		return fmt.Errorf("at most %d processes, users, names or namespaces can be chosen", MaxWanted)
	}
	var pids, uids, spaces [MaxWanted]uint32
	var comms [MaxWanted * commLen]byte
	copy(pids[:], w.PIDs)
	copy(uids[:], w.UIDs)
	for i, n := range w.NetNS {
		spaces[i] = uint32(n)
	}
	for i, c := range w.Comms {
		copy(comms[i*commLen:(i+1)*commLen-1], c)
	}
	for name, value := range map[string]any{
		"want_pid": pids, "want_pids": uint32(len(w.PIDs)), "want_uid": uids, "want_uids": uint32(len(w.UIDs)),
		"want_comm": comms[:], "want_comms": uint32(len(w.Comms)), "want_netns": spaces, "want_netnses": uint32(len(w.NetNS)),
	} {
		if err := spec.Variables[name].Set(value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
