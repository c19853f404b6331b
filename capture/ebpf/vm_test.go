//go:build linux

package ebpf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/internal/vmtest"
)

func TestInKernel(t *testing.T) {
	vmtest.Run(t, vmtest.Test{
		Modules:  []string{"nlmon", "dummy", "crypto_user", "ib_core", "scsi_transport_iscsi"},
		Programs: []string{"ip", "python3"},
		Timeout:  15 * time.Minute,
		Guest: func(t *testing.T) {
			t.Run("what nlmon sees", guestAgrees)
			t.Run("receivers", guestReceivers)
			t.Run("protocols", guestProtocols)
			t.Run("modules", guestModules)
			t.Run("large", guestLarge)
			t.Run("overrun", guestOverrun)
			t.Run("short read", guestShortRead)
			t.Run("words", guestWords)
			t.Run("refused send", guestRefusedSend)
			t.Run("wanted", guestWanted)
			t.Run("leaves nothing", guestLeavesNothing)
		},
	})
}

// during captures while act runs. What it did at the last moment is awaited by
// a message of its own.
func during(t *testing.T, act func()) []capture.Frame { return duringWanted(t, Wanted{}, act) }

func duringWanted(t *testing.T, w Wanted, act func()) []capture.Frame {
	t.Helper()
	s, err := Open(Options{Wanted: w})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if facts := s.Unknown(); len(facts) > 0 {
		t.Errorf("not known: %q", facts)
	}
	list := collect(t, s)
	act()
	s.Stop()
	frames := <-list
	if c := s.Counters(); c.Dropped != 0 {
		t.Errorf("%+v", c)
	}
	return frames
}

// collect reads a source to its end.
func collect(t *testing.T, s capture.Source) <-chan []capture.Frame {
	done := make(chan []capture.Frame, 1)
	go func() {
		var list []capture.Frame
		for {
			var f capture.Frame
			err := s.Next(&f)
			if err != nil {
				if !errors.Is(err, io.EOF) {
					t.Error(err)
				}
				done <- list
				return
			}
			f.Data = bytes.Clone(f.Data)
			list = append(list, f)
		}
	}()
	return done
}

// start starts a program; it is killed when the test ends.
func start(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(name, args...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	if name == "python3" || name == os.Args[0] {
		if _, err := out.Read(make([]byte, 1)); err != nil { // it is ready
			t.Fatal(err)
		}
	}
	return c
}

// run runs a program to its end and returns which process it was.
func run(t *testing.T, args ...string) uint32 {
	t.Helper()
	c := exec.Command(args[0], args[1:]...)
	if out, err := c.CombinedOutput(); err != nil && !strings.Contains(string(out), "Unknown device type") {
		t.Errorf("%q: %v: %s", args, err, out)
	}
	return uint32(c.Process.Pid)
}

// copies is how many sockets got a frame.
func copies(f *capture.Frame) (n int) {
	if f.Delivery == nil || len(f.Delivery.Receivers) == 0 {
		return 1
	}
	for _, r := range f.Delivery.Receivers {
		if !r.Overrun {
			n++
		}
	}
	return n
}

func name(f *capture.Frame) string {
	return fmt.Sprintf("%d %x", f.Data[15], f.Data[capture.CookedLen:])
}

// Both sources see the same messages as often, and this one knows whose they are.
func guestAgrees(t *testing.T) {
	monitors := []*exec.Cmd{start(t, "ip", "monitor", "link"), start(t, "ip", "monitor", "link")}
	time.Sleep(time.Second)
	var tap <-chan []capture.Frame
	var from, to int64
	var pids []uint32
	frames := during(t, func() {
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
		if f.Time >= from && f.Time <= to && f.Data[15] == unix.NETLINK_ROUTE && !nlmon.Asked(&f) {
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
func guestReceivers(t *testing.T) {
	want := map[uint32]bool{}
	for range 3 {
		want[uint32(start(t, "ip", "monitor", "link").Process.Pid)] = true
	}
	time.Sleep(time.Second)
	var pid uint32
	frames := during(t, func() {
		pid = run(t, "ip", "link", "add", "heard0", "type", "dummy")
		run(t, "ip", "netns", "add", "blue")
		run(t, "ip", "-n", "blue", "link", "set", "lo", "up")
		run(t, "ip", "link", "del", "heard0")
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

// The kernel's side leaves out what nobody wants.
func guestWanted(t *testing.T) {
	listens := start(t, "python3", "-c", python+"s = nl(0, 1)\nready()\nwhile 1: s.recv(65536)")
	home := nlmon.HomeNetNS()
	for _, tt := range []struct {
		name    string
		want    Wanted
		senders string // who is to be seen sending
		hears   bool   // whether the listener is to be seen
	}{
		{"comm", Wanted{Comms: []string{"nobody", "ip"}}, "ip", false},
		{"pid", Wanted{PIDs: []uint32{uint32(listens.Process.Pid)}}, "", true},
		{"uid", Wanted{UIDs: []uint32{65534}}, "", false},
		{"netns", Wanted{NetNS: []uint64{home}}, "ip", true},
		{"another netns", Wanted{NetNS: []uint64{home + 1}}, "", false},
		{"both", Wanted{UIDs: []uint32{0}, Comms: []string{"python3"}}, "", true},
	} {
		frames := duringWanted(t, tt.want, func() {
			run(t, "ip", "link", "add", "want0", "type", "dummy")
			run(t, "ip", "link", "del", "want0")
			time.Sleep(200 * time.Millisecond)
		})
		hears, sends := false, false
		for _, f := range frames {
			if f.Dir == capture.DirToKernel {
				sends = true
				if f.Process.Comm != tt.senders {
					t.Errorf("%s: %+v", tt.name, f.Process)
				}
			}
			hears = hears || f.Process.PID == uint32(listens.Process.Pid)
		}
		if hears != tt.hears || sends != (tt.senders != "") {
			t.Errorf("%s: hears %v, sends %v", tt.name, hears, sends)
		}
	}
}

// programIDs are the eBPF programs that the kernel has.
func programIDs(t *testing.T) (n int) {
	for id, err := ebpf.ProgramGetNextID(0); ; id, err = ebpf.ProgramGetNextID(id) {
		if err != nil {
			if !errors.Is(err, os.ErrNotExist) {
				t.Error(err)
			}
			return n
		}
		n++
	}
}

const holdVar = "NLSNIFF_EBPF_HOLD"

// TestHold is the program that guestLeavesNothing kills.
func TestHold(t *testing.T) {
	if os.Getenv(holdVar) == "" {
		t.Skip("for another test")
	}
	if _, err := Open(Options{}); err != nil {
		t.Fatal(err)
	}
	fmt.Println("open")
	time.Sleep(time.Hour)
}

// attachTimes is how often programs are attached and taken away. A hundred times is
// a minute and more in an emulated machine, and shows nothing else.
const attachTimes = 10

func guestLeavesNothing(t *testing.T) {
	before := programIDs(t)
	for i := range attachTimes {
		s, err := Open(Options{RingSize: 1 << 16})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 { // two at once
			other, err := Open(Options{RingSize: 1 << 16})
			if err != nil {
				t.Fatal(err)
			}
			if err := other.Close(); err != nil {
				t.Error(err)
			}
		}
		if n := programIDs(t); n <= before {
			t.Errorf("%d programs, and %d before", n, before)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Setenv(holdVar, "1")
	held := start(t, os.Args[0], "-test.run=^TestHold$")
	_ = held.Process.Kill()
	_ = held.Wait()
	// The kernel frees them a little later.
	for end := time.Now().Add(30 * time.Second); programIDs(t) != before; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d programs, and %d before", programIDs(t), before)
		}
	}
}
