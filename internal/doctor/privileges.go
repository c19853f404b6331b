package doctor

import (
	"fmt"
	"strings"
)

// capability is one that nlsniff has a use for.
type capability struct {
	number int // of linux/capability.h
	name   string
	use    string
}

var capabilities = []capability{
	{13, "CAP_NET_RAW", "opens the socket that captures"},
	{12, "CAP_NET_ADMIN", "makes the nlmon interface"},
	{21, "CAP_SYS_ADMIN", "enters other network namespaces; replaces BPF and PERFMON before Linux 5.8"},
	{39, "CAP_BPF", "loads eBPF programs"},
	{38, "CAP_PERFMON", "lets them trace the kernel"},
	{19, "CAP_SYS_PTRACE", "looks into other users' processes"},
}

func (s *System) has(number int) bool { return s.Capabilities&(1<<number) != 0 }

func (s *System) capabilities() []Check {
	var out []Check
	for _, k := range capabilities {
		c := Check{Name: k.name, State: No, Text: "missing; it " + k.use}
		switch {
		case !s.HasCapabilities:
			c.State, c.Text = Unknown, "the capabilities cannot be read; it "+k.use
		case s.has(k.number):
			c.State, c.Text = Yes, k.use
		case s.UID == 0:
			c.Hint = "this root has lost it, as in a container: --cap-add " + strings.TrimPrefix(k.name, "CAP_")
		default:
			c.Hint = "sudo, or once: sudo setcap cap_net_raw,cap_net_admin+ep " + s.binary()
			if k.number != 12 && k.number != 13 {
				c.Hint = "sudo"
			}
		}
		out = append(out, c)
	}
	return out
}

func (s *System) binary() string {
	if s.Binary != "" {
		return s.Binary
	}
	return "nlsniff"
}

// packet tries what the kernel says to a packet socket: a sandbox may forbid
// it even to whoever has the capability.
func (s *System) packet() Check {
	c := Check{Name: "packet socket"}
	if s.PacketSocket == nil {
		c.Text = "not tried"
		return c
	}
	if err := s.PacketSocket(); err != nil {
		c.State, c.Text = No, fmt.Sprintf("cannot be opened: %v", err)
		if s.HasCapabilities && s.has(13) {
			c.Hint = "CAP_NET_RAW is there, so a sandbox (seccomp, LSM) forbids it"
		} else {
			c.Hint = "see CAP_NET_RAW below"
		}
		return c
	}
	c.State, c.Text = Yes, "can be opened"
	return c
}

// ptrace says whose system calls may be watched
// (Documentation/admin-guide/LSM/Yama.rst).
func (s *System) ptrace() Check {
	c := Check{Name: "ptrace", State: Yes}
	scope := strings.TrimSpace(s.read("proc/sys/kernel/yama/ptrace_scope"))
	can := s.HasCapabilities && s.has(19)
	switch scope {
	case "", "0":
		c.Text = "processes of the same user may be traced"
		if scope == "" && !s.exists("proc/self") {
			c.State, c.Text = Unknown, "/proc is not there"
		}
	case "1":
		c.Text = "programs that nlsniff starts may be traced; those that run already only with CAP_SYS_PTRACE (kernel.yama.ptrace_scope = 1)"
		if can {
			c.Text = "all processes may be traced, thanks to CAP_SYS_PTRACE"
		} else {
			c.Hint = "sudo, or: sudo sysctl kernel.yama.ptrace_scope=0"
		}
	case "2":
		if can {
			c.Text = "all processes may be traced, thanks to CAP_SYS_PTRACE (kernel.yama.ptrace_scope = 2)"
			break
		}
		c.State, c.Text = No, "tracing needs CAP_SYS_PTRACE (kernel.yama.ptrace_scope = 2)"
		c.Hint = "sudo, or: sudo sysctl kernel.yama.ptrace_scope=1"
	case "3":
		c.State, c.Text = No, "nothing may be traced until the next boot (kernel.yama.ptrace_scope = 3)"
		c.Hint = "take the setting out of /etc/sysctl.d and reboot"
	default:
		c.State, c.Text = Unknown, "kernel.yama.ptrace_scope is "+scope
	}
	return c
}
