//go:build linux && (amd64 || arm64)

package trace

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/vmtest"
)

// straceEnv tells the test, started again as an ordinary user, to compare.
const straceEnv = "NLSNIFF_TRACE_STRACE"

// comparison is a program whose netlink strace and this package must agree on, to
// the byte.
type comparison struct {
	name  string
	needs []string
	argv  []string
	least int // datagrams
	// holds must stand in what strace saw: the program did what it is here for.
	holds []string
}

// compared run in a network namespace in which nothing else happens, and those that
// change something in one of their own each time.
var compared = []comparison{
	{"ip link show", []string{"ip"}, []string{"ip", "link", "show"}, 3, nil},
	{"ip link add nosuch", []string{"ip", "unshare"}, []string{"unshare", "-n", "ip", "link", "add", "br0", "type", "nosuch"}, 4, nil},
	{"ss -tan", []string{"ss"}, []string{"ss", "-tan"}, 3, nil},
	{"nft -f 1000 rules", []string{"nft", "unshare"}, []string{"unshare", "-n", "nft", "-f", "$RULES"}, 10, nil},
	{"iw", []string{"iw"}, []string{"iw", "dev"}, 2, nil},
	{"wg", []string{"wg"}, []string{"wg", "show"}, 2, nil},
	// It says when it listens. The link that comes then brings events of its own and of its queues.
	{"udevadm monitor", []string{"udevadm", "unshare", "ip", "sh"}, []string{"unshare", "-n", "sh", "-c", `
		mkfifo "$0.$$" && { timeout 20 udevadm monitor --kernel >"$0.$$" & } && exec <"$0.$$" && rm "$0.$$"
		until [ "$line" = "KERNEL - the kernel uevent" ]; do read -r line || exit 1; done
		ip link add br0 type bridge
		until [ "${line#*queues/tx-0 }" != "$line" ]; do read -r line || exit 1; done
		kill $!; wait $!`, "$DIR/fifo"}, 7,
		[]string{"ACTION=add", "INTERFACE=br0", "add@/devices/virtual/net/br0\x00", "add@/devices/virtual/net/br0/queues/rx-0\x00", "add@/devices/virtual/net/br0/queues/tx-0\x00"}},
	// In a user namespace the kernel refuses, which is an answer.
	{"auditctl -l", []string{"auditctl"}, []string{"auditctl", "-l"}, 2, []string{listRules, errno(unix.ECONNREFUSED)}},
	{"Go", nil, []string{"$SELF", "go"}, 4, nil},
	{"Python", []string{"python3"}, []string{"python3", "-c", "import socket\nfor i in range(5):\n s=socket.socket(16,3,0);s.send(bytes([20,0,0,0,18,0,1,3]+[0]*12));print(len(s.recv(65536)),len(s.recv(100)))"}, 10, nil},
	{"threads", nil, []string{"$SELF", "threads"}, 16, nil},
	{"short reads", nil, []string{"$SELF", "short"}, 8, nil},
	{"pipeline of ten", []string{"sh", "ip", "cat"}, []string{"sh", "-c", "ip link show | cat | cat | cat | cat | cat | cat | cat | cat | ip -o addr show"}, 8, nil},
	{"daemon that forks", []string{"sh", "ip", "setsid"}, []string{"sh", "-c", "(setsid sh -c 'sleep 0.2; ip link show lo >/dev/null' &) ; exit 0"}, 3, nil},
}

// comparedAsRoot need the machine's own namespaces, where they change things: they
// run in a virtual machine.
var comparedAsRoot = []comparison{
	{"audit rules", []string{"auditctl", "sh"}, []string{"sh", "-c", "auditctl -D && auditctl -w /etc/shadow -p wa -k nlsniff && auditctl -l && auditctl -s && auditctl -D"}, 15,
		[]string{listRules, "/etc/shadownlsniff", errno(0)}},
	{"udevadm monitor", []string{"udevadm", "sh"}, []string{"sh", "-c", `
		mkfifo "$0.$$" && { timeout 60 udevadm monitor --kernel --property >"$0.$$" & } && exec <"$0.$$" && rm "$0.$$"
		until [ "$line" = "KERNEL - the kernel uevent" ]; do read -r line || exit 1; done
		echo change 12345678-1234-1234-1234-123456789abc MARK=nlsniff >/sys/class/mem/null/uevent
		until [ "$line" = SYNTH_ARG_MARK=nlsniff ]; do read -r line || exit 1; done
		kill $!; wait $!`, "$DIR/fifo"}, 1, []string{"change@/devices/virtual/mem/null\x00", "SYNTH_ARG_MARK=nlsniff\x00"}},
}

// listRules is type and flags of a request for the audit rules.
var listRules = string(binary.NativeEndian.AppendUint16(binary.NativeEndian.AppendUint16(nil, 1013), unix.NLM_F_REQUEST|unix.NLM_F_ACK))

// errno is how an NLMSG_ERROR says it, in front of the request that it is about.
func errno(e unix.Errno) string {
	return string(binary.NativeEndian.AppendUint32(nil, uint32(-int32(e))))
}

func init() {
	programs["go"] = func() error {
		runtime.LockOSThread() // datagrams are compared thread by thread
		for range 2 {
			fd, err := route()
			if err != nil {
				return err
			}
			if err := talk(fd, 1); err != nil {
				return err
			}
		}
		return nil
	}
}

// TestAgainstStrace compares, byte for byte and as an ordinary user, in a network
// namespace where nothing happens but by the program.
func TestAgainstStrace(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out comparisons with strace")
	}
	need.Tool(t, "strace")
	asUser(t, "^TestStraceInner$", straceEnv+"=1")
}

// TestAgainstStraceInVM does the same on the kernels that distributions ship.
func TestAgainstStraceInVM(t *testing.T) {
	vmtest.Run(t, vmtest.Test{
		Kernels:  []string{"6.1", "6.12"},
		Programs: []string{"ip", "strace", "setpriv", "unshare", "nft", "ss", "sh", "cat", "setsid", "auditctl", "udevadm", "timeout", "mkfifo"},
		Modules:  []string{"dummy", "nf_tables", "inet_diag", "tcp_diag"},
		Timeout:  15 * time.Minute, // emulated, most of them take ten times as long
		Guest: func(t *testing.T) {
			// Those that start slowly there are left out: Python, wg, iw.
			asUser(t, "^TestStraceInner$/^(ip|ss|nft|Go|threads|short|daemon)", straceEnv+"=1")
			for _, c := range comparedAsRoot {
				t.Run(c.name, func(t *testing.T) { c.compare(t, t.TempDir(), "") })
			}
		},
	})
}

// asUser runs a test of this binary as an ordinary user, if this is root.
func asUser(t *testing.T, test string, env ...string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "nlsniff")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	tester := filepath.Join(dir, "tester")
	if err := errors.Join(os.WriteFile(tester, b, 0o755), os.Chmod(dir, 0o777), os.Chmod(tester, 0o755)); err != nil {
		t.Fatal(err)
	}
	argv := []string{need.Tool(t, "unshare"), "-Urn", tester, "-test.run=" + test, "-test.v"}
	if os.Getuid() == 0 {
		argv = append([]string{need.Tool(t, "setpriv"), "--reuid", "65534", "--regid", "65534", "--clear-groups"}, argv...)
	}
	c := exec.Command(argv[0], argv[1:]...)
	c.Env = append(append(os.Environ(), "TMPDIR="+dir, "HOME="+dir, "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin"), env...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "--- ") || strings.Contains(line, "_test.go") {
			t.Log(strings.TrimRight(line, "\n"))
		}
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestStraceInner(t *testing.T) {
	if os.Getenv(straceEnv) == "" {
		t.Skip("part of TestAgainstStrace")
	}
	dir := t.TempDir()
	rules := filepath.Join(dir, "rules.nft")
	text := "table ip t {\n chain c {\n"
	for i := range 1000 {
		text += fmt.Sprintf("  ip saddr 10.%d.%d.1 accept\n", i/250, i%250)
	}
	if err := os.WriteFile(rules, []byte(text+" }\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range compared {
		t.Run(c.name, func(t *testing.T) { c.compare(t, dir, rules) })
	}
}

// compare runs it under strace and under the tracer.
func (c *comparison) compare(t *testing.T, dir, rules string) {
	for _, name := range c.needs {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(err)
		}
	}
	argv := slices.Clone(c.argv)
	for i := range argv {
		argv[i] = strings.NewReplacer("$RULES", rules, "$DIR", dir).Replace(argv[i])
	}
	if argv[0] == "$SELF" {
		self, _ := os.Executable()
		t.Setenv(programEnv, argv[1])
		argv = []string{self}
	}
	want, got := normal(straced(t, argv)), normal(conversations(collect(t, Options{Command: argv})))
	var all []byte
	n := 0
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) {
			t.Fatalf("%d threads with netlink, strace has %d", len(got), len(want))
		}
		if len(got[i]) != len(want[i]) {
			t.Errorf("thread %d: %d datagrams, strace has %d", i, len(got[i]), len(want[i]))
		}
		for k := range min(len(want[i]), len(got[i])) {
			n, all = n+1, append(all, want[i][k]...)
			if !bytes.Equal(want[i][k], got[i][k]) {
				t.Fatalf("thread %d, datagram %d:\nstrace % x\nhere   % x", i, k, want[i][k], got[i][k])
			}
		}
	}
	if n < c.least {
		t.Fatalf("only %d datagrams to compare: %s cannot run here", n, strings.Join(argv, " "))
	}
	for _, h := range c.holds {
		if !bytes.Contains(all, []byte(h)) {
			t.Errorf("strace saw no %q among %q", h, all)
		}
	}
	t.Logf("%d datagrams, %d bytes", n, len(all))
}

// conversation is what one thread sent and received.
type conversation struct {
	pid       int
	datagrams [][]byte
}

// seqnum counts the uevents of the whole machine.
var seqnum = regexp.MustCompile(`SEQNUM=\d+`)

// normal takes out of conversations what differs from run to run: sequence
// numbers, which begin with the time, portids and process ids; the first two
// become the order in which they came. It sorts them, as threads take turns as
// they like.
func normal(list []conversation) (out [][][]byte) {
	for _, c := range list {
		// A small process id can be a sequence number too, and a second socket of
		// one second begins with the numbers of the first.
		seqs, portids, lastSeq, lastPortid := map[uint32]uint32{}, map[uint32]uint32{}, uint32(0), uint32(0)
		for i, b := range c.datagrams {
			b = slices.Clone(b)
			if bytes.Contains(b, []byte("@/")) { // a uevent: what counts those of the machine is text
				c.datagrams[i] = seqnum.ReplaceAll(b, []byte("SEQNUM=N"))
				continue
			}
			number := func(seen map[uint32]uint32, next *uint32, at int, fresh bool) {
				if at+4 > len(b) {
					return
				}
				v := binary.NativeEndian.Uint32(b[at:])
				if _, ok := seen[v]; v != 0 && (fresh || !ok) {
					*next++
					seen[v] = *next
				}
				binary.NativeEndian.PutUint32(b[at:], seen[v])
			}
			for at := 0; at+16 <= len(b); {
				n := int(binary.NativeEndian.Uint32(b[at:]))
				request := binary.NativeEndian.Uint16(b[at+6:])&unix.NLM_F_REQUEST != 0
				number(seqs, &lastSeq, at+8, request)
				number(portids, &lastPortid, at+12, false)
				switch typ := binary.NativeEndian.Uint16(b[at+4:]); {
				case typ == unix.NLMSG_ERROR && n >= 36: // with the request's header
					number(seqs, &lastSeq, at+28, false)
					number(portids, &lastPortid, at+32, false)
				case typ == unix.NFNL_SUBSYS_NFTABLES<<8|unix.NFT_MSG_NEWGEN && c.pid != 0:
					// NFTA_GEN_PROC_PID is who asked.
					id := binary.BigEndian.AppendUint32(nil, uint32(c.pid))
					if k := bytes.Index(b[at:], append([]byte{8, 0, unix.NFTA_GEN_PROC_PID, 0}, id...)); k >= 0 {
						clear(b[at+k+4 : at+k+8])
					}
				}
				if n < 16 {
					break
				}
				at += (n + 3) &^ 3
			}
			c.datagrams[i] = b
		}
		if len(c.datagrams) > 0 {
			out = append(out, c.datagrams)
		}
	}
	slices.SortFunc(out, func(a, b [][]byte) int { return slices.CompareFunc(a, b, bytes.Compare) })
	return out
}

// conversations are those of a run, without what a datagram has beyond the
// program's buffer.
func conversations(s *seen) (list []conversation) {
	by := map[uint32]int{}
	for _, f := range s.frames {
		if f.Delivery.Errno != 0 {
			continue
		}
		i, ok := by[f.Process.TID]
		if !ok {
			i = len(list)
			by[f.Process.TID] = i
			list = append(list, conversation{pid: int(f.Process.PID)})
		}
		list[i].datagrams = append(list[i].datagrams, f.Data[capture.CookedLen:])
	}
	return list
}

var straceCall = regexp.MustCompile(`^(\w+)\(\d+<(?:NETLINK:|socket:\[)(.*)= (-?\d+)`)

// straced runs a command under strace and returns what its threads said.
func straced(t *testing.T, argv []string) (list []conversation) {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"-ff", "-yy", "-o", dir + "/out", "-s", "0",
		"-e", "trace=read,write,readv,writev,sendto,recvfrom,sendmsg,recvmsg,sendmmsg,recvmmsg", "-e", "read=all", "-e", "write=all"}, argv...)
	if out, err := exec.Command("strace", args...).CombinedOutput(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Fatalf("%v: %s", err, out)
		}
	}
	files, _ := filepath.Glob(dir + "/out.*")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, conversation{pid: pidOf(name), datagrams: parseStrace(string(b))})
	}
	return list
}

func pidOf(name string) int {
	n, _ := strconv.Atoi(name[strings.LastIndex(name, ".")+1:])
	return n
}

var straceBuffer = regexp.MustCompile(`iov_len=(\d+)|, (\d+), MSG_TRUNC`)

// parseStrace reads the dumps of calls on netlink sockets. A peek is no read.
// With MSG_TRUNC strace shows more than the program's buffer has, which is cut
// off.
func parseStrace(text string) (list [][]byte) {
	taken, room := false, 0
	var cur []byte
	end := func() {
		if taken && len(cur) > 0 {
			list = append(list, cur[:min(len(cur), room)])
		}
		cur, taken = nil, false
	}
	for line := range strings.Lines(text) {
		if dump, ok := strings.CutPrefix(line, " | "); ok {
			digits := dump[min(len(dump), 5):min(len(dump), 5+2+16*3+1)]
			b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
			if err == nil {
				cur = append(cur, b...)
			}
			continue
		}
		if strings.HasPrefix(line, " * ") || strings.HasPrefix(line, " = ") {
			continue
		}
		end()
		m := straceCall.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		taken = strings.Contains(line, "<NETLINK:") && !strings.Contains(line, "MSG_PEEK") && !strings.HasPrefix(m[3], "-")
		room = 0
		for _, n := range straceBuffer.FindAllStringSubmatch(line, -1) {
			v, _ := strconv.Atoi(n[1] + n[2])
			room += v
		}
		if room == 0 {
			room = 1 << 30
		}
	}
	end()
	return list
}
