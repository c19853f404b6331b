package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// spool makes a file of an input that can be read only once, if what the flags ask
// for needs more than that. Nobody else can read the file, and it has no name any
// more when the first byte is in it: however the program ends, it is gone. done
// is called at the end.
func (f *readFlags) spool(stdin io.Reader) (done func(), err error) {
	done = func() {}
	again := f.write.file != "" || f.twoPass || f.exchanges && f.filter != ""
	if !again || f.tail || isRegular(f.file) {
		return done, nil
	}
	if f.file != "-" {
		in, err := os.Open(f.file)
		if err != nil {
			return done, err
		}
		defer in.Close()
		stdin = in
	}
	tmp, err := os.CreateTemp("", "nlsniff-*")
	if err != nil {
		return done, noRoom(err)
	}
	done = func() { tmp.Close() }
	name := tmp.Name()
	if nameless := fmt.Sprintf("/proc/self/fd/%d", tmp.Fd()); os.Remove(name) == nil && isRegular(nameless) {
		name = nameless
	} else { // a system without /proc
		tmp.Close()
		if tmp, err = os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
			return done, noRoom(err)
		}
		done = func() { tmp.Close(); os.Remove(name) }
	}
	if f.count > 0 {
		err = f.spoolFrames(tmp, stdin)
	} else {
		_, err = io.Copy(sink{tmp}, stdin)
	}
	f.given, f.file = f.called(), name
	return done, err
}

// spoolFrames copies as far as frames are wanted: there may be no end.
func (f *readFlags) spoolFrames(tmp *os.File, in io.Reader) error {
	r, err := pcapng.NewReader(io.TeeReader(in, sink{tmp}), readAny(f.called(), pcapng.Options{}))
	if err != nil {
		return err
	}
	defer r.Close()
	for range f.count {
		var x capture.Frame
		err := r.Next(&x)
		var damaged *capture.CorruptError
		switch {
		case errors.As(err, &damaged): // the next pass reports it
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
	if !r.Direct() {
		_, err = io.Copy(sink{tmp}, in)
		return err
	}
	b := r.Block()
	return tmp.Truncate(b.Offset + int64(len(b.Raw))) // what was read ahead ends somewhere
}

// called is how errors call the input.
func (f *readFlags) called() string {
	if f.given != "" {
		return f.given
	}
	return f.file
}

// sink explains what keeps the file from being written.
type sink struct{ io.Writer }

func (s sink) Write(b []byte) (int, error) {
	n, err := s.Writer.Write(b)
	if err != nil {
		err = noRoom(err)
	}
	return n, err
}

func noRoom(err error) error {
	return &hintError{fmt.Errorf("no room for what has to be read more than once: %w", err), "TMPDIR=/some/folder names a place with room for it"}
}

// failed explains an error of the input, under the name that it was given.
func (f *readFlags) failed(err error) error {
	if errors.As(err, new(*hintError)) {
		return err
	}
	if f.given != "" {
		err = renamed{err, f.file + ": "}
	}
	return withHint(f.called(), err)
}

// renamed is an error without a name that nobody knows.
type renamed struct {
	error
	name string
}

func (r renamed) Error() string { return strings.ReplaceAll(r.error.Error(), r.name, "") }
func (r renamed) Unwrap() error { return r.error }
