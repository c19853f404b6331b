//go:build linux && (amd64 || arm64)

package trace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture/trace/launcher"
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
	pid   int
	goes  *os.File
	fails *os.File
}

// start starts the launcher. The calling thread becomes its parent.
func start(argv []string, files []*os.File) (*launched, error) {
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
	goR, goW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer goR.Close()
	failR, failW, err := os.Pipe()
	if err != nil {
		goW.Close()
		return nil, err
	}
	defer failW.Close()
	fds := make([]uintptr, 0, 5)
	for _, f := range files {
		fds = append(fds, f.Fd())
	}
	fds = append(fds, goR.Fd(), failW.Fd())
	pid, err := syscall.ForkExec("/proc/self/exe", append([]string{launcher.Name, path}, argv...), &syscall.ProcAttr{Env: os.Environ(), Files: fds})
	if err != nil {
		goW.Close()
		failR.Close()
		return nil, &LaunchError{argv[0], err}
	}
	return &launched{pid: pid, goes: goW, fails: failR}, nil
}

// ready waits until the launcher does: whoever is seized before that is in the
// middle of the exec that made it the launcher, and reports that one.
func (l *launched) ready() error {
	var b [launcher.ReportSize]byte
	_, err := io.ReadFull(l.fails, b[:])
	return err
}

// proceed lets the command begin, with or without the base filter.
func (l *launched) proceed(filter bool) error {
	b := []byte{launcher.Plain}
	if filter {
		b = appendFilter([]byte{launcher.Filtered}, program(baseTests, abis))
	}
	_, err := l.goes.Write(b)
	l.goes.Close()
	return err
}

// outcome is how a launch went, once its program runs or the launcher is gone:
// why there is no filter, and why the command did not begin.
func (l *launched) outcome(command string) (unfiltered, err error) {
	b, _ := io.ReadAll(l.fails)
	l.fails.Close()
	for ; len(b) >= launcher.ReportSize; b = b[launcher.ReportSize:] {
		errno := unix.Errno(binary.LittleEndian.Uint32(b[1:]))
		switch b[0] {
		case launcher.Filter:
			unfiltered = errno
		case launcher.Exec:
			err = &LaunchError{command, errno}
		case launcher.Privileges:
			err = fmt.Errorf("giving up the way to more privileges: %w", errno)
		}
	}
	return unfiltered, err
}
