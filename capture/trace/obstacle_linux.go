//go:build linux && (amd64 || arm64)

package trace

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ObstacleKind says what keeps a process from being traced.
type ObstacleKind int

// The kinds of obstacles.
const (
	ObstacleUnknown   ObstacleKind = iota
	ObstacleTraced                 // By traces it
	ObstacleYama                   // kernel.yama.ptrace_scope is Scope
	ObstacleUser                   // it is another user's, or has privileges that we lack
	ObstacleNamespace              // it is outside of our user namespace
	ObstacleFilter                 // a seccomp filter refuses ptrace(2)
)

// Obstacle is what keeps a process from being traced, as far as /proc tells.
type Obstacle struct {
	Kind  ObstacleKind
	By    int    // the process that traces it
	Comm  string // its name
	Scope int    // of Yama (security/yama/yama_lsm.c)
}

// obstacleTo finds out why ptrace refused a process with err. asked is the process
// that somebody wanted, 0 for a child of our own.
func obstacleTo(pid, asked int, err error) (o Obstacle) {
	if err != unix.EPERM && err != unix.EACCES && err != unix.ENOSYS {
		return o
	}
	status, _ := os.ReadFile(procPath(pid, "status"))
	if by := statusField(string(status), "TracerPid:"); by != 0 {
		return Obstacle{Kind: ObstacleTraced, By: by, Comm: readComm(by)}
	}
	able := hasPtraceCapability()
	scope := yamaScope()
	if scope >= 3 || scope == 2 && !able {
		return Obstacle{Kind: ObstacleYama, Scope: scope}
	}
	if asked != 0 && !able {
		if !ours(string(status)) || ownedByRoot(pid) {
			return Obstacle{Kind: ObstacleUser}
		}
		if scope == 1 {
			return Obstacle{Kind: ObstacleYama, Scope: scope}
		}
	}
	// A filter has to be told from the rest last: many processes have one that
	// has nothing against ptrace.
	if asked != 0 && able && !sameUserNamespace(pid) {
		return Obstacle{Kind: ObstacleNamespace}
	}
	self, _ := os.ReadFile("/proc/self/status")
	if statusField(string(self), "Seccomp:") != 0 {
		return Obstacle{Kind: ObstacleFilter}
	}
	return o
}

// yamaScope reads kernel.yama.ptrace_scope, -1 without Yama.
func yamaScope() int {
	b, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	if err != nil {
		return -1
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return -1
	}
	return n
}

// hasPtraceCapability says whether this thread has CAP_SYS_PTRACE, in whatever
// user namespace it is.
func hasPtraceCapability() bool {
	b, _ := os.ReadFile("/proc/thread-self/status")
	caps, _ := strconv.ParseUint(statusText(string(b), "CapEff:"), 16, 64)
	return caps>>unix.CAP_SYS_PTRACE&1 != 0
}

// ours says whether all user ids of a process are this one's.
func ours(status string) bool {
	uid := strconv.Itoa(os.Getuid())
	f := strings.Fields(statusText(status, "Uid:"))
	for _, id := range f {
		if id != uid {
			return false
		}
	}
	return len(f) > 0
}

// ownedByRoot says whether the files of a process in /proc are root's, as of one
// that had privileges (PR_SET_DUMPABLE of prctl(2)).
func ownedByRoot(pid int) bool {
	var st unix.Stat_t
	return unix.Stat(procPath(pid, ""), &st) == nil && st.Uid == 0 && os.Getuid() != 0
}

func sameUserNamespace(pid int) bool {
	our, err := os.Readlink("/proc/self/ns/user")
	its, e := os.Readlink(procPath(pid, "ns/user"))
	return err == nil && e == nil && our == its
}

// String says it, "" for one that is not known.
func (o Obstacle) String() string {
	switch o.Kind {
	case ObstacleTraced:
		return fmt.Sprintf("%s[%d] traces it already", o.Comm, o.By)
	case ObstacleYama:
		return fmt.Sprintf("kernel.yama.ptrace_scope is %d", o.Scope)
	case ObstacleUser:
		return "it is another user's, or had another's privileges"
	case ObstacleNamespace:
		return "it is outside of this user namespace"
	case ObstacleFilter:
		return "a seccomp filter around nlsniff, as of a container, may forbid ptrace"
	}
	return ""
}
