package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
)

func newFields() *cobra.Command {
	var specs []string
	c := &cobra.Command{
		Use:   "fields [TEXT]",
		Short: "List the fields that -Y and -e take, those with TEXT in their name",
		Long: `List every field by name, for filters (-Y) and columns (-e) alike: first what a
frame, a header or an exchange has, then other names for fields (=), then the
attributes and struct members of all families. The columns are name, type,
family, and the attribute set or struct that it belongs to, separated by tabs.
Behind a type, multi says that the attribute may repeat.`,
		Args: words(1),
		RunE: func(c *cobra.Command, args []string) error {
			db, err := loadFamilies(specs, warner(c))
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
	env := filter.NewEnv(db, location())
	for _, f := range env.Builtins() {
		if strings.Contains(strings.ToLower(f.Name), text) {
			fmt.Fprintf(&b, "%s\t%s\t\t\n", f.Name, f.Type.String())
		}
	}
	for _, a := range filter.Aliases() {
		if strings.Contains(strings.ToLower(a.Name), text) {
			fmt.Fprintf(&b, "%s\t= %s\t\t\n", a.Name, a.Of)
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
			typ := d.Field.Type.String()
			if d.Field.Multi {
				typ += " multi"
			}
			fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", d.Field.Name, typ, d.Family, d.Set)
		}
	}
	_, err = io.WriteString(out, b.String())
	return err
}

// completeField goes on with -e.
func completeField(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, x := range filter.CompleteField(word, filter.NewEnv(families.Embedded(), location())) {
		out = append(out, x.Text+"\t"+x.Info)
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
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
		"field":          completeField,
	} {
		if c.Flags().Lookup(flag) == nil {
			continue
		}
		if err := c.RegisterFlagCompletionFunc(flag, fn); err != nil {
			panic(err) // a flag that has them already
		}
	}
}
