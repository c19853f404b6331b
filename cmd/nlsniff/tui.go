package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/testdata"
	"github.com/nlsniff/nlsniff/tui"
	"github.com/nlsniff/nlsniff/tui/store"
)

// onTerminal says whether there is a terminal to show the interface on.
// Standard input need not be one: keys are then read from /dev/tty.
func onTerminal(c *cobra.Command) bool {
	out, ok := c.OutOrStdout().(*os.File)
	return ok && term.IsTerminal(out.Fd()) && os.Getenv("TERM") != "dumb"
}

// interactive shows a capture in the terminal interface: FILE, standard input,
// or the tour.
func interactive(c *cobra.Command, f *readFlags) error {
	o, err := storeOptions(c, f)
	if err != nil {
		return err
	}
	ui := tui.Options{Name: f.file, ASCII: !utf8Terminal()}
	var s *store.Store
	switch f.file {
	case "":
		ui.Name = "the tour, a capture that comes with nlsniff"
		ui.Greeting = "Nothing is being captured: this is the tour. Your own: " + goLive
		s, err = memory(bytes.NewReader(testdata.Tour), o)
	case "-":
		ui.Name = "standard input"
		s, err = memory(c.InOrStdin(), o)
	default:
		s, err = store.Open(f.file, o)
	}
	if err != nil {
		return withHint(f.file, err)
	}
	defer s.Close()
	return tui.Run(s, ui)
}

// goLive says how one's own messages are captured.
const goLive = "tcpdump -i nlmon0 -w FILE, then nlsniff FILE"

// memory shows what cannot be read twice.
func memory(in io.Reader, o store.Options) (*store.Store, error) {
	src, err := pcapng.NewReader(in, pcapng.Options{})
	if err != nil {
		return nil, err
	}
	return store.Live(src, o), nil
}

func storeOptions(c *cobra.Command, f *readFlags) (store.Options, error) {
	order, err := byteOrder(f.order)
	if err != nil {
		return store.Options{}, err
	}
	mode, err := timeMode(f.time)
	if err != nil {
		return store.Options{}, err
	}
	db, err := loadFamilies(f.specs, func(s string) { fmt.Fprintln(c.ErrOrStderr(), "nlsniff: warning:", s) })
	if err != nil {
		return store.Options{}, err
	}
	return store.Options{
		DB: db, Order: order, Limit: f.count,
		Render: render.Options{Time: mode, Location: location(), ShowSecrets: f.secrets},
	}, nil
}

// utf8Terminal says whether the terminal shows more than ASCII, by the locale
// (setlocale(3)).
func utf8Terminal() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(os.Getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}
