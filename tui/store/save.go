package store

import (
	"errors"
	"io"
	"io/fs"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/internal/outfile"
)

// Exists says whether an error of Save is that the file is there already.
func Exists(err error) bool { return errors.Is(err, fs.ErrExist) }

// Save writes the frames of rows to a pcapng file, each once, and returns how
// many there are. It does not write over a file unless it is told to, and then
// only when all is written: the file may be the one that is being read.
func (s *Store) Save(path string, rows []int, over bool) (frames int, err error) {
	f, err := outfile.Create(path, over)
	if err != nil {
		return 0, err
	}
	frames, err = s.write(f, rows)
	if err == nil {
		err = f.Publish()
	}
	return frames, errors.Join(err, f.Close())
}

func (s *Store) write(f io.Writer, rows []int) (frames int, err error) {
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
