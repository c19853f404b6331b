//go:build linux

package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"syscall"
)

// nobody is a user without privileges.
const nobody = 65534

// junk sends, as nobody, what the kernel ignores and nlmon shows, until stop.
func junk(stop <-chan struct{}, sent *atomic.Int64) {
	var list []*exec.Cmd
	for seed := range 2 {
		cmd := exec.Command("/proc/self/exe", "junk", strconv.Itoa(seed))
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		cmd.Stderr = os.Stderr
		count, err := cmd.StdoutPipe()
		if err != nil {
			fail(err)
		}
		if err := cmd.Start(); err != nil {
			fail(err)
		}
		go func() {
			// A byte stands for a thousand messages.
			for b := make([]byte, 64); ; {
				n, err := count.Read(b)
				sent.Add(int64(n) * 1000)
				if err != nil {
					return
				}
			}
		}()
		list = append(list, cmd)
	}
	<-stop
	for _, cmd := range list {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// sendJunk sends junk of many kinds for ever: names of interfaces and families that
// are none, attributes in attributes, lengths that do not fit, noise.
func sendJunk(seed string) {
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		fail(err)
	}
	rnd := rand.New(rand.NewPCG(n, 1))
	var sockets []int
	for _, protocol := range []int{syscall.NETLINK_ROUTE, syscall.NETLINK_XFRM, syscall.NETLINK_NETFILTER, syscall.NETLINK_GENERIC} {
		fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, protocol)
		if err != nil {
			fail(err)
		}
		sockets = append(sockets, fd)
	}
	for n := 1; ; n++ {
		if n%1000 == 0 {
			os.Stdout.Write([]byte{'.'})
		}
		i := rnd.IntN(len(sockets))
		m := oneJunk(rnd, i == len(sockets)-1)
		// Not all that is refused is refused for the same reason; some is meant to be.
		_ = syscall.Sendto(sockets[i], m, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK})
	}
}

// oneJunk makes a datagram.
func oneJunk(rnd *rand.Rand, generic bool) []byte {
	const newLink, controller = syscall.RTM_NEWLINK, 16
	typ, body := uint16(rnd.IntN(200)), make([]byte, 16)
	binary.NativeEndian.PutUint32(body[4:], rnd.Uint32()>>rnd.IntN(32))
	name, number := uint16(3), []byte(nil) // IFLA_IFNAME
	switch {
	case generic:
		typ, name, body = controller, 2, []byte{1, 2, 0, 0} // CTRL_CMD_NEWFAMILY, CTRL_ATTR_FAMILY_NAME
		number = attr(1, binary.NativeEndian.AppendUint16(nil, uint16(rnd.Uint32())))
	case rnd.IntN(2) == 0:
		typ = newLink
	}
	body = append(body, attr(name, append([]byte(fmt.Sprintf("junk%d", rnd.Uint32()>>rnd.IntN(32))), 0))...)
	body = append(body, number...)
	inner := make([]byte, rnd.IntN(2000)>>rnd.IntN(12))
	for i := range inner {
		inner[i] = byte(rnd.Uint32())
	}
	for range rnd.IntN(60) {
		inner = attr(uint16(rnd.IntN(64)), inner)
	}
	body = append(body, inner...)
	m := make([]byte, 16, 16+len(body))
	binary.NativeEndian.PutUint32(m, uint32(16+len(body)-rnd.IntN(2)*rnd.IntN(40)))
	binary.NativeEndian.PutUint16(m[4:], typ)
	binary.NativeEndian.PutUint32(m[8:], uint32(rnd.IntN(2))*rnd.Uint32())
	return append(m, body...)
}

// attr is an attribute; one that is too long is cut.
func attr(typ uint16, value []byte) []byte {
	value = value[:min(len(value), 60_000)]
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, typ), value...)
	return append(b, make([]byte, -len(value)&3)...)
}
