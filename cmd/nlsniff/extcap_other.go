//go:build !linux

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

var errExtcap = &hintError{err: errors.New("netlink is there on Linux only"), hint: "let nlsniff capture there, and open the file here"}

func newExtcap() *cobra.Command {
	return &cobra.Command{
		Use: "extcap", Short: "Capture netlink from within Wireshark (Linux only)", DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error { return errExtcap },
	}
}

// newWireshark has no interfaces to offer.
func newWireshark() *cobra.Command {
	return &cobra.Command{
		Use: "nlsniff", DisableFlagParsing: true, SilenceErrors: true, SilenceUsage: true,
		RunE: func(*cobra.Command, []string) error { return nil },
	}
}
