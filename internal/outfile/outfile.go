// Package outfile writes files in folders that others may write to as well. A
// file is made under a name of its own, exclusively and for its owner alone, and
// gets the name that was asked for when it is worth it, in one step. So nobody
// else's file or link is written to, and what was there before stays whole until
// then.
package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrLink is returned for a symbolic link in a folder where somebody else may
// have made it.
var ErrLink = errors.New("a symbolic link in a folder where others can make links is not followed")

// File is a file that is being written.
type File struct {
	*os.File
	path   string      // as was asked for
	target string      // what path leads to
	was    fs.FileInfo // what was there
	named  bool        // it has its name
	hold   func()      // lets go of what was there
}

// maxLinks bounds how many links are followed, as path_resolution(7) does.
const maxLinks = 40

// Create begins a file for path. What is there already is an fs.ErrExist unless
// over is set; what is no file, such as a pipe or a device, is opened as it is.
// Errors are *fs.PathError with path in them.
func Create(path string, over bool) (*File, error) {
	f := &File{path: path, hold: func() {}}
	if err := f.create(over); err != nil {
		f.hold()
		return nil, f.explain("open", err)
	}
	return f, nil
}

func (f *File) create(over bool) (err error) {
	asItIs := false
	if f.target, asItIs, err = follow(f.path); err != nil {
		return err
	}
	if f.was, err = os.Lstat(f.target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch {
	case asItIs, f.was != nil && !f.was.Mode().IsRegular():
		f.named = true
		f.File, err = os.OpenFile(f.target, os.O_WRONLY, 0)
		return err
	case f.was != nil && !over:
		return fs.ErrExist
	}
	if f.was != nil {
		f.hold = hold(f.target)
	}
	f.File, err = os.CreateTemp(filepath.Dir(f.target), ".nlsniff-*") // O_EXCL, 0600
	if f.was != nil && errors.Is(err, fs.ErrPermission) {
		return f.inPlace()
	}
	return err
}

// inPlace writes over a file in a folder that takes no new ones.
func (f *File) inPlace() (err error) {
	if f.File, err = os.OpenFile(f.target, os.O_WRONLY|noFollow, 0); err != nil {
		return err
	}
	now, err := f.Stat()
	if err == nil && !os.SameFile(now, f.was) {
		err = fs.ErrExist
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err != nil {
		f.File.Close()
	}
	f.named = true
	return err
}

// follow resolves symbolic links, where nobody else can have made them. asItIs
// is set for what the kernel says that this process has open.
func follow(path string) (target string, asItIs bool, err error) {
	for range maxLinks {
		st, err := os.Lstat(path)
		if err != nil || st.Mode()&fs.ModeSymlink == 0 {
			return path, false, nil // if there is an error, it comes again
		}
		dir, err := filepath.Abs(filepath.Dir(path))
		if err != nil {
			return "", false, err
		}
		if strings.HasPrefix(dir, "/proc/") || strings.HasPrefix(dir, "/dev/fd") {
			return path, true, nil
		}
		if !private(dir) {
			return "", false, ErrLink
		}
		next, err := os.Readlink(path)
		if err != nil {
			return "", false, err
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return "", false, fmt.Errorf("more than %d symbolic links", maxLinks)
}

// Publish gives the file its name, once. What was there when it was created is
// replaced; what came meanwhile is not.
func (f *File) Publish() error {
	if f.named {
		return nil
	}
	var err error
	if f.was != nil {
		if err = f.Sync(); err == nil {
			err = replace(f.File.Name(), f.target, f.was)
		}
	} else {
		err = rename(f.File.Name(), f.target)
	}
	if err != nil {
		return f.explain("rename", err)
	}
	f.named = true
	return nil
}

// Close closes the file. One that has no name yet is gone.
func (f *File) Close() error {
	f.hold()
	err := f.File.Close()
	if !f.named {
		err = errors.Join(err, os.Remove(f.File.Name()))
	}
	return err
}

// Write is that of os.File, with the file's own name in its errors.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	if err != nil {
		err = f.explain("write", err)
	}
	return n, err
}

func (f *File) explain(op string, err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		op, err = p.Op, p.Err
	case errors.As(err, &l):
		op, err = l.Op, l.Err
	}
	return &fs.PathError{Op: op, Path: f.path, Err: err}
}

// Replace writes a whole file in place of the one that is there, if any.
func Replace(path string, b []byte) error {
	f, err := Create(path, true)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Publish()
	}
	return errors.Join(err, f.Close())
}
