package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// Exists says whether an error of Save is that the file is there already.
func Exists(err error) bool { return errors.Is(err, fs.ErrExist) }

// Save writes the frames of rows to a pcapng file, each once, and returns how
// many there are. It does not write over a file unless it is told to, and then
// only when all is written: the file may be the one that is being read.
func (s *Store) Save(path string, rows []int, over bool) (frames int, err error) {
	if _, err := os.Lstat(path); err == nil && !over {
		return 0, &fs.PathError{Op: "save", Path: path, Err: fs.ErrExist}
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".nlsniff-*")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			os.Remove(tmp.Name())
		}
	}()
	frames, err = s.write(tmp, rows)
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return frames, err
	}
	os.Chmod(tmp.Name(), 0o644)
	return frames, os.Rename(tmp.Name(), path)
}

func (s *Store) write(f *os.File, rows []int) (frames int, err error) {
	w := pcapng.NewWriter(f, pcapng.Section{UserAppl: "nlsniff"})
	d := s.NewDecoder()
	d.inRow()
	last := -1
	for _, row := range rows {
		i, _, ok := d.find(row)
		if !ok {
			return frames, errGone
		}
		if i == last {
			continue
		}
		last = i
		if err := s.backing.load(i, d.session, d.run, &d.l); err != nil {
			return frames, err
		}
		if err := w.Write(&d.l.frame); err != nil {
			return frames, err
		}
		frames++
	}
	return frames, w.Close()
}
