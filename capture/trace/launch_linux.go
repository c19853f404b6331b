//go:build linux && (amd64 || arm64)

package trace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A command is started through this program itself, under another name: it
// waits until it is traced, takes the base filter and becomes the command. The
// filter is its own doing, since a tracer can only ask for one that a process
// installs for itself.

// launcherName is its argv[0]. Its other arguments are the program's path and
// the command with its arguments. File descriptor 3 is a pipe that says go,
// and 4 one that says why not.
const launcherName = "nlsniff-launch"

const (
	goFD   = 3
	failFD = 4
)

// Steps at which a launch can fail, as the launcher reports them.
const (
	stepReady      = 1 + iota // no failure: it waits
	stepPrivileges            // PR_SET_NO_NEW_PRIVS
	stepFilter
	stepExec
)

func init() {
	if len(os.Args) > 0 && os.Args[0] == bellName {
		waitForBell()
	}
	if len(os.Args) > 2 && os.Args[0] == launcherName {
		// This is the main thread now, the only one that a tracer has seized,
		// and the one whose filter counts.
		runtime.LockOSThread()
		launch(os.Args[1], os.Args[2:])
	}
}

// launch becomes the command. It does not return.
func launch(path string, argv []string) {
	unix.CloseOnExec(goFD)
	unix.CloseOnExec(failFD)
	report(stepReady, nil)
	var b [1]byte
	if n, err := unix.Read(goFD, b[:]); n != 1 || err != nil {
		os.Exit(1) // the tracer is gone
	}
	if b[0] == 'f' {
		prog := program(baseTests, abis)
		fprog := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
		install := func() error {
			_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&fprog)))
			if e != 0 {
				return e
			}
			return nil
		}
		err := install()
		if errors.Is(err, unix.EACCES) {
			// Without CAP_SYS_ADMIN a filter needs a promise.
			if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
				fail(stepPrivileges, err)
			}
			err = install()
		}
		if err != nil {
			// Something forbids filters: the tracer can do without.
			report(stepFilter, err)
		}
	}
	fail(stepExec, syscall.Exec(path, argv, os.Environ()))
}

// reportSize is what report writes: a step, and an errno.
const reportSize = 5

func report(step byte, err error) {
	var errno unix.Errno
	errors.As(err, &errno)
	b := binary.LittleEndian.AppendUint32([]byte{step}, uint32(errno))
	_, _ = unix.Write(failFD, b)
}

func fail(step byte, err error) {
	report(step, err)
	os.Exit(1)
}

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
	pid, err := syscall.ForkExec("/proc/self/exe", append([]string{launcherName, path}, argv...), &syscall.ProcAttr{Env: os.Environ(), Files: fds})
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
	var b [reportSize]byte
	_, err := io.ReadFull(l.fails, b[:])
	return err
}

// proceed lets the command begin, with or without a filter.
func (l *launched) proceed(filter bool) error {
	b := []byte{'p'}
	if filter {
		b[0] = 'f'
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
	for ; len(b) >= reportSize; b = b[reportSize:] {
		errno := unix.Errno(binary.LittleEndian.Uint32(b[1:]))
		switch b[0] {
		case stepFilter:
			unfiltered = errno
		case stepExec:
			err = &LaunchError{command, errno}
		case stepPrivileges:
			err = fmt.Errorf("giving up the way to more privileges: %w", errno)
		}
	}
	return unfiltered, err
}
