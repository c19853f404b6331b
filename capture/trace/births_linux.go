//go:build linux && (amd64 || arm64)

package trace

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Whoever is born is traced from its first instruction, and waits there. Its
// parent's event says whose child it is. Either can be reported first, and one of
// them may never be: SIGKILL ends a parent in the middle of fork, and a child
// before it ran.

// births are those of whom one of the two reports is missing.
type births struct {
	// waiting have stopped, and their parent's event has not come: the process
	// that seems to be their parent, 0 if that is not known.
	waiting map[int]int
	// known had ended, or were taken in, before their parent's event.
	known map[int]bool
}

func newBirths() births { return births{map[int]int{}, map[int]bool{}} }

// ended notes the end of a thread whose parent's event has not come.
func (b *births) ended(tid int) {
	delete(b.waiting, tid)
	b.known[tid] = true
}

// beforeBirth deals with the first stop of a thread that nobody has announced.
func (tr *tracer) beforeBirth(tid, event int) {
	if event == unix.PTRACE_EVENT_EXIT {
		// Killed before it ran. Held, it would keep its process from ending.
		tr.early.ended(tid)
		_ = ptrace(unix.PTRACE_CONT, tid, 0, 0)
		return
	}
	delete(tr.early.known, tid) // whoever that was: the number was given out again
	tr.early.waiting[tid] = parentOf(tid)
}

// born takes in the new thread or process that its parent's event is about.
func (tr *tracer) born(parent *thread, tid, event int) {
	if tr.early.known[tid] {
		delete(tr.early.known, tid)
		if tr.threads[tid] != nil || groupOf(tid) == 0 {
			return
		}
	}
	if tr.threads[tid] != nil {
		return
	}
	thread := event == unix.PTRACE_EVENT_CLONE && groupOf(tid) == parent.p.pid
	tr.takeIn(parent.p, tid, thread, parent.abi)
}

// takeIn begins to follow a thread, and lets it go if it waits.
func (tr *tracer) takeIn(parent *process, tid int, thread bool, a *abi) {
	p := parent
	if !thread {
		p = parent.child(tid)
		tr.enlist(p)
		tr.counts.processes.Add(1)
	}
	t := tr.addThread(p, tid)
	t.abi = a
	if _, ok := tr.early.waiting[tid]; ok {
		delete(tr.early.waiting, tid)
		tr.resume(t, 0)
	}
}

// orphans takes in those who wait for the event of a process that can send it
// no more: a thread of it has ended.
func (tr *tracer) orphans(p *process) {
	for tid, parent := range tr.early.waiting {
		if parent != p.pid && tr.procs[parent] != nil {
			continue // theirs can still come
		}
		tr.early.known[tid] = true
		of, thread := p, groupOf(tid) == p.pid
		if parent != p.pid {
			// Its parent ended before anybody could ask who that was.
			of = newProcess(0)
			of.full = p.full
		}
		tr.takeIn(of, tid, thread, native)
		if t := tr.threads[tid]; !thread && parent != p.pid {
			for _, f := range tr.strangers(t) {
				tr.adopt(t, f)
			}
		}
	}
}

// parentOf returns the process that made a thread, 0 if it is gone: of a thread
// its own process, else the parent.
func parentOf(tid int) int {
	b, err := os.ReadFile(procPath(tid, "status"))
	if err != nil {
		return 0
	}
	status := string(b)
	if group := statusField(status, "Tgid:"); group != tid {
		return group
	}
	return statusField(status, "PPid:")
}

// forget takes out a process that has ended.
func (tr *tracer) forget(p *process) {
	tr.dropHandle(p)
	for tid := range p.threads {
		delete(tr.threads, tid)
	}
	delete(tr.procs, p.pid)
	tr.mu.Lock()
	delete(tr.left, p.pid)
	tr.mu.Unlock()
}

// exiting is a thread that is about to end. Its process still has all it had.
func (tr *tracer) exiting(t *thread) {
	t.ending = true
	p := t.p
	if p.left || !p.lastOf(t) {
		return
	}
	p.left = true
	for _, f := range tr.strangers(t) {
		tr.stranger(t, f)
	}
	for _, r := range tr.unreadAll(t, func(int) bool { return true }) {
		tr.out.put(r)
	}
}

// lastOf says whether a process ends with a thread that does: the others have
// ended, or will, as exit_group and a signal that kills send them SIGKILL.
func (p *process) lastOf(t *thread) bool {
	for tid, o := range p.threads {
		if o != t && !o.ending && !killed(tid) {
			return false
		}
	}
	return true
}

// killed says whether SIGKILL waits for a thread, or it is on its way out of a
// signal, or gone.
func killed(tid int) bool {
	b, err := os.ReadFile(procPath(tid, "status"))
	if err != nil {
		return true
	}
	if pending, _ := strconv.ParseUint(statusText(string(b), "SigPnd:"), 16, 64); pending>>(unix.SIGKILL-1)&1 != 0 {
		return true
	}
	const exiting, signaled = 0x4, 0x400 // PF_EXITING, PF_SIGNALED of linux/sched.h
	b, err = os.ReadFile(procPath(tid, "stat"))
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:]) // a name can hold anything
	if err != nil || len(f) < 7 {
		return true
	}
	flags, _ := strconv.ParseUint(string(f[6]), 10, 64)
	return flags&(exiting|signaled) != 0
}
