package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture/foreign"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/render"
)

// hintError adds to an error what its reader can do about it.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

// usagef is a mistake in the command line.
func usagef(hint, format string, args ...any) error {
	return &hintError{fmt.Errorf(format, args...), hint}
}

// withHint gives the errors of opening and reading a capture their hints.
func withHint(file string, err error) error {
	var link *pcapng.LinkTypeError
	var refused *foreign.RefusedError
	hint := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint = "check the name; - reads standard input"
	case errors.Is(err, fs.ErrPermission):
		hint = "you may not read this file"
	case strings.Contains(err.Error(), "is a directory"):
		hint = "name a capture file in it"
	case errors.As(err, &link):
		hint = "netlink is captured with: sudo nlsniff capture -w FILE"
	case errors.As(err, &refused):
		hint = refused.Hint
	case errors.Is(err, pcapng.ErrEmpty):
		hint = "nothing was captured, or the capture did not flush before it ended"
	case errors.Is(err, pcapng.ErrFormat):
		hint = "nlsniff reads pcap and pcapng, what rtmon, ip and strace write, messages alone, and hex in a text (docs/inputs.md)"
	}
	if file == "-" {
		file = "standard input"
	}
	var path *fs.PathError
	switch {
	case errors.As(err, &path) && path.Path == file:
		err = fmt.Errorf("%s: %w", file, path.Err)
	case path == nil && !strings.HasPrefix(err.Error(), file+": "):
		err = fmt.Errorf("%s: %w", file, err)
	}
	if hint == "" {
		return err
	}
	return &hintError{err: err, hint: hint}
}

// report formats an error as one line: what, where and a hint. Below a mistake
// in a filter stands the filter, with the mistake underlined. It returns the
// exit code as well.
func report(err error) (line string, code int) {
	line = err.Error()
	code = exitTrouble
	var h *hintError
	if errors.As(err, &h) && h.hint != "" {
		line += "; hint: " + h.hint
	}
	if c, ok := codeOf(err); ok {
		code = c
	}
	line = "nlsniff: " + oneLine(line)
	var mistake interface {
		error
		Caret() string
	}
	if errors.As(err, &mistake) {
		for part := range strings.SplitSeq(mistake.Caret(), "\n") {
			line += "\n  " + render.Still(part)
		}
	}
	return line, code
}

// oneLine makes text a line that a terminal can show: names of files and
// arguments come from outside.
func oneLine(s string) string { return render.Plain(strings.ReplaceAll(s, "\n", " ")) }

// say tells something in one line.
func say(w io.Writer, args ...any) {
	fmt.Fprintln(w, "nlsniff:", oneLine(strings.TrimSuffix(fmt.Sprintln(args...), "\n")))
}

// warner returns what warns the user of a command.
func warner(c *cobra.Command) func(string) {
	return func(s string) { say(c.ErrOrStderr(), "warning:", s) }
}
