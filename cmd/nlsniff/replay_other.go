//go:build !linux

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newReplay() *cobra.Command {
	return &cobra.Command{
		Use:   "replay FILE",
		Short: "Send a capture's requests again and compare the answers (on Linux)",
		RunE: func(*cobra.Command, []string) error {
			return &hintError{err: errors.New("replay needs Linux's netlink"), hint: "run it on Linux"}
		},
	}
}
