package main

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/internal/rotate"
)

// captureError gives the errors of a capture their hints.
func captureError(err error) error {
	var (
		capability *nlmon.CapabilityError
		module     *nlmon.NoModuleError
		none       *nlmon.NoInterfaceError
		other      *nlmon.NotNlmonError
		ns         *nlmon.NamespaceError
		gone       *nlmon.GoneError
		write      *rotate.WriteError
		left       *nlmon.LeftError
	)
	hint, ok := ebpfHint(err)
	switch {
	case err == nil:
		return nil
	case ok:
	case errors.As(err, &capability):
		hint = capabilityHint(capability)
	case errors.As(err, &module):
		hint = moduleHint(module)
	case errors.As(err, &none):
		hint = "leave out -i to have one made: sudo nlsniff capture"
		if len(none.Have) > 0 {
			hint = "there is " + strings.Join(none.Have, ", ")
		}
	case errors.As(err, &other):
		hint = "leave out -i to have one made: sudo nlsniff capture"
	case errors.As(err, &ns):
		hint = "ip netns lists the names; pid:N is the namespace of a process"
	case errors.As(err, &gone):
		hint = "all that came before is there"
		if gone.IsDown() {
			hint = "set it up again with ip link; a capture without -i has one of its own; all that came before is there"
		}
	case errors.As(err, &left):
		hint = "the capture is complete; remove it with sudo ip link del " + left.Names[0] + ", or leave it for the next capture, which takes it over"
	case errors.As(err, &write):
		hint = write.Hint()
	}
	if hint == "" {
		return err
	}
	return &hintError{err: err, hint: hint}
}

func capabilityHint(e *nlmon.CapabilityError) string {
	list := "cap_net_raw,cap_net_admin"
	if slices.Contains(e.Missing, "CAP_SYS_ADMIN") {
		list += ",cap_sys_admin"
	}
	if os.Getuid() == 0 {
		return "this root has lost them, as in a container: give it --cap-add NET_RAW --cap-add NET_ADMIN, or capture on the host with --netns pid:N"
	}
	self, err := os.Executable()
	if err != nil {
		self = "nlsniff"
	}
	return "run it with sudo, or once: sudo setcap " + list + "+ep " + self
}

func moduleHint(e *nlmon.NoModuleError) string {
	if e.Installed {
		return "sudo modprobe nlmon (on the host, if this is a container)"
	}
	return moduleCommand(osIDs()) + "; or build the kernel with CONFIG_NLMON=m"
}

// moduleCommand installs the kernel's modules on a distribution.
func moduleCommand(ids []string) string {
	for _, id := range ids {
		switch id {
		case "ubuntu":
			return "sudo apt install linux-modules-extra-$(uname -r)"
		case "debian":
			return "sudo apt install linux-image-amd64 and boot it: the cloud kernel leaves nlmon out"
		case "fedora", "rhel", "centos":
			return "sudo dnf install kernel-modules-extra"
		}
	}
	return "install all modules of the kernel"
}

// osIDs returns the distribution and what it is like, from os-release(5).
func osIDs() []string {
	b, _ := os.ReadFile("/etc/os-release")
	var ids []string
	for line := range strings.Lines(string(b)) {
		name, val, _ := strings.Cut(strings.TrimSpace(line), "=")
		if name == "ID" || name == "ID_LIKE" {
			ids = append(ids, strings.Fields(strings.Trim(val, `"'`))...)
		}
	}
	return ids
}
