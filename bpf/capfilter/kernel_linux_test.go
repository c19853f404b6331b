package capfilter

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// wire is a loopback interface in a network namespace of its own, and two
// packet sockets on it. What is sent with a protocol number comes back as a
// packet whose skb->protocol is that number, as on an nlmon interface.
type wire struct {
	tx, rx int
	addr   unix.SockaddrLinklayer
	buf    []byte
}

// newWire keeps the test on one thread, which it gives up at the end, since
// the thread is in another namespace.
func newWire(t *testing.T) *wire {
	t.Helper()
	runtime.LockOSThread()
	err := unix.Unshare(unix.CLONE_NEWNET)
	need.Need(t, err == nil, "network namespaces cannot be made here")
	w := &wire{buf: make([]byte, 1<<16)}
	open := func(proto uint16) int {
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, int(proto))
		need.Need(t, err == nil, "packet sockets cannot be opened here")
		t.Cleanup(func() { unix.Close(fd) })
		return fd
	}
	w.tx, w.rx = open(0), open(htons(unix.ETH_P_ALL))
	ifreq, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	ifreq.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(w.tx, unix.SIOCSIFFLAGS, ifreq); err != nil {
		t.Fatal(err)
	}
	w.addr.Ifindex = 1
	return w
}

func htons(v uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return binary.NativeEndian.Uint16(b[:])
}

func (w *wire) attach(t *testing.T, p *Program) {
	t.Helper()
	raw, err := p.Raw()
	if err != nil {
		t.Fatal(err)
	}
	prog := unix.SockFprog{Len: uint16(len(raw)), Filter: (*unix.SockFilter)(unsafe.Pointer(&raw[0]))}
	if err := unix.SetsockoptSockFprog(w.rx, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog); err != nil {
		t.Fatalf("the kernel does not take the program of %.40s… (%d instructions): %v", p.filter, len(raw), err)
	}
}

// passes sends a frame and says how many bytes of it the filter let through,
// -1 if it did not. The copy of an outgoing packet is there when the call
// returns; the one that loops back is not looked at.
func (w *wire) passes(t *testing.T, proto uint8, data []byte) int {
	t.Helper()
	w.addr.Protocol = htons(uint16(proto))
	if err := unix.Sendto(w.tx, data, 0, &w.addr); err != nil {
		t.Fatalf("%d bytes: %v", len(data), err)
	}
	got := -1
	for {
		n, from, err := unix.Recvfrom(w.rx, w.buf, 0)
		if errors.Is(err, unix.EAGAIN) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		if from.(*unix.SockaddrLinklayer).Pkttype == unix.PACKET_OUTGOING {
			got = n
		}
	}
}

// The kernel's own BPF decides as x/net's virtual machine does, so that what
// the other tests show of the latter holds for the former, and takes every
// program.
func TestKernelRunsPrograms(t *testing.T) {
	w := newWire(t)
	var frames []Frame
	r := rand.New(rand.NewPCG(11, 12))
	big := binary.NativeEndian.Uint16([]byte{0, 1}) == 1
	for range 400 {
		proto, data := randomFrame(r, big)
		frames = append(frames, Frame{Proto: proto, Data: data, Big: big, IDs: ids})
	}
	if !big {
		for _, name := range pcaptest.Names {
			for i, f := range pcaptest.Frames(t, name) {
				if i%40 == 0 && len(f.Data) < 1<<15 {
					frames = append(frames, Frame{Proto: f.Data[capture.CookedLen-1], Data: f.Data[capture.CookedLen:], IDs: ids})
				}
			}
		}
	}
	passed, dropped := 0, 0
	for range 150 {
		text := randomFilter(r, 3)
		f, err := Parse(text, testNames{})
		if err != nil {
			t.Fatal(err)
		}
		p := f.Program(ids.known, 0)
		w.attach(t, p)
		for range 60 {
			fr := &frames[r.IntN(len(frames))]
			if len(fr.Data) == 0 {
				continue
			}
			want, err := runVM(p.Instructions, fr.Proto, fr.Data)
			if err != nil {
				t.Fatal(err)
			}
			got := w.passes(t, fr.Proto, fr.Data)
			if (want != 0) != (got >= 0) {
				t.Fatalf("%s on proto %d % x: the kernel passes %d bytes, the virtual machine %d", text, fr.Proto, fr.Data, got, want)
			}
			if got >= 0 {
				passed++
			} else {
				dropped++
			}
		}
	}
	t.Logf("of %d frames the kernel dropped %d", passed+dropped, dropped)
	if passed < 500 || dropped < 500 {
		t.Error("too few frames were decided one way")
	}
}

// The longest programs that are made fit into what the kernel grants a socket.
func TestKernelTakesLongPrograms(t *testing.T) {
	w := newWire(t)
	// What kernels before 6.8 grant. Where the setting is not one of the
	// network namespace, it is left alone.
	const setting = "/proc/sys/net/core/optmem_max"
	if _, minor, major := kernel(t); major > 6 || major == 6 && minor >= 8 {
		if err := os.WriteFile(setting, []byte("20480"), 0); err != nil {
			t.Logf("optmem_max stays what it is: %v", err)
		}
	}
	for _, text := range longFilters() {
		f, err := Parse(text, testNames{})
		if err != nil {
			t.Fatal(err)
		}
		w.attach(t, f.Program(ids.known, 0))
	}
}

// kernel returns the version of the running kernel.
func kernel(t *testing.T) (release string, minor, major int) {
	t.Helper()
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal(err)
	}
	release = unix.ByteSliceToString(u.Release[:])
	if _, err := fmt.Sscanf(release, "%d.%d", &major, &minor); err != nil {
		t.Fatal(err)
	}
	return release, minor, major
}

func TestKernelCutsToSnapLength(t *testing.T) {
	w := newWire(t)
	f, err := Parse("proto route", testNames{})
	if err != nil {
		t.Fatal(err)
	}
	w.attach(t, f.Program(nil, 48))
	if got := w.passes(t, 0, make([]byte, 100)); got != 48 {
		t.Errorf("got %d bytes", got)
	}
	if got := w.passes(t, 16, make([]byte, 100)); got != -1 {
		t.Errorf("got %d bytes of another protocol", got)
	}
}
