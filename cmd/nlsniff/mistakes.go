package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nlsniff/nlsniff/internal/near"
)

// flagError returns what explains a mistake in a flag of a command line: which
// it is, what it takes, and where it may have belonged.
func flagError(args []string) func(*cobra.Command, error) error {
	return func(c *cobra.Command, err error) error {
		var unknown *pflag.NotExistError
		var value *pflag.InvalidValueError
		var missing *pflag.ValueRequiredError
		hint := "see " + c.CommandPath() + " --help"
		switch {
		case errors.As(err, &unknown):
			if h := unknownFlag(c, unknown, args); h != "" {
				hint = h
			}
		case errors.As(err, &value):
			f := value.GetFlag()
			err, hint = fmt.Errorf("%s %s", dashed(f), value.GetValue()), kindOf(f)+": "+usageOf(f)
		case errors.As(err, &missing):
			err, hint = fmt.Errorf("%s lacks its value", dashed(missing.GetFlag())), usageOf(missing.GetFlag())
		}
		return &hintError{err, hint}
	}
}

// unknownFlag says what to write instead of a flag that a command does not have:
// those of read are missed most.
func unknownFlag(c *cobra.Command, e *pflag.NotExistError, args []string) string {
	name := e.GetSpecifiedName()
	long := e.GetSpecifiedShortnames() == ""
	has := func(f *pflag.FlagSet) bool {
		return long && f.Lookup(name) != nil || !long && f.ShorthandLookup(name) != nil
	}
	known := has(newRead().Flags())
	switch {
	case !c.HasParent() && has(newCapture().Flags()) && (!known || name == "w" && !slices.ContainsFunc(args, isFile)):
		return "sudo nlsniff capture " + plainArguments(args)
	case known && !c.HasParent():
		return "nlsniff read " + plainArguments(args)
	case known && c.Name() != "read":
		return "nlsniff read has it; see " + c.CommandPath() + " --help"
	case !long && c.Name() == "read":
		return instead[name]
	case !long:
		return ""
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	return near.Hint("--"+name, names)
}

// instead is what to write for flags of tshark that read does not have.
var instead = map[string]string{
	"R": "-Y is the filter, -2 reads twice",
	"G": "nlsniff fields and nlsniff families list what there is",
	"i": "sudo nlsniff capture is for what is said right now",
	"f": "-Y is the filter",
	"v": "nlsniff --version",
}

// plainArguments is how a shell would be given arguments.
func plainArguments(args []string) string {
	list := make([]string, len(args))
	for i, a := range args {
		if list[i] = a; a == "" || strings.ContainsAny(a, " \t\n\"'\\$`&|;<>()*?[]{}~#!") {
			list[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(list, " ")
}

// dashed is a flag as most people write it.
func dashed(f *pflag.Flag) string {
	if f.Shorthand != "" {
		return "-" + f.Shorthand
	}
	return "--" + f.Name
}

// kindOf says what values a flag takes.
func kindOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int", "int64":
		return "a number"
	case "uint", "uint64", "count":
		return "a number of 0 or more"
	case "uintSlice":
		return "numbers"
	case "bool":
		return "true or false"
	case "duration":
		return "a time with its unit, such as 10s"
	}
	return f.Value.Type()
}

func usageOf(f *pflag.Flag) string {
	_, usage := pflag.UnquoteUsage(f)
	return usage
}

// words lets a command have up to so many arguments that are no flags.
func words(most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > most {
			return usagef(c.UseLine(), "%s takes %s, and %s is one too many", c.CommandPath(), []string{"no argument", "one argument"}[most], args[most])
		}
		return nil
	}
}

// tooMany explains what nlsniff gets without a subcommand beside one file.
func tooMany(c *cobra.Command, args []string) error {
	if isFile(args[0]) {
		return secondWord(c, args)
	}
	return usagef(commandHint(c, args[0]), "unknown command %q", args[0])
}

// secondWord explains what stands beside a file: another one, or a filter, which
// tshark takes there.
func secondWord(c *cobra.Command, args []string) error {
	if len(args) == 2 && isFile(args[1]) {
		return usagef("nlsniff diff A B compares two", "one capture file at a time")
	}
	return usagef(c.CommandPath()+" -Y "+plainArguments([]string{strings.Join(args[1:], " ")})+" "+plainArguments(args[:1]), "one capture file at a time; a filter needs -Y")
}

// neither explains a word that is no file and was perhaps meant for a command.
// It is nil for what looks like a file's name.
func neither(c *cobra.Command, word string) error {
	if word == "-" || strings.ContainsAny(word, "./") || isFile(word) {
		return nil
	}
	return usagef(commandHint(c, word), "%s is neither a file nor a command", word)
}

func commandHint(c *cobra.Command, word string) string {
	names := []string{"--version", "--help"}
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	list := near.Names(word, names)
	if len(list) == 0 {
		return "nlsniff --help lists the commands; nlsniff FILE shows a capture"
	}
	return "did you mean nlsniff " + strings.Join(list, " or nlsniff ") + "?"
}

func isFile(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
