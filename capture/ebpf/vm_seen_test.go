//go:build linux

package ebpf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/nlmon"
)

// Both sources see the same messages as often, and this one knows whose they are.
func guestAgrees(t *testing.T, o Options) {
	monitors := []*exec.Cmd{start(t, "ip", "monitor", "link"), start(t, "ip", "monitor", "link")}
	time.Sleep(time.Second)
	var tap <-chan []capture.Frame
	var from, to int64
	var pids []uint32
	frames := duringOptions(t, o, func() {
		n, err := nlmon.Open(nlmon.Options{Watched: true})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		tap = collect(t, n)
		time.Sleep(time.Second) // what its interface caused is over
		from = time.Now().UnixNano()
		for _, args := range []string{
			"ip link add agree0 type dummy", "ip link set agree0 up", "ip addr add 192.0.2.1/24 dev agree0", "ip addr show", "ip route show table all",
			"ip link add agree1 type nosuch", "ip link del agree0",
		} {
			pids = append(pids, run(t, strings.Fields(args)...))
		}
		time.Sleep(time.Second)
		to = time.Now().UnixNano()
		n.Stop()
		time.Sleep(200 * time.Millisecond)
	})
	sum, requests := map[string]int{}, map[uint32]int{}
	for i := range frames {
		f := &frames[i]
		if f.Time < from || f.Time > to || f.Data == nil || f.Data[15] != unix.NETLINK_ROUTE {
			continue
		}
		sum[name(f)] += copies(f)
		if f.Dir != capture.DirToKernel {
			continue
		}
		requests[f.Process.PID]++
		if p := f.Process; !p.HasUID || p.UID != 0 || !strings.HasSuffix(p.Exe, "/ip") || strings.Contains(p.Exe, "…") || !strings.HasPrefix(p.Cgroup, "/") {
			t.Errorf("%+v", p)
		}
		if f.Process.Comm != "ip" || f.Delivery.Socket.PortID == 0 || f.Delivery.Socket.Inode == 0 || f.Delivery.Socket.Options&capture.OptExtAck == 0 {
			t.Errorf("%+v %+v", f.Process, f.Delivery)
		}
	}
	total := 0
	for _, f := range <-tap {
		// A name that nlsniff asked for, without a message, is on nlmon alone.
		if f.Time >= from && f.Time <= to && f.Data[15] == unix.NETLINK_ROUTE && f.Flags&capture.FlagAsked == 0 {
			sum[name(&f)]--
			total++
		}
	}
	for what, n := range sum {
		if n != 0 {
			t.Errorf("%+d: %s", n, what)
		}
	}
	for _, pid := range pids {
		if requests[pid] == 0 {
			t.Errorf("nothing was sent by process %d", pid)
		}
		delete(requests, pid)
	}
	if total < 20 || len(requests) != 0 {
		t.Errorf("%d frames; by others: %v", total, requests)
	}
	t.Logf("%d frames on nlmon, %d monitors", total, len(monitors))
}

// A multicast is one frame with all its receivers, those included that were
// there before the capture and have not said a word since.
func guestReceivers(t *testing.T, o Options) {
	want := map[uint32]bool{}
	for range 3 {
		want[uint32(start(t, "ip", "monitor", "link").Process.Pid)] = true
	}
	time.Sleep(time.Second)
	var pid uint32
	frames := duringOptions(t, o, func() {
		pid = run(t, "ip", "link", "add", "heard0", "type", "dummy")
		run(t, "ip", "netns", "add", "blue")
		run(t, "ip", "-n", "blue", "link", "set", "lo", "up")
		run(t, "ip", "link", "del", "heard0")
		run(t, "ip", "netns", "del", "blue")
	})
	multicasts, elsewhere := 0, false
	for _, f := range frames {
		if f.Namespace == "blue" {
			elsewhere = true
		}
		d := f.Delivery
		if d == nil || len(d.Receivers) == 0 || !bytes.Contains(f.Data, []byte("heard0")) {
			continue
		}
		multicasts++
		got := map[uint32]bool{}
		for _, r := range d.Receivers {
			if r.Process.Comm == "ip" && r.Group == unix.RTNLGRP_LINK && r.Socket.Inode != 0 && !r.Overrun && r.Process.HasUID && strings.HasSuffix(r.Process.Exe, "/ip") {
				got[r.Process.PID] = true
			}
		}
		for p := range want {
			if !got[p] {
				t.Errorf("process %d is not among %+v", p, d.Receivers)
			}
		}
		if got[pid] || f.Dir != capture.DirFromKernel || d.Group != unix.RTNLGRP_LINK {
			t.Errorf("%+v", d)
		}
	}
	if multicasts != 2 || !elsewhere {
		t.Errorf("%d multicasts; another namespace: %v", multicasts, elsewhere)
	}
}

const python = `
import socket, struct, sys, time, os
def nl(proto, groups=0):
    s = socket.socket(16, 3, proto)
    s.bind((0, groups))
    return s
def msg(typ, flags, body=b''):
    return struct.pack('=IHHII', 16 + len(body), typ, flags, 1, 0) + body
def ready():
    os.write(1, b'x')
`

// nlmon has neither of these protocols.
func guestProtocols(t *testing.T) {
	listens := start(t, "python3", "-c", python+"s = nl(15, 1)\nready()\nwhile 1: s.recv(65536)")
	var audit, pair uint32
	frames := during(t, func() {
		audit = run(t, "python3", "-c", python+"s = nl(9)\ns.sendto(msg(1000, 5), (0, 0))\ns.recv(65536)")
		pair = run(t, "python3", "-c", python+"a = nl(2)\nb = nl(2)\na.sendto(msg(1, 0, b'hello you'), b.getsockname())\nb.recv(100)")
		if err := os.WriteFile("/sys/class/net/lo/uevent", []byte("change"), 0); err != nil {
			t.Error(err)
		}
		time.Sleep(300 * time.Millisecond)
	})
	var asked, answered, heard, told bool
	for _, f := range frames {
		if f.Data == nil {
			continue
		}
		d := f.Delivery
		switch proto := f.Data[15]; {
		case proto == unix.NETLINK_AUDIT && f.Process.PID == audit:
			asked = asked || f.Dir == capture.DirToKernel
			answered = answered || f.Dir == capture.DirFromKernel
		case proto == unix.NETLINK_KOBJECT_UEVENT && f.Process.PID == uint32(listens.Process.Pid):
			heard = heard || bytes.HasPrefix(f.Data[capture.CookedLen:], []byte("change@")) && d.Group == 1
		case bytes.Contains(f.Data, []byte("hello you")):
			told = f.Dir == capture.DirUserToUser && f.Process.PID == pair && len(d.Receivers) == 1 && d.Receivers[0].Process.PID == pair &&
				d.Receivers[0].Socket.PortID == d.Peer && d.Peer != d.Socket.PortID
		}
	}
	if !asked || !answered || !heard || !told {
		t.Errorf("audit asked %v and answered %v, uevent heard %v, user to user %v", asked, answered, heard, told)
	}
}

// modules asks CONNECTOR, CRYPTO, RDMA and ISCSI, and waits for what they say.
const modules = python + `
def ask(proto, m, groups=0):
    s = nl(proto, groups)
    s.settimeout(30)
    s.sendto(m, (0, 0))
    return s
c = ask(11, msg(3, 0, struct.pack('=IIIIHHI', 1, 1, 0, 0, 4, 0, 1)), 1) # PROC_CN_MCAST_LISTEN
c.recv(65536)
if os.fork() == 0: os._exit(0)
os.wait()
c.recv(65536)
ask(21, msg(0x13, 0x301, bytes(208))).recv(65536) # CRYPTO_MSG_GETALG
ask(20, msg(5 << 10 | 1, 0x301)).recv(65536) # RDMA_NLDEV_CMD_GET
ask(8, msg(11, 1, bytes(1024))).recv(65536) # ISCSI_UEVENT_CREATE_SESSION of no transport
`

func guestModules(t *testing.T) {
	var pid uint32
	frames := during(t, func() { pid = run(t, "python3", "-c", modules) })
	asked, answered := map[byte]int{}, map[byte]int{}
	for _, f := range frames {
		if f.Data == nil || f.Process.PID != pid {
			continue
		}
		switch f.Dir {
		case capture.DirToKernel:
			asked[f.Data[15]]++
		case capture.DirFromKernel:
			answered[f.Data[15]]++
		}
	}
	for _, proto := range []byte{unix.NETLINK_CONNECTOR, unix.NETLINK_CRYPTO, unix.NETLINK_RDMA, unix.NETLINK_ISCSI} {
		if asked[proto] != 1 || answered[proto] == 0 {
			t.Errorf("protocol %d: %d asked, %d answered", proto, asked[proto], answered[proto])
		}
	}
}

// Datagrams are whole, whatever their size.
func guestLarge(t *testing.T) {
	sizes := []int{100, 192, 193, 1024, 1025, 8192, 8193, 65536, 65537, 200_000, 2_000_000, 4<<20 - 16}
	list := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(sizes)), ","), "[]")
	frames := during(t, func() {
		run(t, "python3", "-c", python+`
s = nl(0)
s.setsockopt(1, 32, 16 << 20)
for n in [`+list+`]: s.sendto(msg(1, 0, bytes(i * 7 & 255 for i in range(n - 16))), (0, 0))
`)
	})
	got := map[int]bool{}
	for _, f := range frames {
		if f.Dir != capture.DirToKernel || f.Process.Comm != "python3" {
			continue
		}
		body := f.Data[capture.CookedLen+16:]
		for i, c := range body {
			if c != byte(i*7) {
				t.Errorf("of %d bytes, the one at %d is %d", f.OrigLen-capture.CookedLen, i, c)
				break
			}
		}
		if f.Flags != 0 || f.OrigLen != len(f.Data) {
			t.Errorf("%d of %d bytes, flags %b", len(f.Data), f.OrigLen, f.Flags)
		}
		got[f.OrigLen-capture.CookedLen] = true
	}
	for _, n := range sizes {
		if !got[n] {
			t.Errorf("no datagram of %d bytes", n)
		}
	}
}
