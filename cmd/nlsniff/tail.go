package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/internal/interrupt"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// follow prints a file as it grows. What comes through a pipe needs no waiting.
func (r *reader) follow(c *cobra.Command) error {
	f := r.flags
	if f.twoPass {
		return usagef("leave out -2", "--tail has no end to read ahead to")
	}
	options := pcapng.Options{Follow: true, Events: true}
	var src capture.Source
	var err error
	if isRegular(f.file) {
		src, err = pcapng.Follow(f.file, options, func(what string) {
			say(c.ErrOrStderr(), f.file, what+"; it is read from its beginning")
		})
	} else {
		src, err = open(f.file, c.InOrStdin(), options)
	}
	if err != nil {
		return withHint(f.file, err)
	}
	defer src.Close()
	retry, stop := waitForMore()
	defer stop()
	return r.ended(c, r.print(pipeline.Config{
		Source: src, Limit: f.count, Prepared: r.prepared, Retry: retry,
		Corrupt: func(e *capture.CorruptError) { r.corrupt = append(r.corrupt, e) },
	}))
}

// tailInterval is how often a file is looked at that may have grown.
const tailInterval = 100 * time.Millisecond

// waitForMore returns what a pipeline calls when its source has nothing yet:
// it waits, and says false once the user has interrupted. stop ends it.
func waitForMore() (retry func() bool, stop func()) {
	interrupted := make(chan os.Signal, 1)
	listening := false
	retry = func() bool {
		if !listening {
			interrupt.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
			listening = true
		}
		select {
		case <-interrupted:
			return false
		case <-time.After(tailInterval):
			return true
		}
	}
	return retry, func() { signal.Stop(interrupted) }
}
