package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminalColumns asks a terminal for its width, 0 if it is none.
func terminalColumns(f *os.File) int {
	w, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(w.Col)
}
