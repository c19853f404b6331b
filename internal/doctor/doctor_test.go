package doctor

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

const release = "6.12.1-test"

// root makes a root folder of paths and their texts.
func root(files ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		m[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return m
}

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	z.Close()
	return b.String()
}

// find returns a check by name.
func find(t *testing.T, s *System, name string) Check {
	t.Helper()
	for _, c := range s.Run() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check is called %s", name)
	return Check{}
}

const full = 1<<12 | 1<<13 | 1<<19 | 1<<21 | 1<<38 | 1<<39

func TestChecks(t *testing.T) {
	const dir, dep = "lib/modules/" + release + "/", "kernel/drivers/net/nlmon.ko.xz:\nkernel/net/x.ko: kernel/net/y.ko\n"
	caps := func(set uint64) System {
		return System{Capabilities: set, HasCapabilities: true, UID: 1000, Binary: "/bin/nlsniff"}
	}
	noCaps := caps(0)
	programs := func(errs ...error) func() []Program {
		return func() (out []Program) {
			for i, err := range errs {
				if err != nil {
					err = fmt.Errorf("load program: %w", err)
				}
				out = append(out, Program{Name: []string{"fentry", "kprobe"}[i], Err: err})
			}
			return out
		}
	}
	term := func(cols, rows, colors int, env ...string) Terminal {
		return Terminal{Is: cols > 0, Cols: cols, Rows: rows, Colors: colors, Env: func(name string) string {
			for i := 0; i < len(env); i += 2 {
				if env[i] == name {
					return env[i+1]
				}
			}
			return ""
		}}
	}
	monitor := func(flags string) fstest.MapFS {
		return root("sys/class/net/nlmon7/type", "824\n", "sys/class/net/nlmon7/flags", flags+"\n", "sys/class/net/lo/type", "772\n", "sys/class/net/lo/flags", "0x9\n")
	}
	tests := []struct {
		check      string
		s          System
		files      fstest.MapFS
		state      State
		text, hint string
	}{
		{"kernel", System{Sysname: "Linux", Machine: "x86_64"}, nil, Yes, "Linux 6.12.1-test x86_64", ""},
		{"nlmon", System{}, nil, Unknown, "can be seen from here", "ip link add"},
		{"nlmon", System{}, root("sys/module/nlmon/refcnt", "0"), Yes, "the module is loaded", ""},
		{"nlmon", System{}, root(dir+"modules.builtin", "kernel/drivers/net/nlmon.ko\n"), Yes, "built into", ""},
		{"nlmon", System{}, root(dir+"modules.dep", dep), Yes, "is loaded when it is needed", ""},
		{"nlmon", System{}, root(dir+"modules.dep", dep, "proc/sys/kernel/modules_disabled", "1\n"), No, "loads no more modules", "after the next boot"},
		{"nlmon", System{ModuleHint: "apt install it"}, root(dir+"modules.dep", "kernel/net/xnlmon.ko:\n"), No, "is not installed", "apt install it"},
		{"nlmon", System{}, root("proc/config.gz", packed("CONFIG_NET=y\n# CONFIG_NLMON is not set\n")), No, "built without it", "CONFIG_NLMON=m"},
		{"nlmon", System{}, root("boot/config-"+release, "CONFIG_NET=y\nCONFIG_NLMON=m\n"), No, "not installed here", "install all modules"},
		{"nlmon", System{}, root("boot/config-"+release, "CONFIG_NET=y\nCONFIG_NLMON=y\n"), Yes, "built into", ""},
		{"nlmon", System{}, root("proc/config.gz", "no gzip"), Unknown, "", ""},
		{"packet socket", System{PacketSocket: func() error { return nil }}, nil, Yes, "can be opened", ""},
		{"packet socket", System{PacketSocket: func() error { return syscall.EPERM }}, nil, No, "operation not permitted", "CAP_NET_RAW below"},
		{"packet socket", System{PacketSocket: func() error { return syscall.EPERM }, Capabilities: full, HasCapabilities: true}, nil, No, "", "sandbox"},
		{"controller", System{Families: func() ([]string, error) { return []string{"nlctrl", "b", "a"}, nil }, Described: func(n string) bool { return n == "nlctrl" }}, nil, Yes, "3 generic families are registered; guessed by what the kernel tells, not described: a, b", ""},
		{"controller", System{Families: func() ([]string, error) { return nil, syscall.EPROTONOSUPPORT }}, nil, No, "protocol not supported", "files can be read"},
		{"BTF", System{}, nil, Unknown, "/sys is not there", ""},
		{"BTF", System{}, root("sys/kernel/x", ""), No, "does not show", "CONFIG_DEBUG_INFO_BTF"},
		{"BTF", System{}, root("sys/kernel/btf/vmlinux", "xx", "sys/kernel/btf/nlmon", "x"), Yes, "of 1 modules", ""},
		{"eBPF", System{}, nil, Unknown, "not tried", ""},
		{"eBPF", System{Programs: programs(nil, nil)}, nil, Yes, "programs that load: fentry, kprobe", ""},
		{"eBPF", System{Programs: programs(syscall.EPERM, nil)}, nil, Yes, "programs that load: kprobe; not: fentry (operation not permitted)", ""},
		{"eBPF", System{Programs: programs(syscall.EPERM)}, nil, No, "fentry (operation not permitted)", "CAP_BPF"},
		{"eBPF", System{Programs: programs(syscall.EPERM), Capabilities: full, HasCapabilities: true}, nil, No, "", "sandbox"},
		{"eBPF", System{Programs: programs(syscall.ENOSYS)}, nil, No, "not implemented", "CONFIG_BPF_SYSCALL"},
		{"eBPF", System{Programs: programs(nil)}, root("sys/kernel/security/lockdown", "none integrity [confidentiality]\n"), No, "locked down", "boot without"},
		{"eBPF", System{Programs: programs(syscall.EPERM), Capabilities: full, HasCapabilities: true}, root("proc/self/uid_map", "0 1000 1\n"), No, "", "user namespace is why"},
		{"ptrace", noCaps, root("proc/self/status", ""), Yes, "the same user", ""},
		{"ptrace", noCaps, nil, Unknown, "/proc is not there", ""},
		{"ptrace", noCaps, root("proc/sys/kernel/yama/ptrace_scope", "1\n"), Yes, "programs that nlsniff starts", "ptrace_scope=0"},
		{"ptrace", caps(full), root("proc/sys/kernel/yama/ptrace_scope", "2\n"), Yes, "thanks to", ""},
		{"ptrace", noCaps, root("proc/sys/kernel/yama/ptrace_scope", "2\n"), No, "needs CAP_SYS_PTRACE", "sudo"},
		{"ptrace", caps(full), root("proc/sys/kernel/yama/ptrace_scope", "3\n"), No, "until the next boot", "reboot"},
		{"ptrace", noCaps, root("proc/sys/kernel/yama/ptrace_scope", "9\n"), Unknown, "is 9", ""},
		{"CAP_NET_RAW", noCaps, nil, No, "missing", "setcap cap_net_raw,cap_net_admin+ep /bin/nlsniff"},
		{"CAP_NET_RAW", System{}, nil, Unknown, "cannot be read", ""},
		{"CAP_NET_RAW", System{HasCapabilities: true}, nil, No, "missing", "--cap-add NET_RAW"},
		{"CAP_BPF", caps(full), nil, Yes, "loads eBPF programs", ""},
		{"user namespace", System{}, nil, Unknown, "", ""},
		{"user namespace", System{}, root("proc/self/uid_map", "         0          0 4294967295\n"), Yes, "the machine's own", ""},
		{"user namespace", System{}, root("proc/self/uid_map", "0 1000 1\n"), No, "made in it only", "on the host"},
		{"network namespaces", noCaps, nil, Yes, "none has a name", ""},
		{"network namespaces", caps(full), root("run/netns/blue", "", "run/netns/red", ""), Yes, "blue, red", ""},
		{"network namespaces", noCaps, root("run/netns/blue", ""), No, "blue", "CAP_SYS_ADMIN"},
		{"terminal", System{}, nil, No, "not a terminal", "lines"},
		{"terminal", System{Terminal: term(120, 40, 0)}, nil, Yes, "120 columns, 40 rows", ""},
		{"terminal", System{Terminal: term(20, 40, 0)}, nil, No, "20 columns", "60 columns"},
		{"colour", System{Terminal: term(80, 24, 1<<24)}, nil, Yes, "24-bit", ""},
		{"colour", System{Terminal: term(80, 24, 256)}, nil, Yes, "256 colours", "COLORTERM"},
		{"colour", System{Terminal: term(80, 24, 0, "TERM", "dumb")}, nil, No, "(dumb)", "TERM="},
		{"colour", System{Terminal: term(80, 24, 256, "NO_COLOR", "1")}, nil, No, "NO_COLOR", "unset"},
		{"UTF-8", System{Terminal: term(80, 24, 0, "LC_ALL", "C", "LANG", "en_US.UTF-8")}, nil, No, "LC_ALL=C", "LANG="},
		{"UTF-8", System{Terminal: term(80, 24, 0, "LANG", "de_DE.utf8")}, nil, Yes, "LANG=de_DE.utf8", ""},
		{"capture", System{}, nil, Unknown, "depends on nlmon", "see below"},
		{"capture", caps(full), root("sys/module/nlmon/x", ""), Yes, "works", ""},
		{"capture", caps(1 << 13), monitor("0x1"), Yes, "through nlmon7, which is there", ""},
		{"capture", caps(1 << 13), monitor("0x0"), No, "CAP_NET_ADMIN is missing", "see below"},
		{"capture", noCaps, monitor("0x1"), No, "CAP_NET_RAW is missing", "see below"},
		{"nlmon", noCaps, monitor("0x1"), Yes, "nlmon7 is there, and up", ""},
		{"capture", System{Capture: func() (string, error) { return "nlmon7", nil }}, nil, Yes, "came by on nlmon7", ""},
		{"capture", System{Capture: func() (string, error) { return "", errors.New("no frame came") }}, nil, No, "does not work: no frame came", "see below"},
		{"capture with eBPF", System{EBPF: func() ([]Fact, string, error) { return nil, "", nil }}, nil, Yes, "came by", ""},
		{"capture with eBPF", System{EBPF: func() ([]Fact, string, error) { return nil, "sudo", syscall.EPERM }}, nil, No, "operation not permitted", "sudo"},
		{"capture", noCaps, root("sys/module/nlmon/x", ""), No, "CAP_NET_RAW is missing, and CAP_NET_ADMIN", "see below"},
	}
	for i, tt := range tests {
		s := tt.s
		s.Release = release
		if tt.files != nil {
			s.Root = tt.files
		}
		c := find(t, &s, tt.check)
		if c.State != tt.state || !strings.Contains(c.Text, tt.text) || c.Text == "" || !strings.Contains(c.Hint, tt.hint) || tt.state == Yes && tt.hint == "" && c.Hint != "" {
			t.Errorf("%d: %s: %+v; want %s, %q, hint %q", i, tt.check, c, tt.state, tt.text, tt.hint)
		}
	}
}

// Nothing at all is known of a machine: every line says so.
func TestNothing(t *testing.T) {
	checks := (&System{}).Run()
	if len(checks) < 15 {
		t.Errorf("%d checks", len(checks))
	}
	for _, c := range checks {
		if c.Text == "" || c.State == Yes && c.Name != "network namespaces" {
			t.Errorf("%+v", c)
		}
	}
	if b, err := json.Marshal(checks[0]); err != nil || !strings.Contains(string(b), `"state":"unknown"`) {
		t.Errorf("%s, %v", b, err)
	}
}

// broken is a file system that fails in every way.
type broken struct{}

func (broken) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("i/o error")}
}

func TestBrokenRoot(t *testing.T) {
	if checks := (&System{Root: broken{}, Release: release}).Run(); len(checks) < 15 {
		t.Errorf("%d checks", len(checks))
	}
}
