package main

import (
	"errors"

	"github.com/nlsniff/nlsniff/internal/caps"
)

// dropPrivileges gives up every capability, and turns root into the user who
// called sudo, whose files the capture's files are. Its error is a warning:
// the capture can go on.
func dropPrivileges() error {
	if uid, gid, ok := caps.Invoker(); ok {
		if err := caps.Become(uid, gid); err != nil {
			return err
		}
	}
	err := caps.Keep(0)
	if left, e := caps.Effective(); errors.Is(err, caps.ErrThreads) && e == nil && left == 0 {
		return nil // nothing to give up
	}
	return err
}
