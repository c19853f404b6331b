//go:build linux

// Package caps looks at the capabilities of this process and gives them up.
package caps

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrThreads is returned where the program is linked with cgo: then the Go
// runtime cannot make every thread give up its capabilities.
var ErrThreads = errors.New("this build uses cgo and cannot give up capabilities; build it with CGO_ENABLED=0")

// Set is a set of capabilities, a bit for each number of linux/capability.h.
type Set uint64

// Of makes a set.
func Of(list ...int) (s Set) {
	for _, c := range list {
		s |= 1 << c
	}
	return s
}

// Has reports whether c is in s.
func (s Set) Has(c int) bool { return s&(1<<c) != 0 }

// Effective returns the capabilities that the calling thread can use.
func Effective() (Set, error) {
	h := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var d [2]unix.CapUserData
	if err := unix.Capget(&h, &d[0]); err != nil {
		return 0, fmt.Errorf("capget: %w", err)
	}
	return Set(d[0].Effective) | Set(d[1].Effective)<<32, nil
}

// Keep gives up every capability but those in s, on every thread, for good.
func Keep(s Set) error {
	h := &unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	d := &[2]unix.CapUserData{
		{Effective: uint32(s), Permitted: uint32(s)},
		{Effective: uint32(s >> 32), Permitted: uint32(s >> 32)},
	}
	// Ambient capabilities cannot outlive permitted ones, and nothing is to
	// come back by way of a program that we might start.
	if err := all(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	err := all(unix.SYS_CAPSET, uintptr(unsafe.Pointer(h)), uintptr(unsafe.Pointer(d)))
	runtime.KeepAlive(h)
	runtime.KeepAlive(d)
	if err != nil {
		return fmt.Errorf("capset: %w", err)
	}
	return nil
}

// Pause lays down every capability on every thread until resume is called. What
// is executed meanwhile by root gets its capabilities nevertheless.
func Pause() (resume func(), err error) {
	h := &unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var d [2]unix.CapUserData
	if err := unix.Capget(h, &d[0]); err != nil {
		return nil, fmt.Errorf("capget: %w", err)
	}
	set := func(d *[2]unix.CapUserData) error {
		err := all(unix.SYS_CAPSET, uintptr(unsafe.Pointer(h)), uintptr(unsafe.Pointer(d)))
		runtime.KeepAlive(h)
		runtime.KeepAlive(d)
		return err
	}
	none := d
	none[0].Effective, none[1].Effective = 0, 0
	if err := set(&none); err != nil {
		return nil, fmt.Errorf("capset: %w", err)
	}
	return func() { _ = set(&d) }, nil
}

func all(trap, a1, a2 uintptr) error {
	_, _, errno := syscall.AllThreadsSyscall6(trap, a1, a2, 0, 0, 0, 0)
	switch errno {
	case 0:
		return nil
	case syscall.ENOTSUP:
		return ErrThreads
	}
	return errno
}

// Invoker returns the user who ran this process with sudo.
func Invoker() (uid, gid int, ok bool) {
	if os.Getuid() != 0 {
		return 0, 0, false
	}
	uid, err1 := strconv.Atoi(os.Getenv("SUDO_UID"))
	gid, err2 := strconv.Atoi(os.Getenv("SUDO_GID"))
	return uid, gid, err1 == nil && err2 == nil && uid > 0 && gid >= 0
}

// Become turns this process into another user's, with no other groups than
// gid. Where that user is not root, all capabilities go with it.
func Become(uid, gid int) error {
	if err := syscall.Setgroups([]int{gid}); err != nil {
		return fmt.Errorf("setgroups: %w", err)
	}
	if err := syscall.Setresgid(gid, gid, gid); err != nil {
		return fmt.Errorf("setresgid: %w", err)
	}
	if err := syscall.Setresuid(uid, uid, uid); err != nil {
		return fmt.Errorf("setresuid: %w", err)
	}
	return nil
}
