//go:build linux && (amd64 || arm64)

package trace

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture/trace/nofile"
)

// A command needs a filter that it installs itself, before it begins and after it
// is seized. Go's own way to start a program has no room for that between fork and
// exec, and starting this program once more to do it would take as long as
// everything else that a short command costs. So this forks as syscall.forkExec
// does: in the child only one thread is left, nothing may be allocated, no lock
// taken, no stack grown; all that it needs is made before.

// Steps at which a launch can fail, as the child reports them.
const (
	stepReady      = 1 + iota // no failure: it waits
	stepFiles                 // its input and output
	stepPrivileges            // PR_SET_NO_NEW_PRIVS
	stepFilter
	stepExec
)

// report is what the child tells: a step, and an errno.
type report struct{ step, errno uint32 }

const reportSize = 8

// child is what one needs to become the command.
type child struct {
	path       *byte
	argv, envv []*byte
	files      [3]uintptr
	goes       uintptr // says go
	fails      uintptr // is told why not
	limit      nofile.Limit
	filter     unix.SockFprog // none if its length is zero
	said       report
}

func newChild(path string, argv []string, filter []unix.SockFilter) (c *child, err error) {
	c = &child{limit: nofile.Began()}
	if c.path, err = syscall.BytePtrFromString(path); err != nil {
		return nil, err
	}
	if c.argv, err = syscall.SlicePtrFromStrings(argv); err != nil {
		return nil, err
	}
	if c.envv, err = syscall.SlicePtrFromStrings(syscall.Environ()); err != nil {
		return nil, err
	}
	if len(filter) > 0 {
		c.filter = unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	}
	return c, nil
}

// start forks. The calling thread becomes the child's parent.
func (c *child) start() (pid int, err error) {
	syscall.ForkLock.Lock()
	n, errno := c.fork()
	afterFork()
	syscall.ForkLock.Unlock()
	runtime.KeepAlive(c)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// fork returns in the parent only.
//
//go:noinline
//go:norace
//go:nocheckptr
func (c *child) fork() (pid uintptr, errno syscall.Errno) {
	beforeFork() // from here on no stack grows
	pid, _, errno = syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		return pid, errno
	}
	c.become()
	for {
		_, _, _ = syscall.RawSyscall(unix.SYS_EXIT_GROUP, 1, 0, 0)
	}
}

// become makes the child the command. It returns if it cannot.
//
//go:noinline
//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) become() {
	// A program with capabilities of its file cannot be traced by its like; the command
	// has none of these.
	_, _, _ = syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 1, 0, 0, 0, 0)
	var errno syscall.Errno
	// Out of the way of each other first.
	for i := range c.files {
		c.files[i], _, errno = syscall.RawSyscall(unix.SYS_FCNTL, c.files[i], unix.F_DUPFD_CLOEXEC, uintptr(len(c.files)))
		if errno != 0 {
			c.tell(stepFiles, errno)
			return
		}
	}
	for i := range c.files {
		if _, _, errno = syscall.RawSyscall(unix.SYS_DUP3, c.files[i], uintptr(i), 0); errno != 0 {
			c.tell(stepFiles, errno)
			return
		}
	}
	if c.limit.Max != 0 {
		_, _, _ = syscall.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&c.limit)), 0, 0, 0)
	}
	afterForkInChild()
	c.tell(stepReady, 0)
	for {
		n, _, errno := syscall.RawSyscall(unix.SYS_READ, c.goes, uintptr(unsafe.Pointer(&c.said)), 1)
		if errno == unix.EINTR {
			continue
		}
		if n != 1 {
			return // the tracer is gone
		}
		break
	}
	if c.filter.Len != 0 {
		errno = c.install()
		if errno == unix.EACCES {
			// Without CAP_SYS_ADMIN a filter needs a promise.
			if _, _, errno = syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0); errno != 0 {
				c.tell(stepPrivileges, errno)
				return
			}
			errno = c.install()
		}
		if errno != 0 {
			// Something forbids filters: the tracer can do without.
			c.tell(stepFilter, errno)
		}
	}
	_, _, errno = syscall.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(c.path)), uintptr(unsafe.Pointer(&c.argv[0])), uintptr(unsafe.Pointer(&c.envv[0])))
	c.tell(stepExec, errno)
}

//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) install() syscall.Errno {
	_, _, errno := syscall.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&c.filter)))
	return errno
}

//go:norace
//go:nocheckptr
//go:nosplit
func (c *child) tell(step uint32, errno syscall.Errno) {
	c.said = report{step, uint32(errno)}
	_, _, _ = syscall.RawSyscall(unix.SYS_WRITE, c.fails, uintptr(unsafe.Pointer(&c.said)), reportSize)
}

// What the runtime has package syscall do around a fork, and others with it
// (go.dev/issue/67401): no signal comes in between, and in the child none has a
// handler.

//go:linkname beforeFork syscall.runtime_BeforeFork
func beforeFork()

//go:linkname afterFork syscall.runtime_AfterFork
func afterFork()

//go:linkname afterForkInChild syscall.runtime_AfterForkInChild
func afterForkInChild()
