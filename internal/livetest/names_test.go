//go:build linux

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

// decodeOnHost reads what was captured in a machine somewhere else, with
// nlsniff and with tshark: the files say what the numbers in them mean.
func decodeOnHost(t *testing.T, dir string) {
	want := []string{"nlctrl", "nl80211", "wireguard", "ethtool", "macsec"}
	var ours, theirs []string
	for _, name := range []string{"programs.pcapng", "later.pcapng"} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			t.Skip("-run has left out what is read here")
		}
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
