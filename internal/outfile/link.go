package outfile

import (
	"errors"
	"io/fs"
	"os"
)

// link is rename for file systems without a renameat2(2) that replaces nothing.
func link(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// Neither are there hard links: looking is all that is left.
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}

// exchange is replace for these.
func exchange(from, to string, was fs.FileInfo) error {
	st, err := os.Lstat(to)
	if errors.Is(err, fs.ErrNotExist) {
		return link(from, to)
	}
	if err != nil || !os.SameFile(st, was) {
		return errors.Join(fs.ErrExist, err)
	}
	return os.Rename(from, to)
}
