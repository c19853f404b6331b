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
		Args:              words(1),
		ValidArgsFunction: completeField,
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
