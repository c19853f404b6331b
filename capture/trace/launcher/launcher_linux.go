package launcher

import (
	"encoding/binary"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Name is the launcher's argv[0]. Its other arguments are the program's path and
// the command with its arguments.
const Name = "nlsniff-launch"

// File descriptors of the launcher.
const (
	GoFD   = 3 // a pipe that says go
	FailFD = 4 // one that says why not
)

// What GoFD says: Filtered is followed by the filter.
const (
	Plain    = 'p'
	Filtered = 'f'
)

// Steps at which a launch can fail, as the launcher reports them.
const (
	Ready      = 1 + iota // no failure: it waits
	Privileges            // PR_SET_NO_NEW_PRIVS
	Filter
	Exec
)

// ReportSize is the length of a report: a step, and an errno.
const ReportSize = 5

func init() {
	if len(os.Args) > 2 && os.Args[0] == Name {
		// This is the main thread now, the only one that a tracer has seized,
		// and the one whose filter counts.
		runtime.LockOSThread()
		launch(os.Args[1], os.Args[2:])
	}
}

// launch becomes the command. It does not return.
func launch(path string, argv []string) {
	unix.CloseOnExec(GoFD)
	unix.CloseOnExec(FailFD)
	report(Ready, nil)
	said := readAll(GoFD)
	if len(said) == 0 {
		os.Exit(1) // the tracer is gone
	}
	if said[0] == Filtered {
		if err := install(said[1:]); err != nil {
			// Something forbids filters: the tracer can do without.
			report(Filter, err)
		}
	}
	fail(Exec, syscall.Exec(path, argv, os.Environ()))
}

// filterSize is the size of a struct sock_filter.
const filterSize = 8

// install takes a filter, which is an array of struct sock_filter.
func install(filter []byte) error {
	if len(filter) < filterSize {
		return unix.EINVAL
	}
	prog := unix.SockFprog{Len: uint16(len(filter) / filterSize), Filter: (*unix.SockFilter)(unsafe.Pointer(&filter[0]))}
	load := func() error {
		_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog)))
		if e != 0 {
			return e
		}
		return nil
	}
	err := load()
	if err == unix.EACCES {
		// Without CAP_SYS_ADMIN a filter needs a promise.
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			fail(Privileges, err)
		}
		err = load()
	}
	return err
}

func readAll(fd int) (all []byte) {
	b := make([]byte, 4096)
	for {
		n, err := unix.Read(fd, b)
		switch {
		case err == unix.EINTR:
		case n <= 0 || err != nil:
			return all
		default:
			all = append(all, b[:n]...)
		}
	}
}

func report(step byte, err error) {
	errno, _ := err.(unix.Errno)
	b := binary.LittleEndian.AppendUint32([]byte{step}, uint32(errno))
	_, _ = unix.Write(FailFD, b)
}

func fail(step byte, err error) {
	report(step, err)
	os.Exit(1)
}
