//go:build linux

package nlmon

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/internal/caps"
)

// NoModuleError says that the kernel has no nlmon interfaces.
type NoModuleError struct {
	// Release is the running kernel's (uname -r).
	Release string
	// Installed says that the module's file is there, but was not loaded.
	Installed bool
}

func (e *NoModuleError) Error() string {
	if e.Installed {
		return "the kernel module nlmon is installed but was not loaded"
	}
	return "kernel " + e.Release + " has no module nlmon"
}

// CapabilityError says which capabilities something needs and this process
// does not have.
type CapabilityError struct {
	Doing   string
	Missing []string // as in capabilities(7)
	err     error
}

func (e *CapabilityError) Error() string {
	return e.Doing + " needs " + strings.Join(e.Missing, " and ")
}
func (e *CapabilityError) Unwrap() error { return e.err }

// NotNlmonError says that an interface carries something other than netlink.
type NotNlmonError struct{ Name, Kind string }

func (e *NotNlmonError) Error() string {
	if e.Kind == "" {
		return e.Name + " is not an nlmon interface"
	}
	return e.Name + " is not an nlmon interface but " + e.Kind
}

// NoInterfaceError says that there is no interface of a name.
type NoInterfaceError struct {
	Name string
	Have []string // the nlmon interfaces that there are
}

func (e *NoInterfaceError) Error() string { return "no interface called " + e.Name }

// GoneError says that what was captured went away under the capture.
type GoneError struct {
	What string // "interface nlmon0", "network namespace blue"
	err  error
}

func (e *GoneError) Error() string { return e.What + " " + e.err.Error() + " during the capture" }
func (e *GoneError) Unwrap() error { return e.err }

// IsDown reports whether the interface is still there, but down.
func (e *GoneError) IsDown() bool { return errors.Is(e.err, errDown) }

// refused explains what the kernel did not let us do. need is what it asks for.
func refused(doing string, need int, err error) error {
	if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	e := &CapabilityError{Doing: doing, err: err}
	have, _ := caps.Effective()
	for _, c := range []int{unix.CAP_NET_RAW, unix.CAP_NET_ADMIN, unix.CAP_SYS_ADMIN} {
		if c == need || c != unix.CAP_SYS_ADMIN && !have.Has(c) {
			e.Missing = append(e.Missing, capNames[c])
		}
	}
	return e
}

var capNames = map[int]string{unix.CAP_NET_RAW: "CAP_NET_RAW", unix.CAP_NET_ADMIN: "CAP_NET_ADMIN", unix.CAP_SYS_ADMIN: "CAP_SYS_ADMIN"}

// createError explains why there is no new interface.
func createError(err error) error {
	if !errors.Is(err, unix.EOPNOTSUPP) { // "Unknown device type"
		return refused("creating an nlmon interface", unix.CAP_NET_ADMIN, err)
	}
	var u unix.Utsname
	_ = unix.Uname(&u)
	release := unix.ByteSliceToString(u.Release[:])
	return &NoModuleError{Release: release, Installed: hasModule("/lib/modules/"+release+"/modules.dep", kind)}
}

// hasModule looks for a module in a list of depmod's.
func hasModule(list, name string) bool {
	f, err := os.Open(list)
	if err != nil {
		return false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		path, _, _ := strings.Cut(lines.Text(), ":")
		if strings.HasPrefix(path[strings.LastIndexByte(path, '/')+1:], name+".ko") {
			return true
		}
	}
	return false
}
