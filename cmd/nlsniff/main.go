// Command nlsniff captures, decodes and explains netlink messages.
package main

// The profile that go build compiles the command with. Tests do without it
// (GOFLAGS=-pgo=off): they would compile every package a second time.
//
//go:generate go test -run ^$ -bench ^BenchmarkRead$/^(lines|tree|jsonl|fields)$|^BenchmarkStart$ -benchtime 4s -cpuprofile default.pgo -o /dev/null .

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/internal/extcap"
	"github.com/nlsniff/nlsniff/replay"
)

// Exit codes, by one rule for all commands, which is that of diff and grep.
// What runs a command ends with the command's.
const (
	exitOK      = 0
	exitNo      = 1 // done, and the answer is no: it differs, was refused, is not there
	exitTrouble = 2 // something could not be done, read or understood
)

func main() {
	// The heap is small and stays so; a fifth of the collections is enough.
	debug.SetGCPercent(500)
	replay.Child()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main with its surroundings as parameters.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	if extcap.Called(args) {
		root = newWireshark()
	}
	root.SetArgs(args)
	root.SetFlagErrorFunc(flagError(args))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	var ended exitCode
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &ended):
		return int(ended)
	}
	line, code := report(err)
	fmt.Fprintln(stderr, line)
	return code
}

func newRoot() *cobra.Command {
	var f readFlags
	root := &cobra.Command{
		Use:   "nlsniff [FILE]",
		Short: "Decode and explain netlink messages",
		Long: `nlsniff decodes netlink messages: what programs ask of the kernel, what the
kernel answers, and why it refuses.

On a terminal, nlsniff FILE opens an interface with the messages, their fields
and their bytes; ? lists its keys. Elsewhere it prints a line a message, as
nlsniff read does, which has all options.

Without a file, standard input is read if it is a file or a pipe. If not, what
is said right now is shown on a terminal, if it may be captured, and elsewhere
the tour, a small capture that comes with nlsniff.`,
		Example: `  nlsniff capture.pcapng
  nlsniff -Y 'error' capture.pcapng
  zcat old.pcap.gz | nlsniff
  nlsniff capture.pcapng | grep wlan0`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return tooMany(c, args)
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				if f.file != "" {
					return secondWord(c, []string{f.file, args[0]})
				}
				if err := neither(c, args[0]); err != nil {
					return err
				}
				f.file = args[0]
			}
			if f.file == "" && inputGiven(c) {
				f.file = "-"
			}
			if onTerminal(c) && !f.quiet {
				return interactive(c, &f)
			}
			if f.file != "" {
				return read(c, &f)
			}
			return tour(c, &f)
		},
	}
	f.plain(root)
	root.Flags().BoolVar(&f.tail, "tail", false, "at the end of the file, wait for more")
	root.AddCommand(newRead(), newStats(), newDiff(), newCapture(), newTrace(), newWhy(), newReplay(), newFamilies(), newFields(), newDoctor())
	root.AddCommand(newExport(), newCraft(), newExtcap(), newWiresharkLua(), newMan())
	// Without a template of our own: text/template calls methods by name, so that
	// the linker would keep every method, 4 MB of them.
	root.Version = strings.TrimPrefix(version(), root.Name()+" ")
	completeAll(root)
	return root
}
