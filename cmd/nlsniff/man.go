package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/internal/manual"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write the manual pages of all commands into a folder",
		Long: `Write a manual page for each command into a folder: nlsniff.1, nlsniff-read.1 and
so on. They say what --help says.`,
		Example: "  nlsniff man ~/.local/share/man/man1 && man nlsniff-read",
		Hidden:  true, // for who installs it
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("nlsniff man ~/.local/share/man/man1", "man takes a folder")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return writeManual(c.Root(), args[0]) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
}

func writeManual(root *cobra.Command, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	name, _, _ := strings.Cut(version(), "\n")
	for _, c := range manual.Commands(root) {
		c.InitDefaultHelpFlag()
		var b bytes.Buffer
		if err := manual.Write(&b, c, name); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, manual.Name(c)+".1"), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
