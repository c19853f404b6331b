//go:build unix

package outfile

import (
	"os"
	"syscall"
)

const noFollow = syscall.O_NOFOLLOW

// private says whether only this user and root can make names in a folder.
func private(dir string) bool {
	st, err := os.Stat(dir)
	if err != nil {
		return false
	}
	own, ok := st.Sys().(*syscall.Stat_t)
	return ok && (own.Uid == 0 || int(own.Uid) == os.Geteuid()) && st.Mode()&0o022 == 0
}
