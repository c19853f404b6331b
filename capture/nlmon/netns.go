//go:build linux

package nlmon

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// netns is a network namespace to capture in.
type netns struct {
	spec string // as the user named it, "" for our own
	path string
	// device and inode are what tells one namespace from another.
	device, inode uint64
	f             *os.File // to enter it, nil for our own
}

// openNetns opens a namespace by name as ip netns has it, by path, or as
// pid:N, that of a process. "" is our own.
func openNetns(spec string) (netns, error) {
	ns := netns{spec: spec, path: "/proc/thread-self/ns/net"}
	switch pid, isPID := strings.CutPrefix(spec, "pid:"); {
	case spec == "":
	case isPID:
		if n, err := strconv.Atoi(pid); err != nil || n <= 0 {
			return ns, &NamespaceError{Spec: spec, err: fmt.Errorf("%q is no process ID", pid)}
		}
		ns.path = "/proc/" + pid + "/ns/net"
	case strings.ContainsRune(spec, '/'):
		ns.path = spec
	default:
		ns.path = filepath.Join("/run/netns", spec)
	}
	f, err := os.Open(ns.path)
	if err != nil {
		if os.IsPermission(err) {
			return ns, refused("opening network namespace "+spec, unix.CAP_SYS_ADMIN, err)
		}
		return ns, &NamespaceError{Spec: spec, err: err}
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		f.Close()
		return ns, &NamespaceError{Spec: spec, err: err}
	}
	ns.device, ns.inode = uint64(st.Dev), st.Ino
	if spec == "" {
		f.Close()
		return ns, nil
	}
	if t, err := unix.IoctlRetInt(int(f.Fd()), unix.NS_GET_NSTYPE); err != nil || t != unix.CLONE_NEWNET {
		f.Close()
		return ns, &NamespaceError{Spec: spec, err: fmt.Errorf("%s is no network namespace", ns.path)}
	}
	ns.f = f
	return ns, nil
}

// HomeNetNS returns the inode number of this process's own network namespace, 0 if
// that cannot be told.
func HomeNetNS() uint64 {
	ns, _ := openNetns("")
	return ns.inode
}

// NetNS returns the inode number of a network namespace, named as in
// Options.Namespaces.
func NetNS(spec string) (uint64, error) {
	ns, err := openNetns(spec)
	if err == nil {
		ns.close()
	}
	return ns.inode, err
}

// inside runs do on a thread that is in the namespace. Sockets opened there
// stay there.
func (ns *netns) inside(do func() error) error {
	if ns.f == nil {
		return do()
	}
	result := make(chan error)
	go func() { result <- ns.enter(do) }()
	return <-result
}

// enter moves the calling goroutine's thread. If the thread cannot come back,
// it ends with the goroutine.
func (ns *netns) enter(do func() error) error {
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer home.Close()
	if err := unix.Setns(int(ns.f.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return refused("entering network namespace "+ns.spec, unix.CAP_SYS_ADMIN, err)
	}
	err = do()
	if unix.Setns(int(home.Fd()), unix.CLONE_NEWNET) == nil {
		runtime.UnlockOSThread()
	}
	return err
}

// exists reports whether the namespace can still be found where it was. A
// namespace lives as long as a socket in it, ours too, so this is what tells
// that it was deleted.
func (ns *netns) exists() bool {
	if ns.f == nil {
		return true
	}
	var st unix.Stat_t
	err := unix.Stat(ns.path, &st)
	if pid, ok := strings.CutPrefix(ns.spec, "pid:"); ok {
		// Without capabilities the namespace of a foreign process cannot be
		// looked at, but the process can.
		err = unix.Stat("/proc/"+pid, &st)
		return err != unix.ENOENT
	}
	if err != nil {
		return err != unix.ENOENT
	}
	return st.Ino == ns.inode
}

func (ns *netns) close() {
	if ns.f != nil {
		ns.f.Close()
	}
}

// NamespaceError says that a network namespace was not found.
type NamespaceError struct {
	Spec string
	err  error
}

func (e *NamespaceError) Error() string {
	if os.IsNotExist(e.err) {
		return "no network namespace " + e.Spec
	}
	return fmt.Sprintf("network namespace %s: %v", e.Spec, e.err)
}

func (e *NamespaceError) Unwrap() error { return e.err }
