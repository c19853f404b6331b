package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/render"
)

func newFields() *cobra.Command {
	var specs []string
	c := &cobra.Command{
		Use:   "fields [TEXT]",
		Short: "List the fields that -e takes, those with TEXT in their name",
		Long: `List every field by name: first the values that each message has, then the
attributes and struct members of all families. The columns are name, type,
family, and the attribute set or struct that it belongs to, separated by tabs.
The family is "filter" for what only filters (-Y) have.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			db, err := loadFamilies(specs, func(s string) { fmt.Fprintln(c.ErrOrStderr(), "nlsniff: warning:", s) })
			if err != nil {
				return err
			}
			text := ""
			if len(args) == 1 {
				text = strings.ToLower(args[0])
			}
			return listFields(c.OutOrStdout(), db, text)
		},
	}
	c.Flags().StringArrayVar(&specs, "spec", nil, "read descriptions (YNL .yaml, or .spec) from this `file` or folder")
	return c
}

func listFields(out io.Writer, db *families.DB, text string) error {
	var b strings.Builder
	for _, n := range render.Builtins() {
		if strings.Contains(n, text) {
			fmt.Fprintf(&b, "%s\t\t\t\n", n)
		}
	}
	for _, f := range filter.NewEnv(db, location()).Builtins() {
		if strings.Contains(f.Name, text) && !slices.Contains(render.Builtins(), f.Name) {
			fmt.Fprintf(&b, "%s\t%s\tfilter\t\n", f.Name, f.Type.String())
		}
	}
	list, err := db.LoadAll()
	if err != nil {
		return err
	}
	for _, f := range list {
		for _, d := range f.Fields() {
			if !strings.Contains(strings.ToLower(d.Field.Name), text) {
				continue
			}
			fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", d.Field.Name, d.Field.Type.String(), d.Family, d.Set)
		}
	}
	_, err = io.WriteString(out, b.String())
	return err
}

// fieldNames is the set of names of all attributes and members.
func fieldNames(db *families.DB) (map[string]bool, error) {
	list, err := db.LoadAll()
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, f := range list {
		for _, d := range f.Fields() {
			names[d.Field.Name] = true
			names[d.Field.Short] = true
		}
	}
	return names, nil
}

// completeRead gives the flags of read, those that c has, their values.
func completeRead(c *cobra.Command) {
	fixed := func(vals ...string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return vals, cobra.ShellCompDirectiveNoFileComp
		}
	}
	for flag, fn := range map[string]func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective){
		"format":     fixed("text", "json", "jsonl", "fields"),
		"time":       fixed("a", "r", "d", "e"),
		"statistics": fixed("coverage", "io,stat", "conv", "expert", "rtt", "all"),
		"byte-order": fixed("auto", "little", "big"),
		"color":      fixed("auto", "always", "never"),
		"only": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return familyNames(families.Embedded()), cobra.ShellCompDirectiveNoFileComp
		},
		"display-filter": completeFilter,
		"field": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			names, err := fieldNames(families.Embedded())
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			out := render.Builtins()
			for n := range names {
				out = append(out, n)
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
	} {
		if c.Flags().Lookup(flag) == nil {
			continue
		}
		if err := c.RegisterFlagCompletionFunc(flag, fn); err != nil {
			panic(err) // a flag that has them already
		}
	}
}
