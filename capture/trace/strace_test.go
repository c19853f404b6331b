//go:build linux && (amd64 || arm64)

package trace

import (
	"bytes"
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

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/vmtest"
)

// straceEnv tells the test, started again as an ordinary user, to compare.
const straceEnv = "NLSNIFF_TRACE_STRACE"

// compared are programs whose netlink strace and this package must agree on.
// Those that change something do it in a network namespace of their own.
var compared = []struct {
	name  string
	needs []string
	argv  []string
	least int // datagrams
}{
	{"ip link show", []string{"ip"}, []string{"ip", "link", "show"}, 3},
	{"ip link add nosuch", []string{"ip", "unshare"}, []string{"unshare", "-Urn", "ip", "link", "add", "br0", "type", "nosuch"}, 4},
	{"ss -tan", []string{"ss"}, []string{"ss", "-tan"}, 3},
	{"nft -f 1000 rules", []string{"nft", "unshare"}, []string{"unshare", "-Urn", "nft", "-f", "$RULES"}, 10},
	{"iw", []string{"iw"}, []string{"iw", "dev"}, 2},
	{"wg", []string{"wg"}, []string{"wg", "show"}, 2},
	{"udevadm monitor", []string{"udevadm", "timeout"}, []string{"timeout", "-s", "INT", "0.3", "udevadm", "monitor", "--kernel"}, 0},
	{"auditctl -l", []string{"auditctl"}, []string{"auditctl", "-l"}, 0},
	{"Go", nil, []string{"$SELF", "go"}, 4},
	{"Python", []string{"python3"}, []string{"python3", "-c", "import socket\nfor i in range(5):\n s=socket.socket(16,3,0);s.send(bytes([20,0,0,0,18,0,1,3]+[0]*12));print(len(s.recv(65536)),len(s.recv(100)))"}, 10},
	{"threads", nil, []string{"$SELF", "threads"}, 16},
	{"short reads", nil, []string{"$SELF", "short"}, 8},
	{"pipeline of ten", []string{"sh", "ip", "cat"}, []string{"sh", "-c", "ip link show | cat | cat | cat | cat | cat | cat | cat | cat | ip -o addr show"}, 8},
	{"daemon that forks", []string{"sh", "ip", "setsid"}, []string{"sh", "-c", "(setsid sh -c 'sleep 0.2; ip link show lo >/dev/null' &) ; exit 0"}, 3},
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

// TestAgainstStrace compares, byte for byte and as an ordinary user.
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
		Programs: []string{"ip", "strace", "setpriv", "unshare", "nft", "ss", "sh", "cat", "setsid"},
		Modules:  []string{"dummy", "nf_tables", "inet_diag", "tcp_diag"},
		Timeout:  15 * time.Minute, // emulated, most of them take ten times as long
		Guest: func(t *testing.T) {
			// Those that start slowly there are left out: Python, wg, iw.
			asUser(t, "^TestStraceInner$/^(ip|ss|nft|Go|threads|short|daemon)", straceEnv+"=1")
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
	argv := []string{tester, "-test.run=" + test, "-test.v"}
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
	self, _ := os.Executable()
	for _, c := range compared {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range c.needs {
				if _, err := exec.LookPath(name); err != nil {
					t.Skip(err)
				}
			}
			argv := slices.Clone(c.argv)
			for i := range argv {
				argv[i] = strings.ReplaceAll(argv[i], "$RULES", rules)
			}
			if argv[0] == "$SELF" {
				t.Setenv(programEnv, argv[1])
				argv = []string{self}
			}
			var a, b, got [][]byte
			var lengths []int
			// The system that is asked changes meanwhile, and so does the order
			// of what processes say side by side: one comparison of a few has
			// to find no difference.
			for range 8 {
				// strace twice tells what differs from run to run.
				a, b = straced(t, argv), straced(t, argv)
				got, lengths = datagrams(collect(t, Options{Command: argv}))
				if agree(a, b, got, lengths) {
					break
				}
			}
			if len(a) != len(b) {
				t.Logf("strace saw %d datagrams, then %d", len(a), len(b))
			} else if len(a) != len(got) {
				t.Fatalf("%d datagrams, strace has %d", len(got), len(a))
			}
			if len(a) < c.least {
				t.Fatalf("only %d datagrams to compare: %s cannot run here", len(a), strings.Join(argv, " "))
			}
			bad := 0
			for i := range min(len(a), len(b), len(got)) {
				if d := differs(a[i], b[i], got[i], lengths[i]); d != "" && len(a) == len(b) {
					if bad++; bad < 4 {
						t.Errorf("datagram %d: %s\nstrace % x\nagain  % x\nhere   % x", i, d, a[i], b[i], got[i])
					}
				}
			}
			t.Logf("%d datagrams, %d bytes", len(got), len(bytes.Join(got, nil)))
		})
	}
}

// differs says where a datagram is not what strace saw, but for what strace saw
// differently each time: numbers, times, counters.
func differs(a, b, got []byte, length int) string {
	if len(a) == length && len(b) == length && len(got) < length {
		// With MSG_TRUNC strace shows more than the program's buffer has.
		a, b = a[:len(got)], b[:len(got)]
	}
	if len(a) == len(b) && len(got) != len(a) {
		return fmt.Sprintf("%d bytes, strace has %d", len(got), len(a))
	}
	if len(a) != len(b) || len(got) != len(a) {
		return ""
	}
	for i := range a {
		if a[i] == b[i] && got[i] != a[i] && !numbers(i, got) {
			return fmt.Sprintf("byte %d", i)
		}
	}
	return ""
}

// numbers says whether a byte is of a sequence number or a portid, which two
// runs can have in common by chance, or of a counter of link statistics.
func numbers(i int, b []byte) bool {
	for at := 0; at+16 <= len(b); {
		n := int(uint32(b[at]) | uint32(b[at+1])<<8 | uint32(b[at+2])<<16)
		if n < 16 {
			return false
		}
		if i >= at+8 && i < at+16 {
			return true
		}
		// An error has the request's numbers as well.
		if typ := int(b[at+4]) | int(b[at+5])<<8; typ == 2 && i >= at+28 && i < at+36 {
			return true
		}
		at += (n + 3) &^ 3
	}
	return false
}

// datagrams are those of a run, sorted by process.
func datagrams(s *seen) (list [][]byte, lengths []int) {
	var pids []uint32
	by := map[uint32][]capture.Frame{}
	for _, f := range s.all {
		pid := f.Process.TID
		if !slices.Contains(pids, pid) {
			pids = append(pids, pid)
		}
		if f.Event == nil && f.Delivery.Errno == 0 {
			by[pid] = append(by[pid], f)
		}
	}
	slices.Sort(pids)
	for _, pid := range pids {
		for _, f := range by[pid] {
			list = append(list, f.Data[capture.CookedLen:])
			lengths = append(lengths, f.OrigLen-capture.CookedLen)
		}
	}
	return list, lengths
}

var straceCall = regexp.MustCompile(`^(\w+)\(\d+<(?:NETLINK:|socket:\[)(.*)= (-?\d+)`)

// straced runs a command under strace and returns its datagrams, sorted by
// process.
func straced(t *testing.T, argv []string) [][]byte {
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
	slices.SortFunc(files, func(a, b string) int { return pidOf(a) - pidOf(b) })
	var list [][]byte
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, parseStrace(string(b))...)
	}
	return list
}

func pidOf(name string) int {
	n, _ := strconv.Atoi(name[strings.LastIndex(name, ".")+1:])
	return n
}

// parseStrace reads the dumps of calls on netlink sockets. A peek is no read.
func parseStrace(text string) (list [][]byte) {
	taken := false
	var cur []byte
	end := func() {
		if taken && len(cur) > 0 {
			list = append(list, cur)
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
		if m := straceCall.FindStringSubmatch(line); m != nil {
			taken = strings.Contains(line, "<NETLINK:") && !strings.Contains(line, "MSG_PEEK") && !strings.HasPrefix(m[3], "-")
		}
	}
	end()
	return list
}

// agree says whether no datagram differs.
func agree(a, b, got [][]byte, lengths []int) bool {
	if len(a) != len(b) || len(a) != len(got) {
		return false
	}
	for i := range a {
		if differs(a[i], b[i], got[i], lengths[i]) != "" {
			return false
		}
	}
	return true
}
