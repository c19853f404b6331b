//go:build !linux || (!amd64 && !arm64)

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newWhy() *cobra.Command {
	return &cobra.Command{
		Use:                "why",
		Short:              "Run a command and show where the kernel refuses what it asks (Linux only)",
		DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return &hintError{err: errors.New("asking the kernel why works on Linux only"), hint: "run it there with -w FILE, and read the file here"}
		},
	}
}
