//go:build !linux

package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newDoctor() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can do (Linux only)",
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), "✗ capture  netlink is there on Linux only\n           hint: capture there with -w FILE, and read the file here")
			return err
		},
	}
}
