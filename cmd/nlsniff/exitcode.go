package main

import (
	"errors"
	"fmt"
)

// exitCode is what a command ended with that nlsniff has run, as an error that
// says nothing.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// commandError is an error with the exit code that a shell would give it.
type commandError struct {
	err  error
	code int
}

func (e *commandError) Error() string { return e.err.Error() }
func (e *commandError) Unwrap() error { return e.err }

// codeOf returns the exit code that an error carries.
func codeOf(err error) (code int, ok bool) {
	var c *commandError
	if errors.As(err, &c) {
		return c.code, true
	}
	return 0, false
}
