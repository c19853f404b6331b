package pcapng

import (
	"errors"
	"io"
	"os"

	"github.com/nlsniff/nlsniff/capture"
)

// Followed is a file that is read as it grows, and from its beginning when
// another has taken its name or it was cut short, as tail -F does. It is a
// capture.Source: numbers of frames and sections go on counting.
type Followed struct {
	path string
	opt  Options
	anew func(what string)

	file     *os.File
	r        *Reader
	stats    capture.Stats // of the files before
	number   int           // of the last frame
	section  int           // of the last frame
	numbers  int           // of the last frame of the files before
	sections int
}

// Follow opens a file. anew is told what happened when it is read from its
// beginning again.
func Follow(path string, o Options, anew func(what string)) (*Followed, error) {
	o.Follow = true
	f := &Followed{path: path, opt: o, anew: anew}
	return f, f.open()
}

func (f *Followed) open() error {
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	r, err := OpenFile(file, f.opt)
	if err != nil {
		return err
	}
	f.file, f.r = file, r
	return nil
}

// Next is that of Reader. Where there is nothing yet, it looks whether the file
// is still the same.
func (f *Followed) Next(frame *capture.Frame) error {
	err := f.r.Next(frame)
	if err == nil {
		frame.Number += f.numbers
		frame.Section += f.sections
		f.number, f.section = frame.Number, frame.Section
		return nil
	}
	if !errors.Is(err, capture.ErrTryAgain) {
		return err
	}
	what := f.changed()
	if what == "" {
		return err
	}
	old, past := f.r, f.r.Stats()
	if failed := f.open(); failed != nil {
		if errors.Is(failed, os.ErrNotExist) || errors.Is(failed, ErrEmpty) {
			return err // it is being made
		}
		return failed
	}
	old.Close()
	f.stats.Frames += past.Frames
	f.stats.Dropped += past.Dropped
	f.numbers, f.sections = f.number, f.section+1
	f.anew(what)
	return capture.ErrTryAgain
}

// changed says what has become of the file, "" if it is as it was.
func (f *Followed) changed() string {
	now, err := os.Stat(f.path)
	if err != nil {
		return "" // perhaps another comes
	}
	was, err := f.file.Stat()
	if err != nil {
		return ""
	}
	if !os.SameFile(was, now) {
		return "was replaced"
	}
	if at, err := f.file.Seek(0, io.SeekCurrent); err == nil && now.Size() < at {
		return "was cut short"
	}
	return ""
}

// Stats counts over all files.
func (f *Followed) Stats() capture.Stats {
	s := f.r.Stats()
	s.Frames += f.stats.Frames
	s.Dropped += f.stats.Dropped
	return s
}

// Close closes the file.
func (f *Followed) Close() error { return f.r.Close() }
