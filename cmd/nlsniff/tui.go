package main

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/internal/phrase"
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
// what is said right now or, where that cannot be had, the tour.
func interactive(c *cobra.Command, f *readFlags) error {
	// The heap holds an index, which grows with the file: it must not grow
	// by much more than that.
	debug.SetGCPercent(25)
	boundProcessors() // each that searches has a decoder
	config, warning, err := tui.LoadConfig(os.Getenv)
	if err != nil {
		return &hintError{err: err, hint: "docs/tui.md has all settings"}
	}
	if config.Time != "" && !c.Flags().Changed("time") {
		f.time = config.Time
	}
	o, err := storeOptions(c, f)
	if err != nil {
		return err
	}
	if o.Rules, err = interfaceRules(f, o); err != nil {
		return err
	}
	color, err := useColor(f.color, c.OutOrStdout())
	if err != nil {
		return err
	}
	guard := &tui.Guard{}
	o.Go = guard.Go
	ui := tui.Options{
		Name: f.file, Theme: config.Theme, Columns: config.Columns, Time: config.Time != "" || c.Flags().Changed("time"), ASCII: config.ASCII || !utf8Terminal(),
		Warning: warning, NoMouse: config.Mouse != nil && !*config.Mouse, Env: os.Getenv, Guard: guard,
	}
	switch {
	case !color:
		ui.Theme = "none"
	case f.color == "always":
		os.Unsetenv("NO_COLOR") // which the interface's parts look for themselves
	}
	if f.filter != "" {
		if ui.Filter, err = compileFilter("-Y", f.filter, filterEnv(o.DB, f.secrets)); err != nil {
			return err
		}
	}
	var s *store.Store
	switch f.file {
	case "":
		s, err = liveOrTour(o, &ui)
	case "-":
		if err := dropPrivileges(); err != nil {
			warner(c)(err.Error())
		}
		ui.Name = "standard input"
		askForInput(c, f.file)
		s, err = standardInput(c.InOrStdin(), o)
	default:
		var in *os.File
		if in, err = openFile(f.file, warner(c)); err != nil {
			break
		}
		defer in.Close()
		ui.Reopen = func() (*store.Store, error) {
			again, err := follow(in, f.file, o)
			if err == nil {
				s = again // to be closed at the end; the interface closes the one before
			}
			return again, err
		}
		if f.tail {
			s, err = follow(in, f.file, o)
		} else {
			s, err = readFile(in, o)
		}
	}
	if err != nil {
		return withHint(f.file, err)
	}
	defer func() { s.Close() }()
	if f.file != "" && f.file != "-" {
		ui.Replay = replayer(f.file, o)
	}
	err = tui.Run(s, ui)
	var ended *tui.SignalError
	if errors.As(err, &ended) {
		return exitCode(ended.Code())
	}
	return err
}

// openFile opens a file with no privilege but that to open it; it is read with
// none: it may be a stranger's.
func openFile(path string, warn func(string)) (*os.File, error) {
	keepOpening()
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := dropPrivileges(); err != nil {
		warn(err.Error())
	}
	return in, nil
}

// readFile reads a file that stays open, from its start.
func readFile(in *os.File, o store.Options) (*store.Store, error) {
	st, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return store.Read(in, st.Size(), o)
	}
	return store.Read(io.NewSectionReader(in, 0, math.MaxInt64), st.Size(), o)
}

// follow is readFile, and waits at the end of the file for more, as long as the file
// of that name is the one that is open and has not lost what was read.
func follow(in *os.File, path string, o store.Options) (*store.Store, error) {
	st, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, &hintError{err: errors.New(path + " is no regular file"), hint: "what comes through a pipe is followed anyway"}
	}
	o.Follow = func(size int64) error {
		now, err := in.Stat()
		if err == nil && now.Size() < size {
			return errors.New("the file was cut: " + phrase.Count(size, "byte") + " were read, " + phrase.Count(now.Size(), "byte") + " are left; F reads it from its start")
		}
		if there, err := os.Stat(path); err == nil && !os.SameFile(st, there) {
			return errors.New("the file was replaced by another; q and nlsniff again read that")
		}
		return nil
	}
	return readFile(in, o)
}

// interfaceRules are the colouring rules that were asked for, else those in the
// user's configuration, nil if there are none: the interface has colours of its
// own.
func interfaceRules(f *readFlags, o store.Options) (*filter.Rules, error) {
	if f.colorRules != "" {
		return colorRules(f.colorRules, filterEnv(o.DB, o.Render.ShowSecrets))
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return nil, nil
	}
	if _, err := os.Stat(filepath.Join(dir, "nlsniff", "colors.rules")); err != nil {
		return nil, nil
	}
	return colorRules("", filterEnv(o.DB, o.Render.ShowSecrets))
}

// liveOrTour captures if that is possible. If not it shows the tour, and says
// that it is one and what live capture lacks.
func liveOrTour(o store.Options, ui *tui.Options) (*store.Store, error) {
	var warnings []string
	s, what, err := openLive(o, func(err error) { warnings = append(warnings, err.Error()) })
	if err == nil {
		ui.Name = what
		ui.Warning = strings.Join(slices.DeleteFunc(append([]string{ui.Warning}, warnings...), func(s string) bool { return s == "" }), "; ")
		return s, nil
	}
	ui.Name = "the tour"
	ui.Notice = []string{
		"This is the tour, a small capture that comes with nlsniff.",
		"Nothing is being captured: " + err.Error() + ".",
		"",
	}
	var h *hintError
	if errors.As(err, &h) && h.hint != "" {
		ui.Notice = append(ui.Notice, "To go live: "+h.hint)
	}
	ui.Notice = append(ui.Notice, "To look at a capture: nlsniff FILE", "", "? lists the keys, any key goes on.")
	return store.Read(bytes.NewReader(testdata.Tour), int64(len(testdata.Tour)), o)
}

// standardInput shows what comes in there: a file as any other, what comes
// through a pipe as it comes.
func standardInput(in io.Reader, o store.Options) (*store.Store, error) {
	if f, ok := in.(*os.File); ok {
		at, err := f.Seek(0, io.SeekCurrent)
		if st, e := f.Stat(); err == nil && e == nil && at == 0 && st.Mode().IsRegular() {
			return store.Read(f, st.Size(), o)
		}
	}
	return memory(in, o)
}

// memory shows what cannot be read twice.
func memory(in io.Reader, o store.Options) (*store.Store, error) {
	src, err := pcapng.NewReader(in, pcapng.Options{Events: true, Convert: o.Convert})
	if err != nil {
		return nil, err
	}
	return store.Live(src, o), nil
}

func storeOptions(c *cobra.Command, f *readFlags) (store.Options, error) {
	if err := f.checkCount(); err != nil {
		return store.Options{}, err
	}
	order, err := byteOrder(f.order)
	if err != nil {
		return store.Options{}, err
	}
	mode, err := timeMode(f.time)
	if err != nil {
		return store.Options{}, err
	}
	if mode == render.TimeShown {
		mode = render.TimeDelta // a row does not know which one is shown before it
	}
	db, err := loadFamilies(f.specs, warner(c))
	if err != nil {
		return store.Options{}, err
	}
	return store.Options{
		DB: db, Order: order, Limit: f.count, Convert: f.foreign(f.file).Convert,
		Render: render.Options{Time: mode, Location: location(), ShowSecrets: f.secrets},
	}, nil
}

// utf8Terminal says whether the terminal shows more than ASCII, by the locale
// (setlocale(3)), and by its kind: Linux's console has no font for most signs.
func utf8Terminal() bool {
	if os.Getenv("TERM") == "linux" {
		return false
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(os.Getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}
