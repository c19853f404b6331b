package outfile

import (
	"errors"
	"io/fs"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// rename gives a file another name, which nothing may have.
func rename(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if unsupported(err) {
		return link(from, to)
	}
	return err
}

// replace puts a file in the place of another, and takes it back if that was
// not the one.
func replace(from, to string, was fs.FileInfo) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_EXCHANGE)
	if unsupported(err) {
		return exchange(from, to, was)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return rename(from, to) // it went away
	}
	if err != nil {
		return err
	}
	if st, err := os.Lstat(from); err != nil || !os.SameFile(st, was) {
		return errors.Join(fs.ErrExist, unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_EXCHANGE))
	}
	return os.Remove(from)
}

// hold keeps the inode of a file from being given to another, by which that
// would be taken for it, until the function that it returns is called.
func hold(path string) func() {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return func() {}
	}
	return sync.OnceFunc(func() { _ = unix.Close(fd) })
}

func unsupported(err error) bool {
	return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP)
}
