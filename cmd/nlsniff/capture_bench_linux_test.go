package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/internal/need"
)

// BenchmarkCapture floods a veth interface with small frames, and has nlsniff
// and tcpdump write them to a file, each with a ring of the same size:
//
//	go test ./cmd/nlsniff -run '^$' -bench Capture -benchtime 1000000x
//
// frames/s is what was captured by the time that the sender took, dropped what
// the program itself says was lost, and cpu-ns/frame its processor time, which
// depends less than the others on what else the machine does.
func BenchmarkCapture(b *testing.B) {
	dir := b.TempDir()
	nlsniff := filepath.Join(dir, "nlsniff")
	build := exec.Command("go", "build", "-o", nlsniff, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for _, size := range []int{128, 1024} {
		for _, run := range []struct{ name, command, captured, dropped string }{
			{"nlsniff", nlsniff + " capture --any-link -i va -B 32 -w ", `(\d+) frames? captured`, `(\d+) dropped by the kernel`},
			{"tcpdump", "tcpdump -Z root -i va -B 32768 -w ", `(\d+) packets? captured`, `(\d+) packets? dropped by kernel`},
		} {
			b.Run(run.name+"/"+strconv.Itoa(size), func(b *testing.B) {
				ownNetwork(b)
				words := strings.Fields(run.command + filepath.Join(dir, run.name+".cap"))
				need.Tool(b, words[0])
				cmd := exec.Command(words[0], words[1:]...)
				var said bytes.Buffer
				cmd.Stderr = &said
				if err := cmd.Start(); err != nil {
					b.Fatal(err)
				}
				time.Sleep(time.Second) // until it listens
				b.ResetTimer()
				flood(b, size, b.N)
				took := b.Elapsed()
				b.StopTimer()
				time.Sleep(time.Second)
				_ = cmd.Process.Signal(os.Interrupt)
				_ = cmd.Wait()
				number := func(pattern string) float64 {
					m := regexp.MustCompile(pattern).FindStringSubmatch(said.String())
					if m == nil {
						b.Fatalf("it said: %s", &said)
					}
					n, _ := strconv.ParseFloat(m[1], 64)
					return n
				}
				captured, used := number(run.captured), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
				b.ReportMetric(captured/took.Seconds(), "frames/s")
				b.ReportMetric(number(run.dropped), "dropped")
				b.ReportMetric(float64(used.Nanoseconds())/captured, "cpu-ns/frame")
			})
		}
	}
}

// ownNetwork moves the benchmark into a network namespace with two interfaces
// that are connected, va and vb.
func ownNetwork(b *testing.B) {
	ip := need.Tool(b, "ip")
	runtime.LockOSThread() // and its thread ends with it
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		b.Skipf("no network namespace of its own: %v", err)
	}
	for _, c := range []string{"link add va type veth peer vb", "link set va up", "link set vb up"} {
		if out, err := exec.Command(ip, strings.Fields(c)...).CombinedOutput(); err != nil {
			b.Skipf("ip %s: %s", c, out)
		}
	}
}

// mmsghdr is struct mmsghdr of sys/socket.h.
type mmsghdr struct {
	hdr unix.Msghdr
	_   uint32 // msg_len
	_   [4]byte
}

// flood sends n frames over va as fast as it can.
func flood(b *testing.B, size, n int) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(fd)
	var list [64]mmsghdr
	to := unix.RawSockaddrLinklayer{Family: unix.AF_PACKET, Ifindex: int32(interfaceIndex(b, "va")), Halen: 6}
	data := make([]byte, size)
	*(*uint32)(unsafe.Pointer(&data[0])) = uint32(size)
	iov := unix.Iovec{Base: &data[0]}
	iov.SetLen(size)
	for i := range list {
		list[i].hdr = unix.Msghdr{Name: (*byte)(unsafe.Pointer(&to)), Namelen: uint32(unsafe.Sizeof(to)), Iov: &iov}
		list[i].hdr.SetIovlen(1)
	}
	for n > 0 {
		sent, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&list)), uintptr(min(n, len(list))), 0, 0, 0)
		switch errno {
		case 0:
			n -= int(sent)
		case syscall.ENOBUFS, syscall.EINTR:
		default:
			b.Fatal(errno)
		}
	}
	runtime.KeepAlive(&iov)
}

func interfaceIndex(b *testing.B, name string) int {
	text, err := exec.Command("ip", "-o", "link", "show", name).Output()
	if err != nil {
		b.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), ":")
	n, err := strconv.Atoi(head)
	if err != nil {
		b.Fatal(err)
	}
	return n
}
