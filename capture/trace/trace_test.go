//go:build linux && (amd64 || arm64)

package trace

import (
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// request is an nlmsghdr with a body.
func request(typ, flags uint16, seq uint32, body ...byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(16+len(body)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = binary.NativeEndian.AppendUint32(b, seq)
	return append(append(b, 0, 0, 0, 0), body...)
}

// getLinks asks for all links; getLo for the first.
func getLinks(seq uint32) []byte {
	return request(unix.RTM_GETLINK, unix.NLM_F_REQUEST|unix.NLM_F_DUMP, seq, make([]byte, unix.SizeofIfInfomsg)...)
}

func getLo(seq uint32) []byte {
	b := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(b[4:], 1)
	return request(unix.RTM_GETLINK, unix.NLM_F_REQUEST, seq, b...)
}

func route() (int, error) { return unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE) }

var kernel = &unix.SockaddrNetlink{Family: unix.AF_NETLINK}

func init() {
	programs["short"] = func() error { // reads with a buffer that is too small, in every way there is
		fd, err := route()
		if err != nil {
			return err
		}
		for seq := range uint32(4) {
			if err := unix.Sendto(fd, getLo(seq+1), 0, kernel); err != nil {
				return err
			}
			b := make([]byte, 100)
			switch seq {
			case 0:
				n, _, err := unix.Recvfrom(fd, b, 0)
				if n != 100 || err != nil {
					return errors.New("recvfrom does not return what fits")
				}
			case 1:
				if n, err := unix.Read(fd, b); n != 100 || err != nil {
					return errors.New("read does not return what fits")
				}
			case 2:
				n, _, flags, _, err := unix.Recvmsg(fd, b, nil, 0)
				if n != 100 || flags&unix.MSG_TRUNC == 0 || err != nil {
					return errors.New("recvmsg does not return what fits")
				}
			case 3:
				if n, _, err := unix.Recvfrom(fd, b[:0], unix.MSG_PEEK|unix.MSG_TRUNC); n <= 100 || err != nil {
					return errors.New("peek does not return the length")
				}
				if n, _, err := unix.Recvfrom(fd, b, unix.MSG_TRUNC); n <= 100 || err != nil {
					return errors.New("recvfrom with MSG_TRUNC does not return the length")
				}
			}
		}
		return nil
	}
	programs["dump"] = func() error { // reads a datagram of several messages with a buffer that ends between two
		room := 1 << 16
		for i := range 4 {
			fd, err := route()
			if err != nil {
				return err
			}
			if err := unix.Sendto(fd, getLinks(1), 0, kernel); err != nil {
				return err
			}
			b, n := make([]byte, room), 0
			switch i {
			case 1:
				n, err = unix.Read(fd, b)
			case 2:
				n, _, _, _, err = unix.Recvmsg(fd, b, nil, 0)
			default:
				n, _, err = unix.Recvfrom(fd, b, 0)
			}
			if err != nil {
				return err
			}
			if i > 0 && n != room {
				return errors.New("the wrong number of bytes")
			}
			if room = int(binary.NativeEndian.Uint32(b)); room == n && i == 0 {
				return nil // there is one link only
			}
			unix.Close(fd)
		}
		return nil
	}
	programs["threads"] = func() error {
		var wg sync.WaitGroup
		errs := make(chan error, 8)
		for i := range 8 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				runtime.LockOSThread() // one thread sends and receives
				fd, err := route()
				if err == nil {
					err = unix.Sendto(fd, getLo(uint32(100+i)), 0, kernel)
				}
				if err == nil {
					_, _, err = unix.Recvfrom(fd, make([]byte, 8192), 0)
				}
				unix.Close(fd)
				errs <- err
			}()
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}
	programs["refused"] = func() error { // sends to a process that is not there
		fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_USERSOCK)
		if err != nil {
			return err
		}
		err = unix.Sendto(fd, getLo(1), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Pid: 0x7ffffff1})
		if !errors.Is(err, unix.ECONNREFUSED) {
			return errors.New("nobody refused")
		}
		return nil
	}
	programs["overrun"] = func() error {
		fd, err := route()
		if err != nil {
			return err
		}
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1); err != nil {
			return err
		}
		for seq := range uint32(40) {
			if err := unix.Sendto(fd, getLo(seq+1), 0, kernel); err != nil && err != unix.ENOBUFS {
				return err
			}
		}
		b := make([]byte, 8192)
		for lost := false; ; {
			_, _, err := unix.Recvfrom(fd, b, unix.MSG_DONTWAIT)
			switch {
			case err == unix.ENOBUFS:
				lost = true
			case err == unix.EAGAIN && !lost:
				return errors.New("nothing was lost")
			case err == unix.EAGAIN:
				return nil
			case err != nil:
				return err
			}
		}
	}
	programs["copies"] = func() error { // other descriptors of one socket, and one that is overwritten
		fd, err := route()
		if err != nil {
			return err
		}
		two, err := unix.Dup(fd)
		if err != nil {
			return err
		}
		if err := unix.Dup3(fd, 77, 0); err != nil {
			return err
		}
		unix.Close(fd)
		if err := unix.Sendto(two, getLo(1), 0, kernel); err != nil {
			return err
		}
		if _, err := unix.Read(77, make([]byte, 8192)); err != nil {
			return err
		}
		null, err := os.Open("/dev/zero")
		if err != nil {
			return err
		}
		if err := unix.Dup3(int(null.Fd()), 77, 0); err != nil {
			return err
		}
		_, err = unix.Read(77, make([]byte, 8192)) // no datagram any more
		return err
	}
	programs["child"] = func() error { // a child talks over a socket that it inherits
		fd, err := route()
		if err != nil {
			return err
		}
		self, _ := os.Executable()
		c := exec.Command(self)
		c.Env = append(os.Environ(), programEnv+"=inherits")
		c.ExtraFiles = []*os.File{os.NewFile(uintptr(fd), "netlink")}
		return c.Run()
	}
	programs["inherits"] = func() error {
		if err := unix.Sendto(3, getLo(7), 0, kernel); err != nil {
			return err
		}
		_, err := unix.Read(3, make([]byte, 8192))
		return err
	}
}

// TestShortReads: whatever way a program reads, what did not fit is known to
// the byte, and the program sees what it would see without a tracer.
func TestShortReads(t *testing.T) {
	for _, o := range []Options{{}, {NoFilter: true}} {
		s := traced(t, "short", o)
		if len(s.frames) != 8 {
			t.Fatalf("%d datagrams, want 8", len(s.frames))
		}
		whole := 0
		for i := 7; i > 0; i -= 2 { // the last was peeked at
			f := &s.frames[i]
			d := f.Delivery
			if whole == 0 {
				whole = f.OrigLen
			}
			if len(f.Data) != capture.CookedLen+100 || d.Buffer != 100 || f.Flags&capture.FlagMsgTrunc == 0 {
				t.Errorf("read %d: %d bytes, buffer %d, flags %x", i/2, len(f.Data), d.Buffer, f.Flags)
			}
			if f.OrigLen != whole || int(d.Lost) != whole-len(f.Data) || d.Lost == 0 {
				t.Errorf("read %d by %v: %d bytes of %d lost, want those of a datagram of %d", i/2, d.Call, d.Lost, f.OrigLen, whole)
			}
		}
		if s.counts.Cut != 4 {
			t.Errorf("%d cut, want 4", s.counts.Cut)
		}
	}
}

// TestCutBetweenMessages: no header tells that something is missing.
func TestCutBetweenMessages(t *testing.T) {
	for _, o := range []Options{{}, {NoFilter: true}} {
		s := traced(t, "dump", o)
		if len(s.frames) < 8 {
			t.Skip("there is one link only")
		}
		whole := len(s.frames[1].Data)
		for i := 3; i < 8; i += 2 {
			f := &s.frames[i]
			if f.Delivery.Call == capture.CallRead && !canSwap {
				continue // the kernel is not asked
			}
			if f.OrigLen != whole || f.Delivery.Lost == 0 || f.Delivery.AtLeast {
				t.Errorf("%v: %d bytes, %d lost, want a datagram of %d", f.Delivery.Call, f.OrigLen, f.Delivery.Lost, whole)
			}
		}
	}
}

func TestThreads(t *testing.T) {
	for _, o := range []Options{{}, {NoFilter: true}} {
		s := traced(t, "threads", o)
		sent, answered := map[uint32]bool{}, map[uint32]bool{}
		for _, f := range s.frames {
			seq := binary.NativeEndian.Uint32(f.Data[capture.CookedLen+8:])
			switch f.Dir {
			case capture.DirToKernel:
				sent[seq] = true
			case capture.DirFromKernel:
				if !sent[seq] {
					t.Errorf("the answer to %d stands before the request", seq)
				}
				answered[seq] = true
			}
		}
		if len(sent) != 8 || len(answered) != 8 || s.counts.Sockets != 8 {
			t.Errorf("%d requests, %d answers, %d sockets, want 8 of each", len(sent), len(answered), s.counts.Sockets)
		}
	}
}

func TestRefused(t *testing.T) {
	s := traced(t, "refused", Options{})
	if len(s.frames) != 1 {
		t.Fatalf("%d datagrams, want 1", len(s.frames))
	}
	d := s.frames[0].Delivery
	if d.Errno != -int32(unix.ECONNREFUSED) || d.Peer != 0x7ffffff1 || s.frames[0].Dir != capture.DirUserToUser {
		t.Errorf("%+v, direction %v", d, s.frames[0].Dir)
	}
}

func TestOverrun(t *testing.T) {
	s := traced(t, "overrun", Options{})
	e := s.event(capture.EventOverrun)
	if e == nil {
		t.Fatalf("no overrun among %s", s.kinds())
	}
	got := 0
	for _, f := range s.frames {
		if f.Dir == capture.DirFromKernel {
			got++
		}
	}
	// Where there was no room for an answer, there was none for the error
	// that says so.
	if lost := 40 - got; int(e.Value) < lost || int(e.Value) > 2*lost {
		t.Errorf("%d read and %d lost of 40", got, e.Value)
	}
}

func TestCopies(t *testing.T) {
	for _, o := range []Options{{}, {NoFilter: true}} {
		s := traced(t, "copies", o)
		if len(s.frames) != 2 || s.frames[1].Delivery.Socket.FD != 77 {
			t.Errorf("%d datagrams", len(s.frames))
		}
		if s.counts.Sockets != 1 {
			t.Errorf("%d sockets, want 1", s.counts.Sockets)
		}
	}
}

func TestChild(t *testing.T) {
	s := traced(t, "child", Options{})
	if len(s.frames) != 2 || s.frames[0].Process.PID == s.all[0].Process.PID {
		t.Fatalf("%d datagrams, %s", len(s.frames), s.kinds())
	}
	if s.counts.Processes < 2 || s.counts.Unseen != 0 {
		t.Errorf("%+v", s.counts)
	}
}

func TestExitCodes(t *testing.T) {
	sh := lookPath(t, "sh")
	for script, want := range map[string]int{"exit 0": 0, "exit 3": 3, "kill -TERM $$": 143, "kill -SEGV $$": 139, "kill -KILL $$": 137} {
		if s := collect(t, Options{Command: []string{sh, "-c", script}}); s.code != want {
			t.Errorf("%s: %d, want %d", script, s.code, want)
		}
	}
	for name, want := range map[string]int{"/nowhere/at/all": 127, "nosuchcommandatall": 127, "/etc/passwd": 126, "/": 126} {
		_, err := Open(Options{Command: []string{name}})
		var e *LaunchError
		if !errors.As(err, &e) || e.ExitCode() != want {
			t.Errorf("%s: %v, want exit code %d", name, err, want)
		}
	}
}

func init() {
	programs["deaf"] = func() error { // does not read the error to what it asks for, and closes or ends
		for i, end := range []bool{false, true} {
			fd, err := route()
			if err != nil {
				return err
			}
			if err := unix.Sendto(fd, request(unix.RTM_SETLINK, unix.NLM_F_REQUEST|unix.NLM_F_ACK, uint32(41+i), make([]byte, unix.SizeofIfInfomsg)...), 0, kernel); err != nil {
				return err
			}
			if !end {
				unix.Close(fd)
			}
		}
		return nil
	}
}

func TestNeverRead(t *testing.T) {
	s := traced(t, "deaf", Options{})
	var seqs []int64
	for _, f := range s.events {
		if e := f.Event; e.Kind == capture.EventUnread {
			seqs = append(seqs, e.Value)
			if e.Errno >= 0 || e.Socket.PortID == 0 {
				t.Errorf("%+v", e)
			}
		}
	}
	if len(seqs) != 2 || seqs[0] != 41 || seqs[1] != 42 {
		t.Errorf("unread: %d; %s", seqs, s.kinds())
	}
	if s := traced(t, "short", Options{}); s.event(capture.EventUnread) != nil {
		t.Error("a program that reads everything has not")
	}
}

// TestNoSignalPerStop: the runtime has no handler for what every stop sends, and
// children still wait to be waited for.
func TestNoSignalPerStop(t *testing.T) {
	if s := traced(t, "inherits-none", Options{}); s.code != 0 {
		t.Fatalf("exit code %d", s.code)
	}
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"SigCgt:", "SigIgn:"} {
		mask, err := strconv.ParseUint(statusText(string(b), field), 16, 64)
		if err != nil || mask>>(unix.SIGCHLD-1)&1 != 0 {
			t.Errorf("%s %x, %v", field, mask, err)
		}
	}
	if err := exec.Command("/proc/self/exe", "-test.run=^$").Run(); err != nil {
		t.Errorf("a child afterwards: %v", err)
	}
}
