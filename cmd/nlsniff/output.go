package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// output writes what the workers printed. In an array it puts the brackets
// around it and takes off the last comma.
type output struct {
	w       *bufio.Writer
	dest    io.Writer // where w writes to
	array   bool
	started bool
	comma   bool // what was written last had one at its end
}

func (o *output) Write(p []byte) (int, error) {
	n := len(p)
	if o.array {
		lead := "[\n"
		switch {
		case o.comma:
			lead = ",\n"
		case o.started: // a part of an object
			lead = ""
		}
		if _, err := o.w.WriteString(lead); err != nil {
			return 0, err
		}
		o.started = true
		p, o.comma = bytes.CutSuffix(p, []byte(",\n"))
	}
	if _, err := o.w.Write(p); err != nil {
		return 0, err
	}
	// A reader of a live pipe wants whole lines now.
	return n, o.w.Flush()
}

func (o *output) closeArray() error {
	s := "\n]\n"
	if !o.started {
		s = "[]\n"
	}
	_, err := o.w.WriteString(s)
	return err
}

func (o *output) Flush() error { return o.w.Flush() }

func isBrokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

// corruptError sums up the parts of a file that could not be read.
func corruptError(file string, list []*capture.CorruptError) error {
	var skipped int64
	for _, e := range list {
		skipped += e.Skipped
	}
	err := fmt.Errorf("%s: %w", file, list[0])
	if len(list) > 1 {
		err = fmt.Errorf("%w (and %d more places)", err, len(list)-1)
	}
	hint := "everything else was read"
	if skipped > 0 {
		hint = fmt.Sprintf("%s %s passed over; %s", phrase.Count(skipped, "byte"), phrase.Choose(uint64(skipped), "was|were"), hint)
	}
	return &hintError{err: err, hint: hint}
}
