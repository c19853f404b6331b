// Package smallpages keeps a capture's process free of huge pages, of which the
// kernel gives two megabytes for one byte that is touched: more than all that a
// capture to a file needs.
package smallpages

import (
	"bytes"
	"syscall"
)

// It is decided here and not in main, as the tables of other packages are touched
// before that: packages are initialised in the order of their paths as what they
// import is (Go's specification, "Program initialization"). This one imports so
// little, not even os, that it comes before any that has tables.
func init() {
	const disable = 41 // PR_SET_THP_DISABLE of linux/prctl.h
	if wanted(commandLine()) {
		_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, disable, 1, 0, 0, 0, 0)
	}
}

// commandLine returns the beginning of the command line, with a NUL behind each
// argument; "" if it cannot be read.
func commandLine() []byte {
	fd, err := syscall.Open("/proc/self/cmdline", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(fd)
	b := make([]byte, 4096)
	n, _ := syscall.Read(fd, b)
	return b[:max(n, 0)]
}

// wanted says whether a command line is that of a capture.
func wanted(line []byte) bool {
	_, args, _ := bytes.Cut(line, []byte{0})
	return bytes.HasPrefix(args, []byte("capture\x00"))
}
