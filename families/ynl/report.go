package ynl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Error is a mistake in a YNL file that would make the decoding wrong.
type Error struct {
	File         string
	Line, Column int // from 1; 0 if the mistake is not at one place
	Text         string
}

func (e *Error) Error() string { return place(e.File, e.Line, e.Column) + e.Text }

// Warning is something in a YNL file that was left out of account without
// harm to the decoding, such as a key of a newer schema.
type Warning struct {
	File         string
	Line, Column int
	Text         string
}

func (w Warning) String() string { return place(w.File, w.Line, w.Column) + w.Text }

func place(file string, line, column int) string {
	switch {
	case line == 0:
		return file + ": "
	case column == 0:
		return fmt.Sprintf("%s:%d: ", file, line)
	}
	return fmt.Sprintf("%s:%d:%d: ", file, line, column)
}

// A hostile file can hold a mistake in every line; this many are enough.
const (
	maxErrors   = 50
	maxWarnings = 200
)

// joined returns the errors as one, in the order of the file; the text has one
// line for each.
func joined(errs []*Error) error {
	if len(errs) == 0 {
		return nil
	}
	slices.SortStableFunc(errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	out := make([]error, len(errs))
	for i, e := range errs {
		out[i] = e
	}
	return errors.Join(out...)
}

func sortWarnings(warns []Warning) {
	slices.SortStableFunc(warns, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// syntaxError takes the line out of what the YAML parser says
// ("yaml: line 3: found a tab").
func syntaxError(file string, err error) *Error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	e := &Error{File: file, Text: text}
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if no, msg, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(no); err == nil {
				e.Line, e.Text = n, msg
			}
		}
	}
	e.Text = strconv.QuoteToGraphic(e.Text)
	e.Text = "not YAML: " + e.Text[1:len(e.Text)-1]
	return e
}
