package foreign

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/need"
)

// talker sends and receives in every way that strace has lines for, and writes
// down what it sent and got to read.
const talker = `
import ctypes, os, socket, struct, sys, threading
log = open(sys.argv[1], 'a', buffering=1)
def note(way, b): log.write(way + ' ' + b.hex() + '\n'); return b
def netlink(proto=0): return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, proto)
def ask(seq, flags=5, index=1): return struct.pack('<IHHII', 32, 18, flags, seq, 0) + struct.pack('<BxHiII', 0, 0, index, 0, 0)
s = netlink()
s.bind((0, 0))
s.send(note('>', ask(1)))
s.recv(0x4000, socket.MSG_PEEK)
note('<', s.recv(100))                      # too little room
note('<', s.recv(0x4000))
s.sendto(note('>', ask(2)), (0, 0))
s.recv(0, socket.MSG_PEEK | socket.MSG_TRUNC)
note('<', s.recvmsg(64)[0])
note('<', s.recvmsg(0x4000)[0])
class iovec(ctypes.Structure): _fields_ = [('b', ctypes.c_void_p), ('l', ctypes.c_size_t)]
class msghdr(ctypes.Structure): _fields_ = [('n', ctypes.c_void_p), ('nl', ctypes.c_uint), ('v', ctypes.c_void_p), ('vl', ctypes.c_size_t), ('c', ctypes.c_void_p), ('cl', ctypes.c_size_t), ('f', ctypes.c_int)]
class mmsghdr(ctypes.Structure): _fields_ = [('h', msghdr), ('len', ctypes.c_uint)]
def vectors(list):
    a, keep = (mmsghdr * len(list))(), []
    for i, b in enumerate(list):
        c, half = ctypes.create_string_buffer(b, len(b)), len(b) // 2
        v = (iovec * 2)(iovec(ctypes.addressof(c), half), iovec(ctypes.addressof(c) + half, len(b) - half))
        keep.append((c, v))
        a[i].h.v, a[i].h.vl = ctypes.addressof(v), 2
    return a, keep
libc = ctypes.CDLL(None)
a, k = vectors([note('>', ask(3)), note('>', ask(4))])
libc.sendmmsg(s.fileno(), a, 2, 0)
a, k = vectors([bytes(8192)] * 4)
n = libc.recvmmsg(s.fileno(), a, 4, 0x40, None)
for i in range(n): note('<', k[i][0].raw[:a[i].len])
g = netlink(16)
os.write(g.fileno(), note('>', struct.pack('<IHHII', 32, 16, 5, 9, 0) + b'\3\1\0\0' + b'\x0b\0\2\0nlctrl\0\0'))
note('<', os.read(g.fileno(), 65536))
note('<', os.readv(g.fileno(), [bytearray(65536)]) and b'')
def thread():
    t = netlink()
    t.sendmsg([note('>', ask(10))])
    note('<', t.recv(65536))
    note('<', t.recv(65536))
t = threading.Thread(target=thread); t.start(); t.join()
if os.fork() == 0:
    s.send(note('>', ask(11)))
    note('<', s.recv(65536))
    note('<', s.recv(65536))
    os._exit(0)
os.wait()
f = os.open('/etc/passwd', os.O_RDONLY)     # no netlink
os.read(f, 100)
try: s.send(bytes(4000000))
except OSError as e: log.write('! %d\n' % e.errno)
`

// TestStrace has the real one watch a program, in every way that it writes lines,
// and compares with what the program says itself.
func TestStrace(t *testing.T) {
	strace, python := need.Tool(t, "strace"), need.Tool(t, "python3")
	const dumps = "trace=%network,%process,read,write,readv,writev,close -e read=all -e write=all"
	for name, options := range map[string]string{
		"all":          "-f -ttt -yy -Y -e " + dumps,
		"time of day":  "-f -tt -yy -e " + dumps,
		"relative":     "-f -r -y -e " + dumps,
		"both":         "-f -t -r -yy -e " + dumps,
		"nanoseconds":  "-f --absolute-timestamps=format:unix,precision:ns -yy -T -e " + dumps,
		"no names":     "-f -e " + dumps,
		"verbose":      "-f -v -xx -s 100 -yy -e " + dumps,
		"numbers":      "-f -ttt -X raw -yy -e " + dumps,
		"raw":          "-f -ttt -e raw=all -e " + dumps,
		"prefixes":     "-f -ttt -i -n -r -yy -e " + dumps,
		"security":     "-f -ttt -qq -a0 -yy --decode-pids=comm,pidns -e " + dumps,
		"only network": "-f -ttt -yy -e trace=%network,read,write,readv -e read=all -e write=all",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			own, log := filepath.Join(dir, "own"), filepath.Join(dir, "strace")
			args := append(strings.Fields(options), "-o", log, python, "-c", talker, own)
			if text, err := exec.Command(strace, args...).CombinedOutput(); err != nil {
				need.Need(t, !bytes.Contains(text, []byte("PTRACE")), "strace may not trace here")
				t.Fatalf("%v\n%s", err, text)
			}
			b, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			said, err := os.ReadFile(own)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(said)) {
				if line = strings.TrimSpace(line); line != "<" {
					want = append(want, line)
				}
			}
			out := read(t, bytes.NewReader(b), Options{})
			if out.err != nil || len(out.damage) > 0 {
				t.Fatal(out.err, out.damage)
			}
			var got []string
			protos := map[uint8]int{}
			for _, f := range out.frames {
				if f.Event != nil {
					if f.Event.Kind == capture.EventRefused && f.Event.Errno == -90 {
						got = append(got, "! 90")
					}
					continue
				}
				dir := map[capture.Direction]string{capture.DirToKernel: ">", capture.DirFromKernel: "<"}[f.Dir]
				got = append(got, dir+" "+hex.EncodeToString(f.Data[capture.CookedLen:]))
				protos[f.Data[capture.CookedLen-1]]++
				if f.Process.PID == 0 {
					t.Error("a frame without its process")
				}
			}
			// What readv got the program does not say.
			if len(got) == len(want)+1 {
				i := slices.IndexFunc(got, func(s string) bool { return !slices.Contains(want, s) })
				if i >= 0 {
					got = slices.Delete(got, i, i+1)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d datagrams, the program has %d", len(got), len(want))
				for i := range max(len(got), len(want)) {
					if i >= len(got) || i >= len(want) || got[i] != want[i] {
						t.Fatalf("%d: %.100s\nwant %.100s", i, append(got, "")[min(i, len(got))], append(want, "")[min(i, len(want))])
					}
				}
			}
			if protos[16] != 3 {
				t.Errorf("protocols %v", protos)
			}
		})
	}
}

// TestStraceLines has what cannot be had from a run at will.
func TestStraceLines(t *testing.T) {
	const (
		request = " | 00000  14 00 00 00 10 00 05 00  01 00 00 00 00 00 00 00  ................ |\n | 00010  00 00 00 00                                       ....             |\n"
		open    = "7 socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM) = 3<NETLINK:[99]>\n"
	)
	tests := []struct {
		name, in string
		want     []string
		damage   int
	}{
		{"unfinished", open + "7 1000000000.5 sendto(3<NETLINK:[99]>, \"...\", 20, 0, NULL, 0 <unfinished ...>\n8 1000000000.6 close(9) = 0\n7 1000000000.7 <... sendto resumed>) = 20\n" + request,
			[]string{"1000000000.500000 [7] > proto 6 sendto fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 0},
		{"unfinished receive has its end's time", open + "7 1000000000.5 recvfrom(3<NETLINK:[99]>,  <unfinished ...>\n7 1000000000.7 <... recvfrom resumed>\"...\", 100, 0, NULL, NULL) = 20\n" + request,
			[]string{"1000000000.700000 [7] < proto 6 recvfrom fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 0},
		{"resumed without a begin", open + "7 <... sendto resumed>) = 20\n" + request + "7 sendto(3<NETLINK:[99]>, \"\", 20, 0, NULL, 0) = 20\n" + request,
			[]string{"0.000000 [7] > proto 6 sendto fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 0},
		{"on a terminal", "[pid     7<ip>] socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_GENERIC) = 3\n[pid     7<ip>] send(3, \"\", 20, 0) = 20\n" + request,
			[]string{"0.000000 ip[7] > proto 16 sendto fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 0},
		{"attached", "sendto(3<NETLINK:[AUDIT:55]>, \"\", 20, 0, NULL, 0) = 20\n" + request,
			[]string{"0.000000 > proto 9 sendto fd 3 portid 55 len 20 type 16 flags 5 seq 1"}, 0},
		{"protocol not told", "sendto(3, \"\", 20, 0, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 20\n" + request,
			[]string{"0.000000 > proto 12 sendto fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 0},
		{"from a process", open + "7 recvfrom(3<NETLINK:[99]>, \"\", 100, 0, {sa_family=AF_NETLINK, nl_pid=77, nl_groups=00000002}, [12]) = 20\n" + request,
			[]string{"0.000000 [7] = proto 6 recvfrom fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 0},
		{"overrun", open + "7 recvfrom(3<NETLINK:[99]>, 0x1, 100, 0, NULL, NULL) = -1 ENOBUFS (No buffer space available)\n7 recvfrom(3<NETLINK:[99]>, \"\", 100, 0, NULL, NULL) = 20\n" + request,
			[]string{"0.000000 [7] overrun recvfrom ", "0.000000 [7] < proto 6 recvfrom fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 0},
		{"waiting", open + "7 recvfrom(3<NETLINK:[99]>, 0x1, 100, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)\n7 recvfrom(3<NETLINK:[99]>, \"\", 100, 0, NULL, NULL) = 20\n" + request,
			[]string{"0.000000 [7] < proto 6 recvfrom fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 0},
		{"a call without its dump", open + "7 sendto(3<NETLINK:[99]>, \"\", 20, 0, NULL, 0) = 20\n" + request + "7 sendto(3<NETLINK:[99]>, \"\", 20, 0, NULL, 0) = 20\n7 close(3) = 0\n",
			[]string{"0.000000 [7] > proto 6 sendto fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 1},
		{"half a dump", open + "7 sendto(3<NETLINK:[99]>, \"\", 40, 0, NULL, 0) = 40\n" + request,
			[]string{"0.000000 [7] > proto 6 sendto fd 3 portid 0 len 20 type 16 flags 5 seq 1 has 20 of 40"}, 0},
		{"strings of others", open + `7 sendto(3<NETLINK:[99]>, "MSG_PEEK, \"sa_family=AF_NETLINK, nl_pid=5, nl_groups=0) = 99", 20, 0, NULL, 0) = 20` + "\n" + request,
			[]string{"0.000000 [7] > proto 6 sendto fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 0},
		{"a mail", "Hello,\n\n> " + open + "> 7 sendto(3<NETLINK:[99]>, \"\", 20, 0, NULL, 0) = 20\n> " + strings.ReplaceAll(strings.TrimSuffix(request, "\n"), "\n", "\n> ") + "\n\nand so on",
			[]string{"0.000000 [7] > proto 6 sendto fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 0},
		{"midnight", open + "7 23:59:59.5 sendto(3<NETLINK:[99]>, \"\", 20, 0, NULL, 0) = 20\n" + request + "7 00:00:01 sendto(3<NETLINK:[99]>, \"\", 20, 0, NULL, 0) = 20\n" + request,
			[]string{"172799.500000 [7] > proto 6 sendto fd 3 portid 0 len 20 type 16 flags 5 seq 1", "172801.000000 [7] > proto 6 sendto fd 3 portid 0 len 20 type 16 flags 5 seq 1"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := read(t, strings.NewReader(tt.in), Options{Protocol: 12})
			if out.err != nil {
				t.Fatal(out.err)
			}
			var got []string
			for i := range out.frames {
				got = append(got, describe(&out.frames[i]))
			}
			if !slices.Equal(got, tt.want) || len(out.damage) != tt.damage {
				t.Errorf("%q, damage %v\nwant %q", got, out.damage, tt.want)
			}
		})
	}
	out := read(t, strings.NewReader(strings.ReplaceAll(tests[0].in[strings.Index(tests[0].in, "7 socket"):strings.Index(tests[0].in, "7 1000")], "7 ", "")+"send(3<NETLINK:[99]>, \"\", 20, 0) = 20\n"+request), Options{Name: "log.1234"})
	if len(out.frames) != 1 || out.frames[0].Process.PID != 1234 {
		t.Errorf("strace -ff: %v %+v", out.err, out.frames)
	}
}

// TestUnknownPointer: strace -i prints question marks where it does not know.
func TestUnknownPointer(t *testing.T) {
	head := "[????????????????] getpid() = 5\n[00007f0000000000] getuid() = 0\n"
	if v, err := lookStrace(&Options{}, []byte(head), true); v != yes || err != nil {
		t.Errorf("%v, %v", v, err)
	}
}

// TestStraceStrings reads the strings of a strace that takes nothing apart; of what it
// cut it says so.
func TestStraceStrings(t *testing.T) {
	const open = "socket(PF_NETLINK, SOCK_RAW, 0) = 3\n"
	const addr = "{sa_family=AF_NETLINK, pid=0, groups=00000000}"
	for _, tt := range []struct {
		name, text string
		want       []string
		err        string
	}{
		{"octal", open + `sendto(3, "\24\0\0\0\26\0\1\3\302\300\3R\0\0\0\0\0\0\0\0", 20, 0, ` + addr + ", 12) = 20\n" +
			`recvmsg(3, {msg_name(12)=` + addr + `, msg_iov(1)=[{"\24\0\0\0\3\0\2\0\302\300\3R:g\0\0\0\0\0\0", 4096}], msg_controllen=0, msg_flags=0}, 0) = 20` + "\n",
			[]string{"len 20 type 22 flags 301 seq 1375977666", "len 20 type 3 flags 2 seq 1375977666"}, ""},
		{"in two parts", open + `sendmsg(3, {msg_name(12)=` + addr + `, msg_iov(2)=[{"\24\0\0\0\20\0\5\0\7\0\0\0\0\0\0\0", 16}, {"\0\"\\,", 4}], msg_controllen=0, msg_flags=0}, 0) = 20` + "\n",
			[]string{"len 20 type 16 flags 5 seq 7"}, ""},
		{"-x", open + `write(3, "\x14\x00\x00\x00\x10\x00\x05\x00\x07\x00\x00\x00\x00\x00\x00\x00\x61\x00\x00\x00", 20) = 20` + "\n", []string{"len 20 type 16 flags 5 seq 7"}, ""},
		{"cut", open + `sendto(3, "(\0\0\0\26\0\1\3\302\300\3R\0\0\0\0\0\0\0\0"..., 40, 0, ` + addr + ", 12) = 40\n", nil, "strace printed no dumps of what 1 netlink call sent or received"},
		{"without an end", open + `sendto(3, "(\0\0\0\26\0\1\3, 40) = 40` + "\n", nil, "strace printed no dumps of what 1 netlink call sent or received"},
	} {
		out := read(t, strings.NewReader(tt.text), Options{})
		if (tt.err == "") != (out.err == nil) || out.err != nil && out.err.Error() != tt.err || len(out.frames) != len(tt.want) {
			t.Errorf("%s: %d frames, %v", tt.name, len(out.frames), out.err)
			continue
		}
		for i, w := range tt.want {
			if d := describe(&out.frames[i]); !strings.HasSuffix(d, w) {
				t.Errorf("%s: %s, not %s", tt.name, d, w)
			}
		}
	}
}
