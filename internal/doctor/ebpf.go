package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/nlsniff/nlsniff/internal/barred"
)

// Program is a kind of eBPF program that was loaded, or what the kernel said
// instead.
type Program struct {
	Name string
	Err  error
}

// btf looks for the kernel's types, which eBPF programs are fitted to, and
// which give names to what is guessed.
func (s *System) btf() Check {
	c := Check{Name: "BTF"}
	if !s.exists("sys/kernel") {
		c.Text = "/sys is not there"
		return c
	}
	info, err := fs.Stat(s.Root, "sys/kernel/btf/vmlinux")
	if err != nil {
		c.State, c.Text, c.Hint = No, "the kernel does not show its types", "a kernel built with CONFIG_DEBUG_INFO_BTF=y, as distributions have it since 2021"
		return c
	}
	entries, _ := fs.ReadDir(s.Root, "sys/kernel/btf")
	c.State = Yes
	c.Text = fmt.Sprintf("the kernel shows its types (%.1f MiB), and those of %d modules", float64(info.Size())/(1<<20), max(0, len(entries)-1))
	return c
}

// ebpf tries which programs for tracing load.
func (s *System) ebpf() Check {
	c := Check{Name: "eBPF"}
	if s.Programs == nil {
		c.Text = "not tried"
		return c
	}
	var load, fail []string
	forbidden := false
	for _, p := range s.Programs() {
		if p.Err == nil {
			load = append(load, p.Name)
			continue
		}
		forbidden = forbidden || errors.Is(p.Err, fs.ErrPermission)
		fail = append(fail, p.Name+" ("+reason(p.Err)+")")
	}
	but := ""
	if len(fail) > 0 {
		but = "not: " + strings.Join(fail, ", ")
	}
	lockdown, lockedDown := barred.LockedDown(s.root())
	namespace, inNamespace := barred.UserNamespace(s.root())
	switch {
	case lockedDown:
		c.State, c.Text, c.Hint = No, lockdown.Why, lockdown.Hint
	case len(load) > 0:
		c.State, c.Text = Yes, "programs that load: "+strings.Join(load, ", ")
		if but != "" {
			c.Text += "; " + but
		}
	case forbidden && inNamespace:
		c.State, c.Text, c.Hint = No, but, namespace.Hint
	case forbidden && s.HasCapabilities && s.has(39) && s.has(38):
		c.State, c.Text, c.Hint = No, but, "the capabilities are there, so a sandbox (seccomp, LSM) forbids it"
	case forbidden:
		c.State, c.Text, c.Hint = No, but, "sudo; CAP_BPF and CAP_PERFMON since Linux 5.8, CAP_SYS_ADMIN before"
	default:
		c.State, c.Text, c.Hint = No, but, "a kernel built with CONFIG_BPF_SYSCALL=y and CONFIG_BPF_EVENTS=y"
	}
	return c
}

// reason is the innermost error, which is the kernel's word.
func reason(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
