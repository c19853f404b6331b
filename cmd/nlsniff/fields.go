package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/internal/near"
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
				text = args[0]
			}
			return listFields(c.OutOrStdout(), db, text)
		},
	}
	c.Flags().StringArrayVar(&specs, "spec", nil, "read descriptions (YNL .yaml, or .spec) from this `file` or folder")
	return c
}

func listFields(out io.Writer, db *families.DB, text string) error {
	var b strings.Builder
	var names []string
	low := strings.ToLower(text)
	add := func(name, typ, family, place string) {
		names = append(names, name)
		if strings.Contains(strings.ToLower(name), low) {
			fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", name, typ, family, place)
		}
	}
	for _, f := range filter.NewEnv(db, location()).Builtins() {
		add(f.Name, f.Type.String(), "", "")
	}
	for _, a := range filter.Aliases() {
		add(a.Name, "= "+a.Of, "", "")
	}
	list, err := db.LoadAll()
	if err != nil {
		return err
	}
	for _, f := range list {
		for _, d := range f.Fields() {
			typ := d.Field.Type.String()
			if d.Field.Multi {
				typ += " multi"
			}
			add(d.Field.Name, typ, d.Family, d.Set)
		}
	}
	if b.Len() == 0 {
		return &commandError{&hintError{fmt.Errorf("no field has %s in its name", text), cmp.Or(near.Hint(text, names), "nlsniff fields lists them all")}, exitNo}
	}
	_, err = io.WriteString(out, b.String())
	return err
}
