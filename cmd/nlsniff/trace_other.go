//go:build !linux || (!amd64 && !arm64)

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newTrace() *cobra.Command {
	return &cobra.Command{
		Use:                "trace",
		Short:              "Run a command and show its netlink (Linux on amd64 and arm64 only)",
		DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return &hintError{err: errors.New("tracing works on Linux on amd64 and arm64 only"), hint: "trace there with -w FILE, and read the file here"}
		},
	}
}
