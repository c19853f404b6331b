package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// whenReaderGone calls stop when nobody reads a pipe any more, until done is
// closed. Writing says so too, but a capture may have nothing to write for long.
func whenReaderGone(pipe *os.File, stop func(), done <-chan struct{}) {
	st, err := pipe.Stat()
	if err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		return
	}
	// A descriptor of its own: the file's may be closed and given out again.
	fd, err := unix.FcntlInt(pipe.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return
	}
	go func() {
		defer unix.Close(fd)
		const second = 1000
		for {
			fds := []unix.PollFd{{Fd: int32(fd)}}
			n, err := unix.Poll(fds, second)
			switch {
			case n > 0:
				stop()
				return
			case err != nil && err != unix.EINTR:
				return
			}
			select {
			case <-done:
				return
			default:
			}
		}
	}()
}
