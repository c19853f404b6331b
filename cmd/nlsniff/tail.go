package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// tailInterval is how often a file is looked at that may have grown.
const tailInterval = 100 * time.Millisecond

// waitForMore returns what a pipeline calls when its source has nothing yet:
// it waits, and says false once the user has interrupted. stop ends it.
func waitForMore() (retry func() bool, stop func()) {
	interrupted := make(chan os.Signal, 1)
	listening := false
	retry = func() bool {
		if !listening {
			signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
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
