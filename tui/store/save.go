package store

import (
	"errors"
	"io"
	"io/fs"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/internal/outfile"
	"github.com/nlsniff/nlsniff/internal/slice"
)

// Exists says whether an error of Save is that the file is there already.
func Exists(err error) bool { return errors.Is(err, fs.ErrExist) }

// Save writes the frames of rows to a file, each once, and with them those that
// they need to be read as here. The file is pcapng unless its name asks for pcap.
// It is not written over unless Save is told to, and then only when all is
// written: it may be the one that is being read.
func (s *Store) Save(path string, rows []int, over bool) (done slice.Written, err error) {
	f, err := outfile.Create(path, over)
	if err != nil {
		return done, err
	}
	done, err = s.write(f, slice.FormatOf(path), rows)
	if err == nil {
		err = f.Publish()
	}
	return done, errors.Join(err, f.Close())
}

func (s *Store) write(f io.Writer, format string, rows []int) (slice.Written, error) {
	n := slice.New(s.opt.DB)
	d := s.NewDecoder()
	d.inRow()
	last := -1
	for _, row := range rows {
		i, _, ok := d.find(row)
		if !ok {
			return slice.Written{}, errGone
		}
		if i == last {
			continue
		}
		last = i
		if err := s.backing.load(i, d.session, d.run, &d.l); err != nil {
			return slice.Written{}, err
		}
		n.Want(d.l.frame.Number)
	}
	if err := s.backing.pass(n.Pass); err != nil {
		return slice.Written{}, err
	}
	n.Settle()
	w := slice.NewWriter(f, format, n)
	err := s.backing.copyTo(w)
	if e := w.Close(); err == nil {
		err = e
	}
	return w.Written, err
}

// pass reads the file again, as far as it is there.
func (f *file) pass(each func(*capture.Frame, *dissect.Input)) error {
	r, err := pcapng.NewReader(f.again(), pcapng.Options{Events: true})
	if err != nil {
		return err
	}
	defer r.Close()
	f.s.mu.Lock()
	session := f.s.session.Fork()
	f.s.mu.Unlock()
	for {
		var x capture.Frame
		err := r.Next(&x)
		var damaged *capture.CorruptError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &damaged):
			continue
		case err != nil:
			return err
		}
		in := input(&x)
		if x.Event == nil {
			session.Prepare(&in, x.Stream())
		}
		each(&x, &in)
	}
}

func (f *file) copyTo(w *slice.Writer) error {
	var blocks slice.Blocks
	r, err := pcapng.NewReader(f.again(), blocks.Options())
	if err != nil {
		return err
	}
	defer r.Close()
	return w.Copy(r, &blocks)
}

// again reads the file from its beginning.
func (f *file) again() io.Reader { return io.NewSectionReader(f.in, 0, 1<<62) }

// pass goes through the frames that are kept.
func (r *ring) pass(each func(*capture.Frame, *dissect.Input)) error {
	return r.each(func(l *loaded) error { each(&l.frame, &l.input); return nil })
}

func (r *ring) copyTo(w *slice.Writer) error {
	r.s.mu.Lock()
	first := r.s.introduced
	r.s.mu.Unlock()
	for i := range first {
		if err := w.Introduce(&first[i]); err != nil {
			return err
		}
	}
	return r.each(func(l *loaded) error { return w.Write(&l.frame) })
}

// each calls do with all frames that are there now and still there when it is
// their turn.
func (r *ring) each(do func(*loaded) error) error {
	r.s.mu.Lock()
	i, end := r.gone, r.gone+r.n
	r.s.mu.Unlock()
	for ; i < end; i++ {
		var l loaded
		if r.load(i, nil, nil, &l) != nil {
			continue
		}
		if err := do(&l); err != nil {
			return err
		}
	}
	return nil
}
