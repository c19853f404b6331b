//go:build linux

package nlmon

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// testnet is a network namespace of the test's own, with a pair of veth
// interfaces that stand in for nlmon: a ring does not care what frames are.
type testnet struct {
	t    *testing.T
	c    *conn
	a, b link
}

// newTestnet moves the test into a new namespace. Its thread ends with it.
func newTestnet(t *testing.T) *testnet {
	t.Helper()
	runtime.LockOSThread() // for good
	n, err := tryTestnet(t)
	if err != nil {
		t.Skipf("no test network: %v", err)
	}
	return n
}

// tryTestnet moves the calling goroutine's thread, which must be locked.
func tryTestnet(t *testing.T) (*testnet, error) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return nil, err
	}
	// Nothing but the test is to send there.
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	c, err := dial(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	t.Cleanup(c.close)
	n := &testnet{t: t, c: c}
	body := make([]byte, unix.SizeofIfInfomsg)
	body = appendAttr(body, unix.IFLA_IFNAME, []byte("va\x00"))
	body = appendAttr(body, unix.IFLA_LINKINFO, appendAttr(nil, unix.IFLA_INFO_KIND, []byte("veth")))
	if err := c.do(unix.RTM_NEWLINK, unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL, body, func(message) {}); err != nil {
		return nil, err
	}
	list, err := c.links()
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		switch {
		case l.name == "va":
			n.a = l
		case l.kind == "veth":
			n.b = l
		}
	}
	if err := c.setUp(n.b.index, true); err != nil {
		return nil, err
	}
	return n, c.setUp(n.a.index, true)
}

func (n *testnet) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *testnet) links() []link {
	n.t.Helper()
	list, err := n.c.links()
	n.must(err)
	return list
}

// link returns an interface as it is now.
func (n *testnet) link(name string) (link, bool) {
	n.t.Helper()
	for _, l := range n.links() {
		if l.name == name {
			return l, true
		}
	}
	return link{}, false
}

// open captures on va.
func (n *testnet) open(o Options) *Source {
	n.t.Helper()
	if o.Interface == "" {
		o.Interface = "va"
	}
	o.AnyLink = true
	s, err := Open(o)
	n.must(err)
	n.t.Cleanup(func() { s.Close() })
	return s
}

// send sends datagrams of size bytes each, numbered in nlmsg_seq, over an
// interface, as if they were netlink's.
func (n *testnet) send(ifindex, protocol, size int, seqs ...uint32) {
	n.t.Helper()
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	n.must(err)
	defer unix.Close(fd)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, 8<<20)
	for _, seq := range seqs {
		to := &unix.SockaddrLinklayer{Protocol: htons(uint16(protocol)), Ifindex: ifindex, Halen: 6}
		if err = unix.Sendto(fd, datagram(size, seq), 0, to); err == unix.EMSGSIZE {
			n.t.Skipf("this kernel cannot send a packet of %d bytes", size)
		}
		n.must(err)
	}
}

// datagram is a message that says its length and number, with a body that can
// be checked.
func datagram(size int, seq uint32) []byte {
	b := make([]byte, size)
	order := binary.NativeEndian
	order.PutUint32(b[0:], uint32(size))
	order.PutUint16(b[4:], unix.RTM_NEWLINK)
	order.PutUint32(b[8:], seq)
	for i := unix.NLMSG_HDRLEN; i < size; i++ {
		b[i] = byte(uint32(i) * 7 * (seq + 1) >> 3)
	}
	return b
}

func seqs(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}

// next returns the next frame, or the error that there is instead; it does not
// wait for ever.
func next(t *testing.T, s *Source) (capture.Frame, error) {
	t.Helper()
	late := time.AfterFunc(20*time.Second, s.Stop)
	defer func() {
		if !late.Stop() {
			t.Fatal("no frame came")
		}
	}()
	var f capture.Frame
	err := s.Next(&f)
	return f, err
}

// rest reads to the end.
func rest(t *testing.T, s *Source) (out []capture.Frame, err error) {
	t.Helper()
	for {
		f, err := next(t, s)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		f.Data = append([]byte(nil), f.Data...)
		out = append(out, f)
	}
}
