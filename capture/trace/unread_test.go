//go:build linux && (amd64 || arm64)

package trace

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// unread makes a socket that has an error waiting in it, whose nlmsg_seq is seq.
func unread(seq uint32, flags int) (int, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|flags, unix.NETLINK_ROUTE)
	if err != nil {
		return -1, err
	}
	body := make([]byte, unix.SizeofIfInfomsg)
	return fd, unix.Sendto(fd, request(unix.RTM_SETLINK, unix.NLM_F_REQUEST|unix.NLM_F_ACK, seq, body...), 0, kernel)
}

// leaving are the ways to close a socket with an answer in it.
var leaving = []struct {
	name string
	run  func() error
	want string // the numbers of what is not read
	// sockets is how many had nothing left in them.
	sockets int
}{
	{"close", func() error { fd, err := unread(1, 0); return errors.Join(err, unix.Close(fd)) }, "1", 0},
	{"exit", func() error { _, err := unread(2, 0); return err }, "2", 0},
	{"two descriptors and exit", func() error {
		fd, err := unread(3, 0)
		_, e := unix.Dup(fd)
		return errors.Join(err, e)
	}, "3", 0},
	{"exec", func() error {
		if _, err := unread(4, unix.SOCK_CLOEXEC); err != nil {
			return err
		}
		// One that fails leaves all as it was.
		if err := unix.Exec("/nowhere", []string{"nowhere"}, nil); err != unix.ENOENT {
			return err
		}
		return unix.Exec("/proc/self/exe", []string{"again"}, []string{programEnv + "=nothing"})
	}, "4", 0},
	{"exec that keeps it", func() error {
		fd, err := unread(5, 0)
		if err != nil {
			return err
		}
		return unix.Exec("/proc/self/exe", []string{"again"}, []string{programEnv + "=reads", fmt.Sprint("NLSNIFF_TRACE_FD=", fd)})
	}, "", 1},
	{"dup3", func() error {
		fd, err := unread(6, 0)
		return errors.Join(err, unix.Dup3(2, fd, 0))
	}, "6", 0},
	{"dup3 that fails", func() error {
		fd, err := unread(7, 0)
		if unix.Dup3(999, fd, 0) != unix.EBADF {
			return errors.New("there is a descriptor 999")
		}
		_, _, e := unix.Recvfrom(fd, make([]byte, 8192), 0)
		return errors.Join(err, e)
	}, "", 1},
	{"close_range", func() error {
		fd, err := unread(8, 0)
		return errors.Join(err, unix.CloseRange(uint(fd), uint(fd), 0))
	}, "8", 0},
	{"close_range later", func() error {
		fd, err := unread(9, 0)
		if err := errors.Join(err, unix.CloseRange(uint(fd), uint(fd), unix.CLOSE_RANGE_CLOEXEC)); err != nil {
			return err
		}
		return unix.Exec("/proc/self/exe", []string{"again"}, []string{programEnv + "=nothing"})
	}, "9", 0},
	{"killed", func() error {
		_, err := unread(10, 0)
		return errors.Join(err, unix.Kill(os.Getpid(), unix.SIGKILL))
	}, "10", 0},
	{"first thread ends early", func() error {
		// It holds the main thread, which ends alone; another reads one answer
		// and leaves one.
		done, tid := make(chan error), unix.Gettid()
		go func() {
			runtime.LockOSThread()
			for state := "S"; state != "Z"; time.Sleep(time.Millisecond) {
				b, _ := os.ReadFile(procPath(tid, "status"))
				state = strings.TrimSpace(statusText(string(b), "State:"))[:1]
			}
			fd, err := unread(11, 0)
			_, _, e := unix.Recvfrom(fd, make([]byte, 8192), 0)
			if errors.Join(err, e) != nil {
				os.Exit(98)
			}
			if _, err := unread(12, 0); err != nil {
				os.Exit(98)
			}
			os.Exit(0)
		}()
		_, _, _ = unix.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
		return <-done
	}, "12", 1},
	{"close, all read", func() error {
		fd, err := unread(13, 0)
		_, _, e := unix.Recvfrom(fd, make([]byte, 8192), 0)
		return errors.Join(err, e, unix.Close(fd))
	}, "", 1},
	// Nothing is left in it, and nobody knows what the kernel had no room for.
	{"losing in silence", func() error {
		fd, err := unread(14, 0)
		if err != nil {
			return err
		}
		err = errors.Join(unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_NO_ENOBUFS, 1), unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1))
		for i := uint32(0); i < 40 && err == nil; i++ {
			err = unix.Sendto(fd, getLo(15+i), 0, kernel)
		}
		for err == nil {
			_, _, err = unix.Recvfrom(fd, make([]byte, 8192), unix.MSG_DONTWAIT)
		}
		if err == unix.EAGAIN {
			return nil
		}
		return err
	}, "", 0},
}

// TestLostUnnoticed: what the kernel had no room for is known, although the
// program never reads.
func TestLostUnnoticed(t *testing.T) {
	s := traced(t, "loses", Options{})
	if e := s.event(capture.EventOverrun); e == nil || e.Value == 0 {
		t.Errorf("no overrun among %s", s.kinds())
	}
	if s.event(capture.EventUnread) == nil {
		t.Errorf("nothing is unread among %s", s.kinds())
	}
}

func init() {
	runtime.LockOSThread() // the programs run on the main thread
	for _, l := range leaving {
		programs["leaves by "+l.name] = l.run
	}
	programs["loses"] = func() error {
		fd, err := unread(1, 0)
		if err != nil {
			return err
		}
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1)
		for i := uint32(2); i < 40 && err == nil; i++ {
			err = unix.Sendto(fd, getLo(i), 0, kernel)
		}
		return err
	}
	programs["nothing"] = func() error { return nil }
	programs["reads"] = func() error {
		fd, err := strconv.Atoi(os.Getenv("NLSNIFF_TRACE_FD"))
		if err != nil {
			return err
		}
		_, _, err = unix.Recvfrom(fd, make([]byte, 8192), 0)
		return err
	}
}

// TestLeftUnread: in whatever way a socket is closed, an answer in it that nobody
// has read is known.
func TestLeftUnread(t *testing.T) {
	for _, l := range leaving {
		for _, o := range []Options{{}, {NoFilter: true}} {
			t.Run(fmt.Sprint(l.name, o.NoFilter), func(t *testing.T) {
				if l.name == "first thread ends early" && !pidfdOfThread() {
					t.Skip("this kernel has no pidfd of a thread")
				}
				s := traced(t, "leaves by "+l.name, o)
				var seqs []string
				for _, f := range s.events {
					if e := f.Event; e.Kind == capture.EventUnread {
						seqs = append(seqs, fmt.Sprint(e.Value))
						if e.Errno >= 0 || e.Socket.PortID == 0 {
							t.Errorf("%+v", e)
						}
					}
				}
				// A socket is known to have been read whole where it was.
				want, read := l.sockets, 0
				for _, f := range s.events {
					if f.Event.Kind == capture.EventClose && f.Event.Value == capture.AllRead {
						read++
					}
				}
				if read != want {
					t.Errorf("%d sockets were read whole, want %d; %s", read, want, s.kinds())
				}
				if got := strings.Join(seqs, " "); got != l.want {
					t.Errorf("unread %q, want %q; %s, exit code %d", got, l.want, s.kinds(), s.code)
				}
				if s.counts.Unseen != 0 {
					t.Error(s.unseen())
				}
			})
		}
	}
}

func pidfdOfThread() bool {
	fd, err := unix.PidfdOpen(unix.Gettid(), pidfdThread)
	unix.Close(fd)
	return err == nil
}
