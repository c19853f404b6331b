//go:build linux && amd64

package why

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/internal/vmtest"
)

// What testdata/refusals.txt needs of the kernels' modules.
var refusalModules = strings.Fields(`dummy veth bridge vxlan wireguard bonding vrf macvlan ipvlan macsec gtp xfrm_interface 8021q
	sch_htb sch_prio cls_matchall act_gact xfrm_user nf_tables nft_masq nft_chain_nat nf_conntrack_netlink nfnetlink_queue nfnetlink_log
	ip_set_hash_ip mac80211_hwsim l2tp_netlink fou team crypto_user tcp_diag unix_diag netlink_diag af_packet_diag mpls_router openvswitch ip_vs`)

// A row of testdata/refusals.txt.
type row struct {
	errno int32
	// The function that makes the errno, by the kernel's source, and after it
	// those that call it: one of these is right where the compiler put the
	// functions before it into it.
	truth []string
	// The kernels that have it, with commas; "" all.
	only    string
	command string
}

// readRefusals reads rows "ERRNO FUNCTION[<CALLER]... [KERNEL]: COMMAND".
// "+ COMMAND" prepares.
func readRefusals(t *testing.T) (rows []row) {
	f, err := os.Open("testdata/refusals.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	for in.Scan() {
		line := in.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		if c, ok := strings.CutPrefix(line, "+ "); ok {
			rows = append(rows, row{command: c})
			continue
		}
		head, command, ok := strings.Cut(line, ": ")
		words := strings.Fields(head)
		if !ok || len(words) < 2 {
			t.Fatalf("no row: %q", line)
		}
		r := row{truth: strings.Split(words[1], "<"), command: command}
		if len(words) > 2 {
			r.only = words[2]
		}
		if n, err := strconv.Atoi(words[0]); err == nil {
			r.errno = int32(-n)
		} else {
			for e := unix.Errno(1); e < 134 && r.errno == 0; e++ {
				if unix.ErrnoName(e) == words[0] || e == unix.EOPNOTSUPP && words[0] == "EOPNOTSUPP" {
					r.errno = -int32(e)
				}
			}
		}
		if r.errno == 0 {
			t.Fatalf("no errno: %q", line)
		}
		rows = append(rows, r)
	}
	return rows
}

// appendWord adds what a word of a raw request stands for: bytes in hex,
// zero:N, u32:N, str:TEXT, or TYPE=WORD, an attribute.
func appendWord(b []byte, w string) []byte {
	e := binary.NativeEndian
	kind, value, typed := strings.Cut(w, ":")
	n, _ := strconv.ParseUint(value, 0, 64)
	switch typ, inner, ok := strings.Cut(w, "="); {
	case ok:
		t, _ := strconv.ParseUint(typ, 0, 16)
		v := appendWord(nil, inner)
		b = e.AppendUint16(b, uint16(len(v)+4))
		b = e.AppendUint16(b, uint16(t))
		b = append(b, v...)
		return append(b, make([]byte, -len(v)&3)...)
	case typed && kind == "zero":
		return append(b, make([]byte, n)...)
	case typed && kind == "u32":
		return e.AppendUint32(b, uint32(n))
	case typed && kind == "str":
		return append(append(b, value...), 0)
	}
	v, _ := hex.DecodeString(w)
	return append(b, v...)
}

// ask sends a request and waits for the answer to it.
func ask(proto int, typ, flags uint16, body []byte) ([]byte, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, proto)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 2})
	e := binary.NativeEndian
	b := e.AppendUint32(nil, uint32(16+len(body)))
	b = e.AppendUint16(b, typ)
	b = e.AppendUint16(b, flags|unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	b = append(b, 1, 0, 0, 0, 0, 0, 0, 0)
	if err := unix.Sendto(fd, append(b, body...), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	in := make([]byte, 65536)
	n, _, err := unix.Recvfrom(fd, in, 0)
	if err != nil {
		return nil, err
	}
	return in[:n], nil
}

// perform runs a row's command: "raw PROTOCOL TYPE FLAGS WORD…" and "genl
// FAMILY COMMAND VERSION WORD…" are sent from here, others by a shell.
func perform(command string) (string, error) {
	w := strings.Fields(command)
	number := func(s string) int { n, _ := strconv.ParseUint(s, 0, 16); return int(n) }
	var body []byte
	switch w[0] {
	case "raw":
		for _, word := range w[4:] {
			body = appendWord(body, word)
		}
		_, err := ask(number(w[1]), uint16(number(w[2])), uint16(number(w[3])), body)
		return "", err
	case "genl":
		in, err := ask(unix.NETLINK_GENERIC, unix.GENL_ID_CTRL, 0, appendWord([]byte{unix.CTRL_CMD_GETFAMILY, 1, 0, 0}, "2=str:"+w[1]))
		if err != nil {
			return "", err
		}
		id := 0
		for at := 20; at+6 <= len(in) && binary.NativeEndian.Uint16(in[4:]) != 2; {
			n := int(binary.NativeEndian.Uint16(in[at:]))
			if binary.NativeEndian.Uint16(in[at+2:]) == unix.CTRL_ATTR_FAMILY_ID {
				id = int(binary.NativeEndian.Uint16(in[at+4:]))
			}
			at += max(4, (n+3)&^3)
		}
		if id == 0 {
			return "", fmt.Errorf("there is no family %s", w[1])
		}
		body = []byte{byte(number(w[2])), byte(number(w[3])), 0, 0}
		for _, word := range w[4:] {
			body = appendWord(body, word)
		}
		_, err = ask(unix.NETLINK_GENERIC, uint16(id), 0, body)
		return "", err
	}
	out, err := exec.Command("sh", "-c", command).CombinedOutput()
	return string(out), err
}

// put reports whether the compiler put a function into another: there is no
// such function, or the other does not call it.
func (p *Prober) put(callee, caller string) bool {
	there := map[uint64]bool{}
	for i := range p.symbols {
		if s := &p.symbols[i]; s.plainName() == callee && !strings.HasSuffix(s.name, ".cold") {
			there[s.addr] = true
		}
	}
	if len(there) == 0 {
		return true
	}
	for i := range p.symbols {
		s := &p.symbols[i]
		if s.plainName() != caller {
			continue
		}
		found := false
		calls(p.code.read(s.addr, p.symbols.end(i)), s.addr, func(target uint64) bool {
			found = found || there[target]
			return !found
		})
		if found {
			return false
		}
	}
	return true
}

func (p *Prober) right(truth []string, r *Reason) bool {
	for i, name := range truth {
		if r.Chain[0].Function == name {
			return true
		}
		if i+1 < len(truth) && !p.put(name, truth[i+1]) {
			return false
		}
	}
	return false
}

// The least that is right, in percent, of what is refused.
const rightPercent = 90

// Of every refusal whose place in the kernel's source is known, the place is
// found, or it is said that it is not sure.
func TestRefusalsInVM(t *testing.T) {
	vmtest.Run(t, vmtest.Test{
		Programs: []string{"modprobe", "ip", "tc", "bridge", "nft", "iw", "wg", "ethtool", "setpriv"},
		Timeout:  10 * time.Minute,
		Memory:   1536,
		Guest:    refusalsInGuest,
	})
}

func refusalsInGuest(t *testing.T) {
	kernel := os.Getenv("NLSNIFF_VMTEST")
	for _, m := range refusalModules {
		if kernel == "6.1" {
			break // which has no probes
		}
		if err := exec.Command("modprobe", m).Run(); err != nil {
			t.Logf("without the module %s", m)
		}
	}
	rows := readRefusals(t)
	for _, r := range rows { // modules are loaded by what needs them, before the probes
		if r.truth == nil && kernel != "6.1" {
			if out, err := perform(r.command); err != nil {
				t.Logf("%s: %v: %s", r.command, err, out)
			}
		}
	}
	p, err := Open()
	if kernel == "6.1" {
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Hint, "Linux 6.10") {
			t.Errorf("a kernel without probe sessions: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	t.Logf("%d functions, %.1f s", p.Functions, p.Took.Seconds())
	var refusals, right, flagged, wrong int
	for _, r := range rows {
		if r.truth == nil || r.only != "" && !slices.Contains(strings.Split(r.only, ","), kernel) {
			continue
		}
		p.mu.Lock()
		p.reasons = nil
		p.mu.Unlock()
		out, err := perform(r.command)
		// A tool may try this and that before; what it asks last counts.
		var reason Reason
		ok := false
		for end := time.Now().Add(2 * time.Second); !ok && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			p.mu.Lock()
			for _, q := range p.reasons {
				if q.Errno == r.errno {
					reason, ok = q, true
				}
			}
			p.mu.Unlock()
		}
		if !ok {
			t.Errorf("NOT REFUSED %s: %v %s %+v", r.command, err, strings.TrimSpace(out), p.reasons)
			continue
		}
		refusals++
		switch {
		case len(reason.Chain) > 0 && p.right(r.truth, &reason):
			right++
			t.Logf("right %s: %s", r.command, &reason)
		case len(reason.Chain) == 0 || reason.Sure == SurePassed || reason.Sure == SureUnknown || reason.Lost:
			flagged++
			t.Logf("FLAGGED %s: %s; it is %v", r.command, &reason, r.truth)
		default:
			wrong++
			t.Errorf("WRONG %s: %s; it is %v", r.command, &reason, r.truth)
		}
	}
	t.Logf("Linux %s: %d refusals, %d right, %d not sure, %d wrong", kernel, refusals, right, flagged, wrong)
	if refusals < 100 || right*100 < rightPercent*refusals {
		t.Errorf("%d of %d are right, want %d %% of at least 100", right, refusals, rightPercent)
	}
}
