//go:build linux && (amd64 || arm64)

package trace

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// talk asks for lo and reads the answer.
func talk(fd int, seq uint32) error {
	if err := unix.Sendto(fd, getLo(seq), 0, kernel); err != nil {
		return err
	}
	_, _, err := unix.Recvfrom(fd, make([]byte, 8192), 0)
	return err
}

// restrict installs a filter that kills who makes a system call, for all
// threads; refuse has the call fail with EPERM.
func restrict(nr uint32) error { return confine(nr, unix.SECCOMP_RET_KILL_PROCESS) }
func refuse(nr uint32) error   { return confine(nr, unix.SECCOMP_RET_ERRNO|uint32(unix.EPERM)) }

func confine(nr, action uint32) error {
	const jeq, ret, load = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K, unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	prog := []unix.SockFilter{
		{Code: load}, {Code: jeq, Jf: 1, K: nr}, {Code: ret, K: action}, {Code: ret, K: unix.SECCOMP_RET_ALLOW},
	}
	fprog := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if _, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog))); e != 0 {
		return e
	}
	return nil
}

func init() {
	programs["io_uring"] = func() error {
		_, _, _ = unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&[120]byte{})), 0)
		return nil
	}
	programs["x32"] = func() error { // whether or not the kernel has it
		_, _, _ = unix.RawSyscall(0x40000000|unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW, 0)
		return nil
	}
	programs["sendfile"] = func() error {
		file, err := os.CreateTemp("", "nlsniff")
		if err != nil {
			return err
		}
		defer os.Remove(file.Name())
		if _, err := file.WriteAt(getLo(1), 0); err != nil {
			return err
		}
		fd, err := route()
		if err != nil {
			return err
		}
		n, err := unix.Sendfile(fd, int(file.Fd()), nil, 32)
		if err == nil && n != 32 {
			err = errors.New("sendfile sent too little")
		}
		return err
	}
	programs["waits"] = func() error { // reads where there is nothing, and asks for an option
		fd, err := route()
		if err != nil {
			return err
		}
		if _, _, err := unix.Recvfrom(fd, make([]byte, 100), unix.MSG_DONTWAIT); err != unix.EAGAIN {
			return errors.New("there is something to read")
		}
		if v, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL); v != unix.NETLINK_ROUTE || err != nil {
			return errors.New("the wrong protocol")
		}
		if _, err := unix.GetsockoptInt(fd, unix.SOL_NETLINK, 99); err != unix.ENOPROTOOPT {
			return errors.New("there is an option 99")
		}
		return nil
	}
	programs["confined"] = func() error { // a second seccomp() kills it
		if err := restrict(unix.SYS_SECCOMP); err != nil {
			return err
		}
		fd, err := route()
		if err != nil {
			return err
		}
		return talk(fd, 1)
	}
	programs["confined later"] = func() error {
		fd, err := route()
		if err != nil {
			return err
		}
		if err := restrict(unix.SYS_SECCOMP); err != nil {
			return err
		}
		if err := talk(fd, 1); err != nil {
			return err
		}
		other, err := route()
		if err != nil {
			return err
		}
		return talk(other, 2)
	}
	programs["dropping"] = func() error { // root no more
		if err := unix.Setresgid(65534, 65534, 65534); err != nil {
			return err
		}
		if err := unix.Setresuid(65534, 65534, 65534); err != nil {
			return err
		}
		fd, err := route()
		if err != nil {
			return err
		}
		return talk(fd, 1)
	}
	programs["passed"] = func() error { // a socket through SCM_RIGHTS, used at once and a while later
		fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
		if err != nil {
			return err
		}
		pass := os.Getenv("NLSNIFF_TRACE_FD")
		if pass == "" {
			return errors.New("no socket to pass")
		}
		oob := make([]byte, unix.CmsgSpace(4))
		_, _, _, _, err = unix.Recvmsg(3, make([]byte, 1), oob, 0)
		if err != nil {
			return err
		}
		msgs, err := unix.ParseSocketControlMessage(oob)
		if err != nil {
			return err
		}
		got, err := unix.ParseUnixRights(&msgs[0])
		if err != nil {
			return err
		}
		_ = fds
		if err := talk(got[0], 1); err != nil {
			return err
		}
		if pass == "once" {
			return nil
		}
		for seq := uint32(2); seq < 12; seq++ {
			time.Sleep(100 * time.Millisecond)
			other, err := route() // stops, so that the tracer looks around
			if err != nil {
				return err
			}
			unix.Close(other)
			if err := talk(got[0], seq); err != nil {
				return err
			}
		}
		return nil
	}
}

func (s *seen) unseen() string {
	var list []string
	for _, f := range s.events {
		if f.Event.Kind == capture.EventUnseen {
			list = append(list, f.Event.Text)
		}
	}
	return strings.Join(list, "; ")
}

func TestUnseen(t *testing.T) {
	for _, c := range []struct {
		program string
		root    bool
		says    string
		frames  int
		unseen  uint64
		slow    uint64
	}{
		{"io_uring", false, "io_uring", 0, 1, 0},
		{"x32", false, "x32", 0, 1, 0},
		{"sendfile", false, "sendfile or splice", 0, 1, 0},
		{"confined", false, "seccomp filter of its own", 2, 0, 1},
		{"confined later", false, "seccomp filter of its own", 4, 0, 1},
		{"dropping", true, "gave up root", 2, 0, 1},
	} {
		t.Run(c.program, func(t *testing.T) {
			if c.root && os.Getuid() != 0 {
				t.Skip("only root can give it up")
			}
			if c.program == "x32" && nativeArch != unix.AUDIT_ARCH_X86_64 {
				t.Skip("only x86 has it")
			}
			if c.program == "io_uring" && runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
				t.Skip()
			}
			s := traced(t, c.program, Options{})
			if s.code != 0 {
				t.Fatalf("the program ended with %d", s.code)
			}
			if !strings.Contains(s.unseen(), c.says) {
				t.Errorf("says %q, want %q", s.unseen(), c.says)
			}
			if len(s.frames) != c.frames || s.counts.Unseen != c.unseen || s.counts.Slow != c.slow {
				t.Errorf("%d datagrams, %+v", len(s.frames), s.counts)
			}
		})
	}
}

// TestWaiting: a read with nothing to read and the options that a program asks
// for are events, and the former is no trouble.
func TestWaiting(t *testing.T) {
	for _, o := range []Options{{}, {NoFilter: true}} {
		s := traced(t, "waits", o)
		e := s.event(capture.EventRefused)
		if e == nil || e.Errno != -int32(unix.EAGAIN) || e.Call != capture.CallRecv || e.Trouble() {
			t.Errorf("the read with nothing to read is %+v", e)
		}
		var asked []capture.Event
		for _, f := range s.events {
			if f.Event.Kind == capture.EventOption {
				asked = append(asked, *f.Event)
			}
		}
		if len(asked) != 2 || asked[0].Option != unix.SO_PROTOCOL || asked[0].Text == "" || asked[1].Errno != -int32(unix.ENOPROTOOPT) {
			t.Errorf("asked %+v", asked)
		}
	}
}

// passSocket runs a command of this test's that gets a netlink socket over a
// Unix socket, file descriptor 3.
func passSocket(t *testing.T, mode string) *seen {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Sendmsg(pair[0], []byte{0}, unix.UnixRights(fd), nil, 0); err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)
	unix.Close(pair[0])
	t.Setenv("NLSNIFF_TRACE_FD", mode)
	// The command gets standard input from the test: the Unix socket goes
	// there, and the program finds it at 3 through a shell.
	self, _ := os.Executable()
	old, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Dup3(pair[1], 0, 0); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Dup3(old, 0, 0); unix.Close(old) }()
	unix.Close(pair[1])
	s := collect(t, Options{Command: []string{lookPath(t, "sh"), "-c", programEnv + `=passed exec "$0" 3<&0`, self}})
	if s.code != 0 {
		t.Fatalf("the program ended with %d", s.code)
	}
	return s
}

func TestSocketFromElsewhere(t *testing.T) {
	s := passSocket(t, "once")
	if len(s.frames) != 0 || s.counts.Unseen != 1 || !strings.Contains(s.unseen(), "SCM_RIGHTS") {
		t.Errorf("%d datagrams, %+v, %q", len(s.frames), s.counts, s.unseen())
	}
	s = passSocket(t, "longer")
	if len(s.frames) == 0 || s.counts.Unseen != 1 || !strings.Contains(s.unseen(), "until now") {
		t.Errorf("%d datagrams, %+v, %q", len(s.frames), s.counts, s.unseen())
	}
}

// TestUnreadableProgram: an ordinary user may run it and not look into it.
func TestUnreadableProgram(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs a file of somebody else's")
	}
	dir, err := os.MkdirTemp("/tmp", "nlsniff")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	self, _ := os.Executable()
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	program, tester := filepath.Join(dir, "program"), filepath.Join(dir, "tester")
	if os.WriteFile(program, b, 0o711) != nil || os.WriteFile(tester, b, 0o755) != nil {
		t.Fatal("cannot write")
	}
	c := exec.Command(lookPath(t, "setpriv"), "--reuid", "65534", "--regid", "65534", "--clear-groups", tester, "-test.run=^TestUnreadableInner$", "-test.v")
	c.Env = append(os.Environ(), "NLSNIFF_TRACE_UNREADABLE="+program)
	c.Dir = "/"
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestUnreadableInner(t *testing.T) {
	program := os.Getenv("NLSNIFF_TRACE_UNREADABLE")
	if program == "" {
		t.Skip("part of TestUnreadableProgram")
	}
	t.Setenv(programEnv, "inherits-none")
	s := collect(t, Options{Command: []string{program}})
	if !strings.Contains(s.unseen(), "memory that cannot be read") || s.counts.Unseen == 0 {
		t.Errorf("%+v, %q", s.counts, s.unseen())
	}
	if !slices.ContainsFunc(s.frames, func(f capture.Frame) bool { return f.OrigLen > len(f.Data) }) {
		t.Errorf("%d datagrams", len(s.frames))
	}
}

func init() {
	programs["inherits-none"] = func() error {
		fd, err := route()
		if err != nil {
			return err
		}
		return talk(fd, 1)
	}
}
