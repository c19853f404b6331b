//go:build linux && (amd64 || arm64)

package trace

import "golang.org/x/sys/unix"

// What a socket says of itself it says to a copy of its descriptor as well, which
// pidfd_getfd(2) makes. The process's own pidfd is kept, as it is needed for each
// socket twice.

// maxHandles is how many processes' are kept; for others one is made each time.
const maxHandles = 256

// pidfdThread is PIDFD_THREAD of linux/pidfd.h, since Linux 6.9.
const pidfdThread = unix.O_EXCL

// borrow copies a descriptor of a thread's process.
func (tr *tracer) borrow(t *thread, fd int) (int, error) {
	file, err := tr.borrowOfProcess(t.p, fd)
	if err != nil && t.tid != t.p.pid {
		// Its first thread may have ended, and has none any more.
		if p, e := unix.PidfdOpen(t.tid, pidfdThread); e == nil {
			defer unix.Close(p)
			return unix.PidfdGetfd(p, fd, 0)
		}
	}
	return file, err
}

func (tr *tracer) borrowOfProcess(p *process, fd int) (int, error) {
	if p.handle >= 0 {
		return unix.PidfdGetfd(p.handle, fd, 0)
	}
	h, err := unix.PidfdOpen(p.pid, 0)
	if err != nil {
		return -1, err
	}
	if tr.handles < maxHandles {
		p.handle = h
		tr.handles++
	} else {
		defer unix.Close(h)
	}
	return unix.PidfdGetfd(h, fd, 0)
}

// dropHandle closes what is kept of a process.
func (tr *tracer) dropHandle(p *process) {
	if p.handle >= 0 {
		unix.Close(p.handle)
		p.handle = -1
		tr.handles--
	}
}
