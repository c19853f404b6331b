package livetest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/nlsniff/nlsniff/internal/vmtest"
)

// message is what the JSON of a message says, as far as the tests ask.
type message struct {
	Frame    int
	Protocol string
	Nlmsg    struct{ Type any }
	Genl     *struct {
		Family *string
		Cmd    any
	}
	Process  struct{ NetNS uint64 }
	Findings []struct{ Severity, Code, Text string }
}

func messages(t *testing.T, jsonl string) (out []message) {
	t.Helper()
	for line := range strings.Lines(jsonl) {
		var m message
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		out = append(out, m)
	}
	return out
}

// laterFamily loads a module in the middle of a capture: what is said in its
// family has the name from the first message on, on the screen and in the
// file.
func laterFamily(t *testing.T) {
	if strings.Contains(sh(t, "cat /proc/modules"), "macsec ") {
		t.Fatal("macsec is there already")
	}
	path := filepath.Join(vmtest.Dir(), "later.pcapng")
	p := capture(t, "-w", path, "-P", "-T", "jsonl")
	sh(t, `modprobe macsec
		ip link add ms0 type dummy; ip link add link ms0 name ms1 type macsec
		ip macsec add ms1 tx sa 0 pn 1 on key 01 12345678901234567890123456789012; ip macsec show; ip link del ms0`)
	p.ends(p.signal(syscall.SIGINT), 0)
	for where, text := range map[string]string{"printed": p.stdout.String(), "in the file": sh(t, program+" read -T jsonl "+path)} {
		n := 0
		for _, m := range messages(t, text) {
			switch {
			case m.Genl == nil:
			case m.Genl.Family == nil:
				t.Errorf("%s: frame %d has no family", where, m.Frame)
			case *m.Genl.Family == "macsec":
				if cmd, ok := m.Genl.Cmd.(string); !ok || !strings.HasPrefix(cmd, "MACSEC_CMD_") {
					t.Errorf("%s: frame %d has the command %v", where, m.Frame, m.Genl.Cmd)
				}
				n++
			}
		}
		if n == 0 {
			t.Errorf("%s: no message of macsec's", where)
		}
	}
}

// namespaces captures in two at once, of which this process is in neither.
func namespaces(t *testing.T) {
	sh(t, "ip netns add red; ip netns add blue")
	defer sh(t, "ip netns del red; ip netns del blue")
	sleeper := start(t, "ip", "netns", "exec", "blue", "sleep", "1000")
	until(t, "the process is in its namespace", func() bool {
		return sh(t, "ip netns pids blue") != ""
	})
	path := filepath.Join(tmp, "namespaces.pcapng")
	p := capture(t, "-w", path, "--netns", "red", "--netns", "pid:"+strings.TrimSpace(sh(t, "ip netns pids blue")))
	p.says("in network namespace red")
	sh(t, "ip link add not_here type dummy; ip link del not_here")
	sh(t, "ip -n red link add in_red type dummy; ip -n blue link add in_blue type dummy")
	p.ends(p.signal(syscall.SIGINT), 0, ", 0 dropped by the kernel")
	sleeper.cmd.Process.Kill()

	list := frames(t, path)
	for what, want := range map[string]bool{"in_red\x00": true, "in_blue\x00": true, "not_here\x00": false} {
		if about(list, what) > 0 != want {
			t.Errorf("%q is in the capture: %v", what, !want)
		}
	}
	inode := map[string]uint64{}
	for _, f := range list {
		for _, name := range []string{"in_red", "in_blue"} {
			if strings.Contains(string(f.Data), name+"\x00") {
				inode[name] = f.Process.NetNS
			}
		}
	}
	for name, file := range map[string]string{"in_red": "/run/netns/red", "in_blue": "/run/netns/blue"} {
		st, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if want := st.Sys().(*syscall.Stat_t).Ino; inode[name] != want {
			t.Errorf("%s is said to be in namespace %d, not %d", name, inode[name], want)
		}
	}
	for _, ns := range []string{"red", "blue"} {
		if strings.Contains(sh(t, "ip -n "+ns+" link"), "nlsniff") {
			t.Errorf("an interface is left in %s", ns)
		}
	}
}

// decodeOnHost reads what was captured in a machine somewhere else, with
// nlsniff and with tshark: the files say what the numbers in them mean.
func decodeOnHost(t *testing.T, dir string) {
	want := []string{"nlctrl", "nl80211", "wireguard", "ethtool", "macsec"}
	var ours, theirs []string
	for _, name := range []string{"programs.pcapng", "later.pcapng"} {
		path := filepath.Join(dir, name)
		for _, m := range messages(t, sh(t, filepath.Join(dir, "nlsniff")+" read -T jsonl "+path)) {
			if m.Protocol == "" || strings.HasPrefix(m.Protocol, "NETLINK_") && strings.Trim(m.Protocol[8:], "0123456789") == "" {
				t.Errorf("%s: frame %d has the protocol %q", name, m.Frame, m.Protocol)
			}
			if _, ok := m.Nlmsg.Type.(string); !ok {
				t.Errorf("%s: frame %d has the type %v", name, m.Frame, m.Nlmsg.Type)
			}
			for _, f := range m.Findings {
				// Programs send some things that are odd, but are all known.
				if f.Severity == "error" || strings.Contains(f.Code, "unknown") {
					t.Errorf("%s: frame %d: %s (%s)", name, m.Frame, f.Text, f.Code)
				}
			}
			if m.Genl != nil && m.Genl.Family != nil && !slices.Contains(ours, *m.Genl.Family) {
				ours = append(ours, *m.Genl.Family)
			}
		}
		theirs = append(theirs, tsharkFamilies(t, path)...)
	}
	for _, family := range want {
		if !slices.Contains(ours, family) {
			t.Errorf("no message of %s is named", family)
		}
		if !slices.Contains(theirs, family) {
			t.Errorf("tshark names no message of %s", family)
		}
	}
	t.Logf("families: %s; tshark's: %s", strings.Join(ours, " "), strings.Join(slices.Compact(slices.Sorted(slices.Values(theirs))), " "))
}

// familyID is how tshark shows the type of a generic message, with the
// family's name if it knows that. The ids in the controller's answers have
// four digits.
var familyID = regexp.MustCompile(`(?m)^ +Family ID: 0x[1-9a-f][0-9a-f]*\b *(.*)$`)

// tsharkFamilies returns the families that tshark names, of which it has to
// know all.
func tsharkFamilies(t *testing.T, path string) (out []string) {
	t.Helper()
	for _, m := range familyID.FindAllStringSubmatch(sh(t, "tshark -r "+path+" -Y genl -V 2>/dev/null"), -1) {
		name := strings.Trim(m[1], "()")
		if name == "" {
			t.Errorf("%s: tshark does not know a family: %s", path, m[0])
		}
		out = append(out, name)
	}
	return out
}
