package main

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/internal/caps"
)

// keepOpening gives up what is not needed to open any file, and to become
// another user then. What cannot be given up dropPrivileges tells of.
func keepOpening() {
	if has, err := caps.Effective(); err == nil {
		_ = caps.Keep(has & caps.Of(unix.CAP_DAC_READ_SEARCH, unix.CAP_SETUID, unix.CAP_SETGID))
	}
}

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
