package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/tui"
	"github.com/nlsniff/nlsniff/tui/store"
)

// panicking shows the tour on the terminal from a source that panics when a file
// is there: where it is read, or where the screen asks for its losses.
func panicking(where, when string) {
	r, err := pcapng.Open(pcap("tour.pcapng"), pcapng.Options{})
	if err != nil {
		panic(err)
	}
	src := &panicSource{Source: r, where: where, when: when}
	guard := &tui.Guard{}
	s := store.Live(src, store.Options{DB: families.Embedded(), Go: guard.Go})
	err = tui.Run(s, tui.Options{Name: "a test", Guard: guard})
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

type panicSource struct {
	capture.Source
	where, when string
	now         atomic.Bool
}

func (p *panicSource) Next(f *capture.Frame) error {
	if p.Source.Next(f) == nil {
		return nil
	}
	if _, err := os.Stat(p.when); err != nil {
		return capture.ErrTryAgain
	}
	p.now.Store(true)
	if p.where == "reading" {
		panic("in the source")
	}
	return capture.ErrTryAgain
}

// Stop makes the store ask for losses whenever the screen does.
func (p *panicSource) Stop() {}

func (p *panicSource) Stats() capture.Stats {
	if p.where == "drawing" && p.now.Load() {
		panic("in the model")
	}
	return capture.Stats{}
}

// TestTerminalPanic: a panic says where it was, on a terminal as it was before.
func TestTerminalPanic(t *testing.T) {
	for where, says := range map[string]string{"reading": "in the source", "drawing": "in the model"} {
		t.Run(where, func(t *testing.T) {
			when := filepath.Join(t.TempDir(), "now")
			x := openTerminal(t, 120, 60, "", "nlsniff-panic "+where+" "+when)
			x.sees("Invalid header length") // the last one
			if err := os.WriteFile(when, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			x.sees("panic: "+says, "panic_test.go", "exit 2")
			x.restored()
		})
	}
}
