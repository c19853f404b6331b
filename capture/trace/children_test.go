//go:build linux && (amd64 || arm64)

package trace

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/internal/need"
)

// cloneArgs is struct clone_args of linux/sched.h, as far as it is used.
type cloneArgs struct {
	flags, pidfd, childTID, parentTID, exitSignal, stack, stackSize, tls uint64
}

// children are the ways to a child that ends at once. Each returns its pid, 0 for
// one that it has waited for.
var children = map[string]func() (int, error){
	"fork":  func() (int, error) { return raw(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0) },
	"vfork": func() (int, error) { return raw(unix.SYS_CLONE, uintptr(unix.SIGCHLD)|unix.CLONE_VFORK, 0) },
	"untraced": func() (int, error) {
		return raw(unix.SYS_CLONE, uintptr(unix.SIGCHLD)|unix.CLONE_UNTRACED, 0)
	},
	"clone3":          func() (int, error) { return clone3(0) },
	"clone3 untraced": func() (int, error) { return clone3(unix.CLONE_UNTRACED) },
	"clone3 vfork":    func() (int, error) { return clone3(unix.CLONE_VFORK) },
	// With shared memory, as everything that starts programs does it.
	"vfork and exec":            func() (int, error) { return 0, exec.Command("/bin/true").Run() },
	"exec that fails":           func() (int, error) { return 0, fails(exec.Command("/etc/passwd").Run()) },
	"exec of a thread":          func() (int, error) { return 0, again("threads exec") },
	"exec of what uses netlink": func() (int, error) { return 0, again("inherits-none") },
}

// raw makes a child in which nothing of Go runs: it makes a netlink socket and ends
// with what became of that.
func raw(nr, a, b uintptr) (int, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, _, e := unix.RawSyscall6(nr, a, b, 0, 0, 0, 0)
	if e != 0 {
		return 0, e
	}
	if pid == 0 {
		code := uintptr(0)
		if fd, _, e := unix.RawSyscall(unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE); e != 0 || int(fd) < 0 {
			code = uintptr(e) // ENOSYS of one that has filters and no tracer
		}
		for {
			_, _, _ = unix.RawSyscall(unix.SYS_EXIT_GROUP, code, 0, 0)
		}
	}
	return int(pid), nil
}

func clone3(flags uint64) (int, error) {
	a := cloneArgs{flags: flags, exitSignal: uint64(unix.SIGCHLD)}
	pid, err := raw(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&a)), unsafe.Sizeof(a))
	runtime.KeepAlive(&a)
	if err == nil && a.flags != flags {
		err = fmt.Errorf("its flags %#x were changed to %#x", flags, a.flags)
	}
	return pid, err
}

func fails(err error) error {
	if err == nil {
		return errors.New("it ran")
	}
	return nil
}

func again(program string) error {
	c := exec.Command("/proc/self/exe")
	c.Env = append(os.Environ(), programEnv+"="+program)
	return c.Run()
}

func init() {
	programs["children"] = func() error { // on four threads
		kind, n := os.Getenv("NLSNIFF_TRACE_CHILDREN"), 0
		if _, err := fmt.Sscan(os.Getenv("NLSNIFF_TRACE_NUMBER"), &n); err != nil {
			return err
		}
		var wg sync.WaitGroup
		errs := make(chan error, 4)
		for range cap(errs) {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for range n / cap(errs) {
					pid, err := children[kind]()
					var ws unix.WaitStatus
					for err == nil && pid != 0 {
						if _, err = unix.Wait4(pid, &ws, 0, nil); err == nil {
							pid = 0
						} else if err == unix.EINTR {
							err = nil
						}
					}
					if err == nil && ws != 0 {
						err = fmt.Errorf("a child ended with %x", ws)
					}
					if err != nil {
						errs <- err
						return
					}
				}
			}()
		}
		wg.Wait()
		close(errs)
		return <-errs
	}
	programs["threads exec"] = func() error { // another thread than the first becomes a program
		ended := make(chan error)
		for range 3 {
			go func() {
				runtime.LockOSThread()
				select {}
			}()
		}
		go func() {
			runtime.LockOSThread()
			for unix.Gettid() == unix.Getpid() {
				runtime.Gosched()
			}
			ended <- unix.Exec("/bin/true", []string{"true"}, nil)
		}()
		return <-ended
	}
}

// TestChildren: however a process comes to be, it is traced and ends, and so does
// the trace; none of them has filters and no tracer.
func TestChildren(t *testing.T) {
	for kind := range children {
		for _, o := range []Options{{}, {NoFilter: true}} {
			t.Run(fmt.Sprintf("%s, filters %v", kind, !o.NoFilter), func(t *testing.T) {
				n, sockets, more := 2000, 1, 0
				if o.NoFilter {
					n = 400
				}
				if strings.Contains(kind, "exec") {
					n, sockets, more = 400, 0, 1 // os/exec tries once what the kernel can do
				}
				if testing.Short() {
					n /= 20
				}
				if kind == "exec of what uses netlink" {
					sockets = 1
				}
				t.Setenv("NLSNIFF_TRACE_CHILDREN", kind)
				t.Setenv("NLSNIFF_TRACE_NUMBER", fmt.Sprint(n))
				s := traced(t, "children", o)
				if s.code != 0 || s.counts.Processes != uint64(n+1+more) || s.counts.Sockets != uint64(n*sockets) || s.counts.Unseen != 0 {
					t.Errorf("exit code %d, %+v, want %d processes; %s", s.code, s.counts, n+1+more, s.unseen())
				}
			})
		}
	}
}

// TestSpawn: what C libraries start programs with.
func TestSpawn(t *testing.T) {
	const script = `
import os, subprocess, sys
n = int(sys.argv[1])
for i in range(n):
    pid = os.posix_spawn("/bin/true", ["true"], {})
    assert os.waitpid(pid, 0)[1] == 0
    subprocess.run(["/bin/true"], check=True)
    pid = os.fork()
    if pid == 0: os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
`
	n := 20
	if !testing.Short() {
		n = 300
	}
	s := collect(t, Options{Command: []string{need.Tool(t, "python3"), "-c", script, fmt.Sprint(n)}})
	// A wrapper may start the interpreter.
	if s.code != 0 || s.counts.Processes < uint64(3*n)+1 {
		t.Errorf("exit code %d, %+v", s.code, s.counts)
	}
}
