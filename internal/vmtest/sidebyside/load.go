//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// noRoutes takes all routes away.
func (r *runner) noRoutes() {
	must("ip", "link", "set", "many", "down")
	must("ip", "link", "set", "many", "up")
}

// routes adds routes.
func (r *runner) routes(n int) {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "route add 10.%d.%d.%d/32 dev many\n", i>>16, i>>8&255, i&255)
	}
	path := filepath.Join(r.dir, "batch")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		fail(err)
	}
	must("ip", "-batch", path)
}

// dumps lists all routes, as often as that.
func (r *runner) dumps(n int) {
	for range n {
		must("ip", "route", "show")
	}
}

// flood has two processes ask for an interface, as fast as they can.
func (r *runner) flood(n int) {
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { must("/proc/self/exe", "ask", strconv.Itoa(n)) })
	}
	all.Wait()
}

// slowly has fifty messages a second, half of them answers.
func (r *runner) slowly(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		must("/proc/self/exe", "ask", "1")
	}
}

// stopped stops the tool for a time, or as long as something takes.
func (r *runner) stopped(d time.Duration, run func(time.Duration)) {
	r.signal(syscall.SIGSTOP)
	run(d)
	r.signal(syscall.SIGCONT)
}

// ask asks the kernel for lo, n times.
func ask(count string) {
	n, err := strconv.Atoi(count)
	if err != nil {
		fail(err)
	}
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_ROUTE)
	if err != nil {
		fail(err)
	}
	kernel := &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}
	request := make([]byte, syscall.NLMSG_HDRLEN+syscall.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(request, uint32(len(request)))
	binary.NativeEndian.PutUint16(request[4:], syscall.RTM_GETLINK)
	binary.NativeEndian.PutUint16(request[6:], syscall.NLM_F_REQUEST)
	binary.NativeEndian.PutUint32(request[syscall.NLMSG_HDRLEN+4:], 1)
	answer := make([]byte, 64<<10)
	for i := range n {
		binary.NativeEndian.PutUint32(request[8:], uint32(i+1))
		if err := syscall.Sendto(fd, request, 0, kernel); err != nil {
			fail(err)
		}
		if _, _, err := syscall.Recvfrom(fd, answer, 0); err != nil {
			fail(err)
		}
	}
}

// dumpedRoutes is how many routes a dump of steadily has.
const dumpedRoutes = 1000

// steadily lists routes, so many messages a second, until stop, and counts them: a
// machine may be too slow for as many. Most of a machine's netlink is such dumps, and
// nothing else has as many messages for what it costs the kernel.
func steadily(rate int, stop <-chan struct{}, sent *atomic.Int64) {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_ROUTE)
	if err != nil {
		fail(err)
	}
	defer syscall.Close(fd)
	buf := make([]byte, 64<<10)
	begun, total := time.Now(), 0
	for seq := uint32(1); ; seq++ {
		select {
		case <-stop:
			return
		case <-time.After(time.Until(begun.Add(time.Duration(total) * time.Second / time.Duration(rate)))):
			n := dump(fd, seq, buf)
			total += n
			sent.Add(int64(n))
		}
	}
}

// dump lists the routes once, and returns how many messages that took, the request
// and the end included.
func dump(fd int, seq uint32, buf []byte) int {
	request := make([]byte, syscall.NLMSG_HDRLEN+syscall.SizeofRtMsg)
	binary.NativeEndian.PutUint32(request, uint32(len(request)))
	binary.NativeEndian.PutUint16(request[4:], syscall.RTM_GETROUTE)
	binary.NativeEndian.PutUint16(request[6:], syscall.NLM_F_REQUEST|syscall.NLM_F_DUMP)
	binary.NativeEndian.PutUint32(request[8:], seq)
	request[syscall.NLMSG_HDRLEN] = syscall.AF_INET
	if err := syscall.Sendto(fd, request, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		fail(err)
	}
	for count := 1; ; {
		n, _, err := syscall.Recvfrom(fd, buf, 0)
		if err != nil {
			fail(err)
		}
		list, err := syscall.ParseNetlinkMessage(buf[:n])
		if err != nil {
			fail(err)
		}
		count += len(list)
		for _, m := range list {
			if m.Header.Type == syscall.NLMSG_DONE || m.Header.Type == syscall.NLMSG_ERROR {
				return count
			}
		}
	}
}

// start starts a program with its stderr in a file.
func start(log string, args ...string) *exec.Cmd {
	f, err := os.Create(log)
	if err != nil {
		fail(err)
	}
	defer f.Close()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = f
	if err := cmd.Start(); err != nil {
		fail(err)
	}
	return cmd
}
