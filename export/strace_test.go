//go:build linux

package export

import (
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
)

// TestAgainstStrace: the system calls that are exported are those that strace
// prints of the exported program: its sockets, its options, its bytes.
func TestAgainstStrace(t *testing.T) {
	strace, python := need.Tool(t, "strace"), need.Tool(t, "python3")
	_, _, p := program(t, "tour.pcapng")
	file := filepath.Join(t.TempDir(), "r.py")
	if err := os.WriteFile(file, []byte(written(t, p, "python")), 0o600); err != nil {
		t.Fatal(err)
	}
	// -e write prints the bytes, whether strace knows them or not.
	cmd := exec.Command(strace, "-f", "-xx", "-e", "trace=socket,setsockopt,sendto", "-e", "write=all", python, file)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	need.Need(t, !strings.Contains(string(out), "no namespace"), "no user namespaces")
	if err != nil && cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("%v: %s", err, out)
	}
	fd := regexp.MustCompile(`\((\d+), | = \d+$`)
	bare := func(s string) string { return fd.ReplaceAllString(s, "(") }
	said := map[string]bool{}
	dump := ""
	for l := range strings.Lines(string(out)) {
		l = strings.TrimRight(l, "\n")
		if m := dumped.FindStringSubmatch(l); m != nil {
			if m[1] == "00000" {
				said[dump], dump = true, ""
			}
			dump += strings.ReplaceAll(m[2], " ", "")
			continue
		}
		said[bare(l)] = true
	}
	said[dump] = true
	calls := 0
	for l := range strings.Lines(written(t, p, "strace")) {
		l = strings.TrimRight(l, "\n")
		if strings.HasPrefix(l, "/*") {
			continue
		}
		calls++
		if !strings.HasPrefix(l, "sendto(") {
			if !said[bare(l)] {
				t.Errorf("strace does not print %s", l)
			}
			continue
		}
		_, text, _ := strings.Cut(l, `"`)
		text, _, _ = strings.Cut(text, `"`)
		raw, err := hex.DecodeString(strings.ReplaceAll(text, `\x`, ""))
		if err != nil {
			t.Fatal(err)
		}
		if sent := hex.EncodeToString(raw); !said[sent] && !patched(p, sent) {
			t.Errorf("strace sees nobody send %s", sent)
		}
	}
	if calls < 10 {
		t.Errorf("only %d system calls", calls)
	}
}

// dumped is a line of what -e write prints.
var dumped = regexp.MustCompile(`^ \| ([0-9a-f]{5,})  ((?:[0-9a-f]{2} {1,2}){1,16})`)

// patched says whether a request is sent with other bytes than the capture's.
func patched(p *Program, sent string) bool {
	for i := range p.Requests {
		if r := &p.Requests[i]; hex.EncodeToString(r.Data) == sent {
			return len(r.Rewrites) > 0
		}
	}
	return false
}

// syzCalls are the calls that syzkaller's descriptions have of those that are
// needed (sys/linux/socket.txt and socket_netlink.txt), and their arguments: a
// resource, a constant, or bytes.
var syzCalls = map[string]string{"socket$netlink": "ccc", "setsockopt": "rccbc", "sendto": "rbcccc"}

// TestSyz: a program has only calls that syzkaller describes, with the arguments
// that they take, and resources that are made before.
func TestSyz(t *testing.T) {
	line := regexp.MustCompile(`^(?:(r\d+) = )?([a-z$_]+)\((.*)\)$`)
	arg := map[byte]*regexp.Regexp{'r': regexp.MustCompile(`^r\d+$`), 'c': regexp.MustCompile(`^0x[0-9a-f]+$`), 'b': regexp.MustCompile(`^&\(0x7f[0-9a-f]{10}\)="((?:[0-9a-f]{2})+)"$`)}
	for _, file := range []string{"tour.pcapng", "nft_all.pcap", "ethtool_all.pcap"} {
		_, _, p := program(t, file)
		made := map[string]bool{}
		sends := 0
		for l := range strings.Lines(written(t, p, "syz")) {
			l = strings.TrimRight(l, "\n")
			if strings.HasPrefix(l, "#") {
				continue
			}
			m := line.FindStringSubmatch(l)
			if m == nil || syzCalls[m[2]] == "" {
				t.Fatalf("%s: syzkaller has no such call: %.100s", file, l)
			}
			args := strings.Split(m[3], ", ")
			if len(args) != len(syzCalls[m[2]]) {
				t.Fatalf("%s: %d arguments: %.100s", file, len(args), l)
			}
			for i, a := range args {
				x := arg[syzCalls[m[2]][i]].FindStringSubmatch(a)
				if x == nil || syzCalls[m[2]][i] == 'r' && !made[a] {
					t.Errorf("%s: argument %d: %.100s", file, i+1, l)
				}
			}
			if m[1] != "" {
				made[m[1]] = true
			}
			if m[2] == "sendto" {
				sends++
			}
		}
		if sends != len(p.Requests) {
			t.Errorf("%s: %d of %d requests", file, sends, len(p.Requests))
		}
	}
}
