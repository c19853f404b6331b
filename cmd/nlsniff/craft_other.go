//go:build !linux

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newCraft() *cobra.Command {
	return &cobra.Command{
		Use:   "craft",
		Short: "Send a request made of names and values, or of JSON (Linux only)",
		RunE:  func(*cobra.Command, []string) error { return errors.New("craft needs Linux") },
	}
}
