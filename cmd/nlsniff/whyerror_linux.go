package main

import (
	"errors"

	"github.com/nlsniff/nlsniff/capture/ebpf/why"
)

// whyError gives the errors of attaching their hints.
func whyError(err error) error {
	var e *why.Error
	if errors.As(err, &e) && e.Hint != "" {
		return &hintError{err: err, hint: e.Hint}
	}
	return err
}
