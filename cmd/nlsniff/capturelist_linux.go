package main

import (
	"fmt"
	"io"
	"os"

	"github.com/nlsniff/nlsniff/capture/nlmon"
)

// listTaps writes what -i takes, numbered as tshark -D does, and what else there
// is to capture with.
func listTaps(out io.Writer) error {
	taps, err := nlmon.Taps(os.DirFS("/"))
	if err != nil {
		return err
	}
	for i, t := range taps {
		state := "up"
		if !t.Up {
			state = "down"
		}
		fmt.Fprintf(out, "%d. %s (%s)\n", i+1, oneLine(t.Name), state)
	}
	if len(taps) == 0 {
		fmt.Fprintln(out, "no nlmon interface: capture makes one for its time")
	}
	fmt.Fprintln(out, "--source ebpf needs none")
	return nil
}
