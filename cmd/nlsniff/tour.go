package main

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/testdata"
)

// tour shows the embedded capture, and says that it is one.
func tour(c *cobra.Command, f *readFlags) error {
	fmt.Fprintln(c.ErrOrStderr(), "nlsniff: no file given: this is the tour, a capture that comes with nlsniff")
	fmt.Fprintln(c.ErrOrStderr(), "nlsniff: your own: sudo nlsniff capture; to a file and back: -w FILE, then nlsniff FILE; every option: nlsniff read --help")
	f.file = "-"
	c.SetIn(bytes.NewReader(testdata.Tour))
	return read(c, f)
}
