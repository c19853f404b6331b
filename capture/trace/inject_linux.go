//go:build linux && (amd64 || arm64)

package trace

import (
	"golang.org/x/sys/unix"
)

// An injection has a stopped thread make system calls of the tracer's: at the
// exit of a call of its own its registers are changed so that it makes another,
// and put back when the last has returned. It runs through the steps below,
// each begun at the exit of the one before. Signals are blocked meanwhile:
// a handler must not run on the changed registers.
//
//	mmap     a page for the filter; the stack of a coroutine may be too small
//	seccomp  the filter, for all threads
//	munmap   the page
type injection struct {
	saved  registers
	mask   uint64
	fd     int // that the filter is for
	step   int
	page   uint64
	result int64
}

const (
	injectMmap = iota
	injectSeccomp
	injectUnmap
)

const pageSize = 4096

// follow has a process stopped at each call with a descriptor, when it can be.
func (tr *tracer) follow(t *thread, fd int) {
	if !t.p.full && !t.p.filtered[fd] {
		t.p.follows = append(t.p.follows, fd)
	}
}

// followNext begins with the next descriptor that waits. The thread is at the
// exit of a call.
func (tr *tracer) followNext(t *thread) {
	for len(t.p.follows) > 0 && t.inj == nil {
		fd := t.p.follows[0]
		t.p.follows = t.p.follows[1:]
		tr.filterFD(t, fd)
	}
}

// filterFD begins an injection, if one is needed.
func (tr *tracer) filterFD(t *thread, fd int) {
	p := t.p
	if p.full || p.filtered[fd] {
		return
	}
	if p.own {
		// Its own filter may answer an injected call with its death.
		tr.slow(t, "it has a seccomp filter of its own", "")
		return
	}
	in := &injection{fd: fd}
	mask, err := getSigMask(t.tid)
	if err == nil {
		in.mask = mask
		err = getRegs(t.tid, &in.saved)
	}
	if err == nil {
		err = setSigMask(t.tid, ^uint64(0))
	}
	if err != nil {
		tr.slow(t, "it cannot be given a filter: "+err.Error(), "")
		return
	}
	t.inj = in
	tr.inject(t, t.abi.mmap, [6]uint64{0, pageSize, unix.PROT_READ | unix.PROT_WRITE, unix.MAP_PRIVATE | unix.MAP_ANONYMOUS, ^uint64(0), 0})
}

func (tr *tracer) inject(t *thread, nr uint64, args [6]uint64) {
	r := t.inj.saved
	r.call(t.abi.arch, nr, args)
	if setRegs(t.tid, &r) != nil {
		t.inj = nil // it is dying
	}
}

// injected goes on with an injection at the exit of one of its calls.
func (tr *tracer) injected(t *thread, ret int64) {
	in := t.inj
	switch in.step {
	case injectMmap:
		if ret < 0 && ret > -4096 {
			in.result = ret
			tr.endInjection(t)
			return
		}
		in.page = uint64(ret)
		if t.abi.long == 4 {
			in.page = uint64(uint32(ret))
		}
		if !writeMemory(t.tid, in.page, image(program(fdTests(in.fd), abis), in.page, t.abi.long)) {
			in.result = -int64(unix.EFAULT)
			in.step = injectUnmap
			tr.inject(t, t.abi.unmap, [6]uint64{in.page, pageSize})
			return
		}
		in.step = injectSeccomp
		tr.inject(t, t.abi.nr[opSeccomp], [6]uint64{unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, in.page})
	case injectSeccomp:
		in.result = ret
		in.step = injectUnmap
		tr.inject(t, t.abi.unmap, [6]uint64{in.page, pageSize})
	case injectUnmap:
		tr.endInjection(t)
	}
}

func (tr *tracer) endInjection(t *thread) {
	in := t.inj
	t.inj = nil
	_ = setRegs(t.tid, &in.saved)
	_ = setSigMask(t.tid, in.mask)
	defer tr.followNext(t)
	switch {
	case in.result == 0:
		t.p.filtered[in.fd] = true
	case in.result > 0:
		tr.slow(t, "one of its threads has a seccomp filter of its own", "")
	case in.result == -int64(unix.EACCES):
		tr.slow(t, "it gave up root, and cannot be given a filter", "")
	case in.result == -int64(unix.ENOMEM):
		tr.slow(t, "it has too many filters already", "")
	default:
		tr.slow(t, "it cannot be given a filter: "+unix.Errno(-in.result).Error(), "")
	}
}

// slow has a process stopped at every system call from now on.
func (tr *tracer) slow(t *thread, why, hint string) {
	p := t.p
	if p.full {
		return
	}
	p.full = true
	tr.counts.slow.Add(1)
	for _, o := range p.threads {
		if o != t {
			// It may be running: it stops, and goes on in the other mode.
			_ = ptrace(unix.PTRACE_INTERRUPT, o.tid, 0, 0)
		}
	}
	tr.unseen(t, "slow", "stopped at every system call, which is slow: "+why, hint, false)
}
