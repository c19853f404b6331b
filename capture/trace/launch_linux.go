//go:build linux && (amd64 || arm64)

package trace

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"unsafe"

	"golang.org/x/sys/unix"
)

// LaunchError says that a command could not be started.
type LaunchError struct {
	Command string
	Err     error
}

func (e *LaunchError) Error() string { return fmt.Sprintf("%s: %v", e.Command, e.Err) }
func (e *LaunchError) Unwrap() error { return e.Err }

// ExitCode is what a shell would end with: 127 for a command that is not
// there, 126 for one that cannot be run.
func (e *LaunchError) ExitCode() int {
	if errors.Is(e.Err, unix.ENOENT) || errors.Is(e.Err, exec.ErrNotFound) {
		return 127
	}
	return 126
}

// launched is a command on its way.
type launched struct {
	pid         int
	goes, fails int // pipes to and from it
}

// start forks a process that waits to become the command. The calling thread
// becomes its parent.
func start(argv []string, files [3]uintptr, filter bool) (*launched, error) {
	path, err := exec.LookPath(argv[0])
	if err != nil && !errors.Is(err, exec.ErrDot) {
		var e *exec.Error
		if errors.As(err, &e) {
			err = e.Err
		}
		return nil, &LaunchError{argv[0], err}
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return nil, &LaunchError{argv[0], unix.EISDIR}
	}
	var tests []unix.SockFilter
	if filter {
		tests = program(baseTests, abis)
	}
	c, err := newChild(path, argv, tests)
	if err != nil {
		return nil, &LaunchError{argv[0], err}
	}
	c.files = files
	var goes, fails [2]int
	if err := unix.Pipe2(goes[:], unix.O_CLOEXEC); err != nil {
		return nil, err
	}
	defer unix.Close(goes[0])
	if err := unix.Pipe2(fails[:], unix.O_CLOEXEC); err != nil {
		unix.Close(goes[1])
		return nil, err
	}
	defer unix.Close(fails[1])
	c.goes, c.fails = uintptr(goes[0]), uintptr(fails[1])
	pid, err := c.start()
	if err != nil {
		unix.Close(goes[1])
		unix.Close(fails[0])
		return nil, &LaunchError{argv[0], err}
	}
	return &launched{pid: pid, goes: goes[1], fails: fails[0]}, nil
}

// hear reads one report, and reports false if there is no more.
func (l *launched) hear() (r report, ok bool) {
	b := (*[reportSize]byte)(unsafe.Pointer(&r))[:]
	for {
		n, err := unix.Read(l.fails, b)
		if err != unix.EINTR {
			return r, n == reportSize // written at once, read at once: pipe(7)
		}
	}
}

// errBefore is a child that is gone, and nobody knows why.
var errBefore = errors.New("it ended before it began")

// ready waits until the child does, or says why it does not.
func (l *launched) ready() error {
	r, ok := l.hear()
	switch {
	case !ok:
		return errBefore
	case r.step == stepFiles:
		return fmt.Errorf("giving it its input and output: %w", unix.Errno(r.errno))
	}
	return nil
}

// proceed lets the command begin.
func (l *launched) proceed() error {
	_, err := unix.Write(l.goes, []byte{1})
	return err
}

// close closes the pipes. A child that waits ends then.
func (l *launched) close() {
	unix.Close(l.goes)
	unix.Close(l.fails)
}

// outcome is how a launch went, once the program runs or the child is gone: why
// there is no filter, and why the command did not begin.
func (l *launched) outcome(command string) (unfiltered, err error) {
	for {
		r, ok := l.hear()
		if !ok {
			return unfiltered, err
		}
		switch errno := unix.Errno(r.errno); r.step {
		case stepFilter:
			unfiltered = errno
		case stepExec:
			err = &LaunchError{command, errno}
		case stepPrivileges:
			err = fmt.Errorf("giving up the way to more privileges: %w", errno)
		}
	}
}
