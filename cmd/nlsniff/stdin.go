package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
)

// askForInput says what to do where a terminal is read.
func askForInput(c *cobra.Command, file string) {
	if file == "-" && isTerminal(c.InOrStdin()) {
		say(c.ErrOrStderr(), "paste what has messages, and end with Enter and Ctrl-D; a terminal cuts lines at 4095 characters, a file does not")
	}
}

// inputGiven says whether someone hands in a capture without saying so:
// standard input is a file, a pipe or a socket, and there is something in it.
// A terminal and /dev/null are none of these, and what runs programs often
// gives them a pipe where nothing comes.
func inputGiven(c *cobra.Command) bool {
	f, ok := c.InOrStdin().(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	switch {
	case err != nil:
		return false
	case st.Mode().IsRegular():
		return st.Size() > 0
	case st.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) == 0:
		return false
	}
	first := make([]byte, 1)
	if n, _ := io.ReadFull(f, first); n == 0 {
		return false
	}
	c.SetIn(io.MultiReader(bytes.NewReader(first), f))
	return true
}
