package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// usageError is a mistake in the command line.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }
func (e *usageError) Hint() string  { return e.hint }

func usagef(hint, format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...), hint}
}

// hintError adds to an error what its reader can do about it.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }
func (e *hintError) Hint() string  { return e.hint }

// withHint gives the errors of opening and reading a capture their hints.
func withHint(file string, err error) error {
	var link *pcapng.LinkTypeError
	hint := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint = "check the name; - reads standard input"
	case errors.Is(err, fs.ErrPermission):
		hint = "you may not read this file"
	case strings.Contains(err.Error(), "is a directory"):
		hint = "name a capture file in it"
	case errors.As(err, &link):
		hint = "capture on an nlmon interface: ip link add nlmon0 type nlmon && ip link set nlmon0 up && tcpdump -i nlmon0 -w FILE"
	case errors.Is(err, pcapng.ErrEmpty):
		hint = "nothing was captured, or the capture did not flush before it ended"
	case errors.Is(err, pcapng.ErrFormat):
		hint = "nlsniff reads pcap and pcapng, plain or compressed with gzip, zstd or lz4"
	}
	var path *fs.PathError
	if !errors.As(err, &path) && !strings.HasPrefix(err.Error(), file+": ") {
		err = fmt.Errorf("%s: %w", file, err)
	}
	if hint == "" {
		return err
	}
	return &hintError{err, hint}
}

// oneLine formats an error as what, where and hint.
func oneLine(err error, usage bool) string {
	s := strings.ReplaceAll(err.Error(), "\n", " ")
	var h interface{ Hint() string }
	switch {
	case errors.As(err, &h) && h.Hint() != "":
		s += "; hint: " + h.Hint()
	case usage:
		s += "; hint: see nlsniff --help"
	}
	return s
}
