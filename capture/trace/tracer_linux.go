//go:build linux && (amd64 || arm64)

package trace

import (
	"errors"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// tracer is the one thread that all traced threads stop for. Its members are
// its own, but for those that are atomic.
type tracer struct {
	opt     Options
	out     *queue
	threads map[int]*thread
	procs   map[int]*process
	early   births
	leader  int // pid of the command
	status  unix.WaitStatus
	begun   bool // the command's program runs
	failure error
	looked  time.Time // for sockets from elsewhere
	bell    *bell     // wakes the tracer, nil if nobody has to
	notify  func(Signal)
	handles int // pidfds that are kept

	stopping atomic.Bool // detach
	ended    atomic.Bool // the command has
	done     chan struct{}

	mu   sync.Mutex // guards left
	left map[int]bool

	counts struct {
		processes, sockets, sent, received, cut, overruns, failed, unseen, slow atomic.Uint64
	}
}

// Signal is what the tracer tells of the command while it runs.
type Signal int

// The signals.
const (
	CommandStopped Signal = iota // by job control
)

// run starts or attaches, and traces to the end. started gets the outcome of
// the former.
func (tr *tracer) run(started chan<- error) {
	runtime.LockOSThread() // and never unlocked: the thread ends with the tracees
	var err error
	if len(tr.opt.Command) > 0 {
		err = tr.begin()
	} else {
		err = tr.attachAll()
	}
	started <- err
	if err != nil {
		tr.out.end(nil)
		return
	}
	tr.loop()
	close(tr.done)
	tr.out.end(tr.failure)
}

// errKilled is a command that died, before it began, of a system call that something forbids
// with death.
var errKilled = errors.New("killed by a seccomp filter")

// begin starts the command and seizes it. What forbids filters forbids them in
// every way, so the command then runs without.
func (tr *tracer) begin() error {
	err := tr.launchOnce(!tr.opt.NoFilter, nil)
	if err == errKilled && !tr.opt.NoFilter {
		err = tr.launchOnce(false, err)
	}
	if err == errKilled {
		err = &LaunchError{tr.opt.Command[0], err}
	}
	return err
}

// launchOnce starts the command. unfiltered is why it is to have no filter, nil
// if somebody wants it so.
func (tr *tracer) launchOnce(filter bool, unfiltered error) error {
	stdout := os.Stdout
	if tr.opt.Stdout != nil {
		stdout = tr.opt.Stdout
	}
	command := tr.opt.Command[0]
	l, err := start(tr.opt.Command, [3]uintptr{os.Stdin.Fd(), stdout.Fd(), os.Stderr.Fd()}, filter)
	if err != nil {
		return err
	}
	defer l.close()
	tr.leader = l.pid
	if err := l.ready(); err != nil {
		var ws unix.WaitStatus
		_, _ = unix.Wait4(l.pid, &ws, unix.WALL, nil)
		return &LaunchError{command, err}
	}
	if err := ptrace(unix.PTRACE_SEIZE, l.pid, 0, traceOptions|unix.PTRACE_O_EXITKILL); err != nil {
		err = &TraceError{PID: 0, Err: err, Why: obstacleTo(l.pid, 0, err)}
		_ = unix.Kill(l.pid, unix.SIGKILL)
		var ws unix.WaitStatus
		_, _ = unix.Wait4(l.pid, &ws, unix.WALL, nil)
		return err
	}
	p := newProcess(l.pid)
	p.full = !filter
	t := tr.addThread(p, l.pid)
	tr.enlist(p)
	if err := l.proceed(); err != nil {
		return err
	}
	// Until the exec, or until it is said why there is none.
	for {
		var ws unix.WaitStatus
		pid, err := wait(-1, &ws)
		if err != nil {
			return err
		}
		switch {
		case pid == l.pid && (ws.Exited() || ws.Signaled()):
			tr.forget(p)
			_, err := l.outcome(command)
			switch {
			case err != nil:
				return err
			case ws.Signaled() && ws.Signal() == unix.SIGSYS:
				return errKilled
			}
			return &LaunchError{command, errBefore}
		case pid == l.pid && int(ws)>>16 == unix.PTRACE_EVENT_EXEC:
			tr.begun = true
			tr.counts.processes.Add(1)
			tr.exec(t)
			if refused, _ := l.outcome(command); refused != nil {
				unfiltered = refused
			}
			if unfiltered != nil {
				p.full = false // it is news
				tr.slow(t, "seccomp filters are refused here: "+unfiltered.Error(), "a container's seccomp profile that allows seccomp(2) makes it faster")
			}
			for _, f := range tr.strangers(t) {
				tr.adopt(t, f)
			}
			tr.resume(t, 0)
			return nil
		}
		tr.stopped(pid, ws)
	}
}

func (tr *tracer) addThread(p *process, tid int) *thread {
	t := &thread{tid: tid, p: p, abi: native}
	p.threads[tid] = t
	tr.threads[tid] = t
	return t
}

// enlist takes in a process.
func (tr *tracer) enlist(p *process) {
	tr.procs[p.pid] = p
	tr.mu.Lock()
	tr.left[p.pid] = true
	tr.mu.Unlock()
}

// wait waits for a child or tracee of this thread; pid -1 is any.
func wait(pid int, ws *unix.WaitStatus) (int, error) {
	for {
		got, err := unix.Wait4(pid, ws, unix.WALL|unix.WNOTHREAD, nil)
		if err != unix.EINTR {
			return got, err
		}
	}
}

// loop waits for what the tracees do until there are none.
func (tr *tracer) loop() {
	for len(tr.threads) > 0 {
		var ws unix.WaitStatus
		pid, err := wait(-1, &ws)
		if err != nil {
			if err != unix.ECHILD {
				tr.failure = err
			}
			return
		}
		tr.stopped(pid, ws)
	}
}

// stopped deals with one report of wait.
func (tr *tracer) stopped(tid int, ws unix.WaitStatus) {
	t := tr.threads[tid]
	tr.lookAround()
	if ws.Exited() || ws.Signaled() {
		if t != nil {
			tr.gone(t, ws)
		} else if tr.bell != nil && tid == tr.bell.Pid {
			tr.interrupt()
		} else {
			tr.early.ended(tid)
		}
		return
	}
	if !ws.Stopped() {
		return
	}
	event := int(ws) >> 16
	if t == nil {
		tr.beforeBirth(tid, event)
		return
	}
	if tr.stopping.Load() && t.inj == nil {
		tr.detach(t, ws)
		return
	}
	sig := 0
	switch event {
	case 0:
		switch ws.StopSignal() {
		case unix.SIGTRAP | 0x80:
			tr.syscallStop(t)
		default:
			sig = int(ws.StopSignal())
			if t.inj != nil {
				// Only SIGSTOP cannot be blocked.
				t.held = append(t.held, sig)
				sig = 0
			}
		}
	case unix.PTRACE_EVENT_SECCOMP:
		tr.seccompStop(t)
	case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE:
		if msg, err := getEventMsg(tid); err == nil {
			tr.born(t, int(msg), event)
		}
	case unix.PTRACE_EVENT_EXEC:
		tr.exec(t)
	case unix.PTRACE_EVENT_EXIT:
		tr.exiting(t)
	case eventStop:
		if s := ws.StopSignal(); s == unix.SIGSTOP || s == unix.SIGTSTP || s == unix.SIGTTIN || s == unix.SIGTTOU {
			_ = ptrace(unix.PTRACE_LISTEN, tid, 0, 0)
			if t.p.pid == tr.leader && s != unix.SIGSTOP && tr.notify != nil {
				tr.notify(CommandStopped)
			}
			return
		}
	}
	tr.resume(t, sig)
}

// resume lets a thread go on to where it is of interest next.
func (tr *tracer) resume(t *thread, sig int) {
	t.near.n = 0
	req := unix.PTRACE_CONT
	if t.p.full || t.exit || t.inj != nil || len(t.p.follows) > 0 {
		req = unix.PTRACE_SYSCALL
	}
	if sig == 0 && t.inj == nil && len(t.held) > 0 {
		for _, s := range t.held {
			_ = unix.Tgkill(t.p.pid, t.tid, unix.Signal(s))
		}
		t.held = nil
	}
	_ = ptrace(req, t.tid, 0, uintptr(sig))
}

// gone takes out a thread that has ended.
func (tr *tracer) gone(t *thread, ws unix.WaitStatus) {
	delete(tr.threads, t.tid)
	p := t.p
	delete(p.threads, t.tid)
	if t.tid == tr.leader {
		tr.status = ws
		tr.ended.Store(true)
	}
	tr.orphans(p)
	if len(p.threads) > 0 {
		return
	}
	tr.forget(p)
	last := &thread{tid: p.pid, p: p, abi: native}
	p.named = true // too late to ask
	for fd := range p.fds {
		tr.dropFD(last, fd)
	}
	r := tr.event(last, nil, capture.EventExit)
	switch {
	case ws.Exited():
		r.event.Value = int64(ws.ExitStatus())
	case ws.Signaled():
		r.event.Value = 128 + int64(ws.Signal())
	}
	tr.out.put(r)
}

// exec is a process that became another program.
func (tr *tracer) exec(t *thread) {
	p := t.p
	for tid, o := range p.threads {
		if o != t && tid != t.tid {
			delete(p.threads, tid)
			delete(tr.threads, tid)
		}
	}
	// Whichever thread called exec has the process's number now.
	*t = thread{tid: t.tid, p: p, abi: native}
	p.named, p.blind = false, false
	tr.orphans(p)
	for _, r := range p.unread {
		tr.out.put(r)
	}
	p.unread = nil
	tr.rescan(t)
	r := tr.event(t, nil, capture.EventExec)
	r.event.Text = p.exe
	tr.out.put(r)
	tr.privileged(t)
}

// seccompStop is a call that a filter stopped.
func (tr *tracer) seccompStop(t *thread) {
	if t.inj != nil || t.entered {
		return // ours, or seen at its entry already
	}
	var info syscallInfo
	if getSyscallInfo(t.tid, &info) != nil || info.op != infoSeccomp {
		return
	}
	tr.enter(t, &info)
}

// syscallStop is the entry or the exit of a call.
func (tr *tracer) syscallStop(t *thread) {
	var info syscallInfo
	if getSyscallInfo(t.tid, &info) != nil {
		return
	}
	switch {
	case info.op == infoExit && t.inj != nil:
		tr.injected(t, info.result())
	case info.op == infoExit:
		c, entered := t.call, t.entered
		t.call, t.exit, t.entered = nil, false, false
		if c != nil {
			tr.leave(t, c, info.result())
		}
		if t.inj == nil && (entered || c != nil) {
			tr.followNext(t)
		}
	case info.op == infoEntry && t.inj == nil:
		t.entered = true
		tr.enter(t, &info)
	}
}
