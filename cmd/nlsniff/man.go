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
		if err := manual.Write(&b, c, name, manualSections(c)...); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, manual.Name(c)+".1"), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// manualSections are what pages have that no command tells.
func manualSections(c *cobra.Command) []manual.Section {
	status := "0: done. 1: done, and the answer is no: it differs, was refused, is not there.\n2: something could not be done, read or understood."
	if c.Name() == "trace" || c.Name() == "why" {
		status += "\n\nA command that was run ends nlsniff with its own."
	}
	list := []manual.Section{{Name: "EXIT STATUS", Text: status}}
	if !c.HasParent() {
		list = append(list, manual.Section{Name: "ENVIRONMENT", Text: "NO_COLOR, CLICOLOR_FORCE and TERM decide on colour where --color does not; COLUMNS is the\nwidth of output, TZ the zone of times."},
			manual.Section{Name: "FILES", Text: "$XDG_CONFIG_HOME/nlsniff/config.json has settings of the terminal interface,\n$XDG_CONFIG_HOME/nlsniff/colors.rules rules that colour lines."})
	}
	return list
}
