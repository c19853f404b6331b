//go:build linux

package nlmon

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// waiter waits for several descriptors by way of the runtime's own poller, to
// which it shows one that stands for all (epoll(7)). A goroutine that sits in a
// system call costs more than what it waits for: the runtime's monitor thread
// looks after it again and again.
//
// It tells of changes: who waits has looked at everything before.
type waiter struct {
	f      *os.File
	conn   syscall.RawConn
	events []unix.EpollEvent
}

func newWaiter() (*waiter, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("epoll: %w", err)
	}
	w := &waiter{f: os.NewFile(uintptr(fd), "epoll")}
	if w.conn, err = w.f.SyscallConn(); err != nil {
		w.f.Close()
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return w, nil
}

func (w *waiter) close() { w.f.Close() }

// add adds a descriptor; events of it carry who.
func (w *waiter) add(fd int, who int) error {
	var err error
	e := w.conn.Control(func(ep uintptr) {
		// It is who that comes back, not the descriptor.
		err = unix.EpollCtl(int(ep), unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET&(1<<32-1), Fd: int32(who)})
	})
	if err = errors.Join(e, err); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	w.events = append(w.events, unix.EpollEvent{})
	return nil
}

// wait waits until something changes or limit is over, unless it is negative, and
// calls each with what did, and whether that was for the worse.
func (w *waiter) wait(limit time.Duration, each func(who int, trouble bool)) error {
	if limit >= 0 {
		_ = w.f.SetReadDeadline(time.Now().Add(limit))
		defer w.f.SetReadDeadline(time.Time{})
	}
	n, failed := 0, syscall.Errno(0)
	err := w.conn.Read(func(ep uintptr) bool {
		n, failed = epollNow(ep, w.events)
		return n > 0 || failed != 0 && failed != unix.EINTR
	})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	if err == nil && failed != 0 && failed != unix.EINTR {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	for _, e := range w.events[:n] {
		each(int(e.Fd), e.Events&(unix.EPOLLERR|unix.EPOLLHUP) != 0)
	}
	return nil
}

// epollNow is epoll_wait(2) that does not wait. So the runtime need not know of
// it: a call that might wait has it wake its monitor thread.
func epollNow(ep uintptr, events []unix.EpollEvent) (int, syscall.Errno) {
	n, _, err := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, ep, uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if err != 0 {
		return 0, err
	}
	return int(n), 0
}
