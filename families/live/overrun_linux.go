package live

import (
	"errors"

	"golang.org/x/sys/unix"
)

// isOverrun says whether a socket lost messages, as it was not read in time.
func isOverrun(err error) bool { return errors.Is(err, unix.ENOBUFS) }
