//go:build !linux

package main

import (
	"errors"

	"github.com/nlsniff/nlsniff/tui/store"
)

func openLive(store.Options, func(error)) (*store.Store, string, error) {
	return nil, "", &hintError{err: errors.New("netlink is there on Linux only"), hint: "capture there with nlsniff capture -w FILE, and open the file here"}
}
