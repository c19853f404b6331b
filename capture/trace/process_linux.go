//go:build linux && (amd64 || arm64)

package trace

import (
	"maps"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// process is a traced process.
type process struct {
	pid      int
	comm     string
	exe      string
	named    bool // comm and exe are those of the program that runs
	fds      map[int]*socket
	filtered map[int]bool // file descriptors that a filter stops
	full     bool         // stopped at every system call
	own      bool         // it installed a filter of its own
	blind    bool         // its memory cannot be read
	told     map[string]bool
	threads  map[int]*thread
	// follows are descriptors that wait for a filter: a thread can take one at
	// the exit of a call whose entry was seen.
	follows []int
	// unread are the answers that an execve which has not returned yet would
	// leave unread; left says that the process ends, and was asked about its.
	unread []*record
	left   bool
	handle int // a pidfd of it, -1: none
}

// thread is one of its threads.
type thread struct {
	tid     int
	p       *process
	abi     *abi
	call    *call
	exit    bool // stop at the exit of the call that it is in
	inj     *injection
	held    []int // signals that came during an injection
	entered bool  // the entry of the call that it is in was seen
	ending  bool  // it is about to end
	near    near  // of its memory
}

// socket is a netlink socket, however many descriptors it has.
type socket struct {
	proto   uint8
	inode   uint64
	netns   uint64
	portid  uint32
	known   bool // portid is
	options capture.SocketOptions
	peer    uint32
	dstGrp  uint32
	peeked  int64 // length of the datagram that was looked at, -1: none
	overrun bool  // messages were lost since the last one that was read
	drops   uint64
	refs    int
	sent    bool // something was sent
	allRead bool // nothing is left in it, as it is about to close
}

func newProcess(pid int) *process {
	return &process{pid: pid, fds: map[int]*socket{}, filtered: map[int]bool{}, threads: map[int]*thread{}, told: map[string]bool{}, handle: -1}
}

// child is the process that p becomes two of.
func (p *process) child(pid int) *process {
	c := newProcess(pid)
	c.comm, c.exe, c.named = p.comm, p.exe, p.named
	c.fds, c.filtered = maps.Clone(p.fds), maps.Clone(p.filtered)
	c.full, c.own, c.blind = p.full, p.own, p.blind
	for _, s := range c.fds {
		s.refs++
	}
	return c
}

// identity returns what is known of the process of a thread.
func (t *thread) identity(s *socket) capture.Process {
	p := t.p
	if !p.named {
		p.named = true
		p.comm = readComm(p.pid)
		p.exe, _ = os.Readlink(procPath(p.pid, "exe"))
	}
	id := capture.Process{PID: uint32(p.pid), TID: uint32(t.tid), Comm: p.comm, Exe: p.exe}
	if s != nil {
		id.NetNS = s.netns
	}
	return id
}

// readComm does without package os, which readies every file for waiting: it is
// done for every process.
func readComm(pid int) string {
	fd, err := unix.Open(procPath(pid, "comm"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(fd)
	var b [64]byte
	n, _ := unix.Read(fd, b[:])
	return strings.TrimSuffix(string(b[:max(n, 0)]), "\n")
}

// inodeOf reads the number in "socket:[123]" or "net:[123]".
func inodeOf(path string) uint64 {
	_, n := kindOf(path)
	return n
}

// socketOf is inodeOf for what is a socket, 0 for what is not.
func socketOf(path string) uint64 {
	kind, n := kindOf(path)
	if kind != "socket" {
		return 0
	}
	return n
}

// kindOf returns both halves of such a link.
func kindOf(path string) (kind string, inode uint64) {
	s, err := os.Readlink(path)
	if err != nil {
		return "", 0
	}
	kind, num, ok := strings.Cut(s, ":[")
	if !ok {
		return "", 0
	}
	inode, _ = strconv.ParseUint(strings.TrimSuffix(num, "]"), 10, 64)
	return kind, inode
}

// descriptors lists the file descriptors of a thread, without package os as readComm.
func descriptors(tid int) (list []int) {
	dir, err := unix.Open(procPath(tid, "fd"), unix.O_RDONLY|unix.O_CLOEXEC|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(dir)
	var b [2048]byte
	for {
		n, err := unix.ReadDirent(dir, b[:])
		if n <= 0 || err != nil {
			return list
		}
		_, _, names := unix.ParseDirent(b[:n], -1, nil)
		for _, name := range names {
			if fd, err := strconv.Atoi(name); err == nil {
				list = append(list, fd)
			}
		}
	}
}

// groupOf returns the process of a thread, 0 if it is gone.
func groupOf(tid int) int {
	b, err := os.ReadFile(procPath(tid, "status"))
	if err != nil {
		return 0
	}
	return statusField(string(b), "Tgid:")
}

func statusField(status, name string) int {
	n, _ := strconv.Atoi(statusText(status, name))
	return n
}
