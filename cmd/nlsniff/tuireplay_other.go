//go:build !linux

package main

import (
	"github.com/nlsniff/nlsniff/tui"
	"github.com/nlsniff/nlsniff/tui/store"
)

// replayer is nothing where there is no netlink.
func replayer(string, store.Options) tui.Replay { return nil }
