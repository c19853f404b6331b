//go:build !linux

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newCapture() *cobra.Command {
	return &cobra.Command{
		Use:                "capture",
		Short:              "Capture netlink as it happens (Linux only)",
		DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return &hintError{err: errors.New("netlink is there on Linux only"), hint: "capture there with -w FILE, and read the file here"}
		},
	}
}
