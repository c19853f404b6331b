//go:build linux && (amd64 || arm64)

package trace

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// unseen records, once a process and kind, that something is not seen, or not
// as well as it could be.
func (tr *tracer) unseen(t *thread, kind, text, hint string, hole bool) {
	if hole {
		tr.counts.unseen.Add(1)
	}
	if t.p.told[kind] {
		return
	}
	t.p.told[kind] = true
	r := tr.event(t, nil, capture.EventUnseen)
	r.event.Text, r.event.Hint = text, hint
	tr.out.put(r)
}

// unreadable is a process whose memory is closed to the tracer.
func (tr *tracer) unreadable(t *thread, c *call) {
	t.p.blind = true
	tr.unseen(t, "memory", "has memory that cannot be read: the bytes of its messages are not seen",
		"its program may be executed but not read; run nlsniff as root, or make it readable", true)
}

// stranger is a socket that a process has although it did not make it.
type strangeFD struct {
	fd int
	listing
}

// found looks whether a descriptor that came from elsewhere is a netlink
// socket.
func (tr *tracer) found(t *thread, fd int) {
	inode := inodeOf(procPath(t.tid, "fd/"+strconv.Itoa(fd)))
	if l, ok := listed(t.tid, inode); ok {
		tr.adopt(t, strangeFD{fd, l})
	}
}

// adopt follows a socket that was made elsewhere.
func (tr *tracer) adopt(t *thread, f strangeFD) {
	s := &socket{proto: f.proto, inode: f.inode, portid: f.portid, known: f.portid != 0, drops: f.drops, refs: 1, peeked: -1}
	s.netns = inodeOf(procPath(t.tid, "ns/net"))
	t.p.fds[f.fd] = s
	tr.counts.sockets.Add(1)
	r := tr.event(t, &call{sock: s, fd: f.fd}, capture.EventSocket)
	r.event.Text = "found open"
	tr.out.put(r)
	tr.follow(t, f.fd)
}

// stranger records a socket that was not followed.
func (tr *tracer) stranger(t *thread, f strangeFD) {
	once := "socket " + strconv.FormatUint(f.inode, 10)
	if t.p.told[once] {
		return
	}
	t.p.told[once] = true
	s := &socket{proto: f.proto, inode: f.inode, portid: f.portid, known: true}
	r := tr.event(t, &call{sock: s, fd: f.fd}, capture.EventUnseen)
	r.event.Text = "this socket came from another process (SCM_RIGHTS): what went over it was not seen"
	r.event.Hint = "trace the process that made it"
	tr.counts.unseen.Add(1)
	tr.out.put(r)
}

// strangers finds the netlink sockets of a process that are not followed.
func (tr *tracer) strangers(t *thread) (found []strangeFD) {
	var sockets []listing
	for _, fd := range descriptors(t.tid) { // not of t.p.pid, whose first thread may have ended
		if t.p.fds[fd] != nil {
			continue
		}
		inode := socketOf(procPath(t.tid, "fd/"+strconv.Itoa(fd)))
		if inode == 0 {
			continue
		}
		if sockets == nil {
			sockets = listings(t.tid)
		}
		for _, l := range sockets {
			if l.inode == inode {
				found = append(found, strangeFD{fd, l})
			}
		}
	}
	return found
}

// lookInterval is how often processes are searched for sockets that came from
// elsewhere. It is a readdir for each process.
const lookInterval = 200 * time.Millisecond

// lookAround finds sockets that came with SCM_RIGHTS, for which no call stops
// the process that gets them.
func (tr *tracer) lookAround() {
	now := time.Now()
	if now.Sub(tr.looked) < lookInterval {
		return
	}
	first := tr.looked.IsZero()
	tr.looked = now
	if first {
		return
	}
	for _, p := range tr.procs {
		t := p.any()
		if t == nil {
			continue
		}
		// A thread between socket() and its exit has one that is no stranger.
		if p.making() {
			continue
		}
		for _, f := range tr.strangers(t) {
			tr.late(t, f)
		}
	}
}

// late follows a socket from now on, and says that it may have been used
// before.
func (tr *tracer) late(t *thread, f strangeFD) {
	p := t.p
	tr.adopt(t, f)
	c := &call{sock: p.fds[f.fd], fd: f.fd}
	r := tr.event(t, c, capture.EventUnseen)
	r.event.Text = "this socket came from another process (SCM_RIGHTS): what went over it until now was not seen"
	r.event.Hint = "trace the process that made it"
	tr.counts.unseen.Add(1)
	tr.out.put(r)
	if p.full {
		return
	}
	for _, o := range p.threads {
		_ = ptrace(unix.PTRACE_INTERRUPT, o.tid, 0, 0)
	}
}

// any returns a thread of p, the first if it is there.
func (p *process) any() *thread {
	if t := p.threads[p.pid]; t != nil {
		return t
	}
	for _, t := range p.threads {
		return t
	}
	return nil
}

// making says whether a thread is about to get a new descriptor.
func (p *process) making() bool {
	for _, t := range p.threads {
		if t.call != nil || t.inj != nil {
			return true
		}
	}
	return false
}

// privileged says what a program loses by being traced: its file would give it
// another user or capabilities.
func (tr *tracer) privileged(t *thread) {
	if os.Geteuid() == 0 || tr.leader == 0 {
		return
	}
	var st unix.Stat_t
	exe := procPath(t.p.pid, "exe")
	if unix.Stat(exe, &st) != nil {
		return
	}
	var caps [64]byte
	n, _ := unix.Getxattr(exe, "security.capability", caps[:])
	switch {
	case st.Mode&unix.S_ISUID != 0 && st.Uid != uint32(os.Geteuid()):
		tr.unseen(t, "setuid "+t.p.exe, "it is setuid, and runs without the privileges of its file while it is traced", "run nlsniff as root, or use nlsniff capture", false)
	case st.Mode&unix.S_ISGID != 0 && st.Mode&unix.S_IXGRP != 0, n > 0:
		tr.unseen(t, "setuid "+t.p.exe, "it runs without the privileges of its file while it is traced", "run nlsniff as root, or use nlsniff capture", false)
	}
}

// rescan forgets the descriptors that are closed.
func (tr *tracer) rescan(t *thread) {
	for fd, s := range t.p.fds {
		if inodeOf(procPath(t.tid, "fd/"+strconv.Itoa(fd))) != s.inode {
			tr.dropFD(t, fd)
		}
	}
}

// attachAll seizes the processes that were asked for.
func (tr *tracer) attachAll() (err error) {
	if tr.bell, err = newBell(); err != nil {
		return err
	}
	for _, pid := range tr.opt.PIDs {
		if err := tr.attach(pid); err != nil {
			return err
		}
	}
	return nil
}

// attach seizes all threads of a process.
func (tr *tracer) attach(pid int) error {
	p := newProcess(pid)
	p.full = true
	for again := true; again; {
		again = false
		list, err := os.ReadDir(procPath(pid, "task"))
		if err != nil {
			return &TraceError{PID: pid, Err: unix.ESRCH}
		}
		for _, e := range list {
			tid, err := strconv.Atoi(e.Name())
			if err != nil || tr.threads[tid] != nil {
				continue
			}
			if err := ptrace(unix.PTRACE_SEIZE, tid, 0, traceOptions); err != nil {
				if err == unix.ESRCH && tid != pid {
					continue
				}
				return &TraceError{PID: pid, Err: err, Why: obstacleTo(pid, pid, err)}
			}
			_ = ptrace(unix.PTRACE_INTERRUPT, tid, 0, 0)
			tr.addThread(p, tid)
			again = true
		}
	}
	tr.enlist(p)
	tr.counts.processes.Add(1)
	tr.counts.slow.Add(1)
	for _, f := range tr.strangers(p.threads[pid]) {
		tr.adopt(p.threads[pid], f)
	}
	return nil
}

// interrupt stops every thread, so that the tracer can let go of it.
func (tr *tracer) interrupt() {
	for tid := range tr.threads {
		_ = ptrace(unix.PTRACE_INTERRUPT, tid, 0, 0)
	}
}

// detach lets go of a stopped thread, with the signal that it stopped for.
func (tr *tracer) detach(t *thread, ws unix.WaitStatus) {
	sig := 0
	if event := int(ws) >> 16; event == 0 && ws.StopSignal() != unix.SIGTRAP|0x80 {
		sig = int(ws.StopSignal())
	}
	_ = ptrace(unix.PTRACE_DETACH, t.tid, 0, uintptr(sig))
	delete(tr.threads, t.tid)
}
