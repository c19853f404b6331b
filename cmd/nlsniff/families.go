package main

import (
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/families"
)

func newFamilies() *cobra.Command {
	var specs []string
	var format string
	c := &cobra.Command{
		Use:   "families [NAME]",
		Short: "List the families that nlsniff can decode, or everything of one",
		Args:  words(1),
		RunE: func(c *cobra.Command, args []string) error {
			db, err := loadFamilies(specs, warner(c))
			if err != nil {
				return err
			}
			if format != "text" && format != "json" {
				return usagef("text or json", "-T %s", format)
			}
			if len(args) == 1 {
				return showFamily(c.OutOrStdout(), db, args[0], format)
			}
			return listFamilies(c.OutOrStdout(), db, format)
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return familyNames(families.Embedded()), cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.Flags().StringArrayVar(&specs, "spec", nil, "read descriptions (YNL .yaml, or .spec) from this `file` or folder")
	c.Flags().StringVarP(&format, "format", "T", "text", "output `format`: text or json")
	return c
}

// familyNames lists what -O and families take.
func familyNames(db *families.DB) []string {
	var out []string
	for _, in := range db.List() {
		if !in.Library {
			out = append(out, in.Name)
		}
	}
	sort.Strings(out)
	return out
}

func knownFamily(db *families.DB, name string) bool {
	for _, in := range db.List() {
		if in.Name == name && !in.Library || in.Genl == name && name != "" {
			return true
		}
	}
	return false
}

// familyInfo is a row of the list, and its JSON.
type familyInfo struct {
	Name     string `json:"name"`
	Protocol string `json:"protocol"`
	Genl     string `json:"genl,omitempty"`
	Messages int    `json:"messages"`
	Attrs    int    `json:"attributes"`
	Origin   string `json:"origin"`
	Guess    bool   `json:"guess,omitempty"`
}

func listFamilies(out io.Writer, db *families.DB, format string) error {
	var rows []familyInfo
	for _, in := range db.List() {
		if in.Library {
			continue
		}
		f, err := db.Load(in.Name)
		if err != nil {
			return err
		}
		attrs := 0
		for _, s := range reachable(f) {
			attrs += len(s.Fields)
		}
		rows = append(rows, familyInfo{f.Name, families.ProtocolName(f.Protocol), f.Genl, len(f.Messages), attrs, f.Origin, f.Guess})
	}
	if format == "json" {
		e := json.NewEncoder(out)
		e.SetIndent("", " ")
		return e.Encode(rows)
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "FAMILY\tPROTOCOL\tMESSAGES\tATTRIBUTES")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\n", r.Name, r.Protocol, r.Messages, r.Attrs)
	}
	return w.Flush()
}

// reachable lists the attribute spaces that a family's messages lead to, in
// the order in which they are met.
func reachable(f *families.Family) []*families.AttrSet {
	var out []*families.AttrSet
	seen := map[*families.AttrSet]bool{}
	var visit func(t *families.Type)
	add := func(s *families.AttrSet) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		out = append(out, s)
		for _, x := range s.Fields {
			visit(&x.Type)
		}
	}
	visit = func(t *families.Type) {
		add(t.Set)
		if t.Elem != nil {
			visit(t.Elem)
		}
		if t.TLV != nil {
			add(t.TLV.Set)
		}
		if t.Sub != nil {
			for _, x := range t.Sub.Formats() {
				visit(x)
			}
		}
	}
	for _, m := range f.Messages {
		if m.Body == nil {
			continue
		}
		for _, b := range m.Body.Bodies {
			add(b.Set)
			if b.Payload != nil {
				visit(b.Payload)
			}
		}
	}
	return out
}

func showFamily(out io.Writer, db *families.DB, name, format string) error {
	if !knownFamily(db, name) {
		return usagef("nlsniff families lists them", "no family called %s", name)
	}
	f := db.Genl(name)
	if f == nil {
		var err error
		if f, err = db.Load(name); err != nil {
			return err
		}
	}
	if format == "json" {
		e := json.NewEncoder(out)
		e.SetIndent("", " ")
		return e.Encode(familyDetail(f))
	}
	fmt.Fprintf(out, "%s  %s", f.Name, families.ProtocolName(f.Protocol))
	if f.Genl != "" {
		fmt.Fprintf(out, "  registered as %s, version %d", f.Genl, f.Version)
	}
	fmt.Fprintf(out, "\nfrom %s\n\nmessages\n", strings.Join(f.Headers, " "))
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, m := range f.Messages {
		fmt.Fprintf(w, "  %d\t%s\t%s\n", m.ID, m.Name, way(m))
	}
	w.Flush()
	if len(f.Groups) > 0 {
		fmt.Fprintln(out, "\nmulticast groups")
		for _, g := range f.Groups {
			fmt.Fprintf(out, "  %s\n", g.Name)
		}
	}
	for _, s := range reachable(f) {
		fmt.Fprintf(out, "\n%s\n", s.Name)
		w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
		for _, x := range s.Fields {
			fmt.Fprintf(w, "  %d\t%s\t%s\n", x.ID, x.Name, describe(x))
		}
		w.Flush()
	}
	return nil
}

func way(m *families.Message) string {
	switch {
	case m.Req && m.Rep:
		return ""
	case m.Req:
		return "request"
	}
	return "reply"
}

// describe is a field's type with what else is said of it.
func describe(f *families.Field) string {
	s := f.Type.String()
	if f.Multi {
		s += ", several"
	}
	if f.Secret {
		s += ", secret"
	}
	if f.Doc != "" {
		s += "  " + strings.Join(strings.Fields(f.Doc), " ")
	}
	return s
}

type familyJSON struct {
	familyInfo
	Version  uint8         `json:"version,omitempty"`
	Headers  []string      `json:"headers,omitempty"`
	Messages []messageJSON `json:"messages"`
	Groups   []string      `json:"groups,omitempty"`
	Sets     []setJSON     `json:"attribute_sets"`
}

type messageJSON struct {
	ID   uint16 `json:"id"`
	Name string `json:"name"`
	Ynl  string `json:"ynl"`
	Way  string `json:"way,omitempty"`
}

type setJSON struct {
	Name  string     `json:"name"`
	Attrs []attrJSON `json:"attributes"`
}

type attrJSON struct {
	ID   uint16 `json:"id"`
	Name string `json:"name"`
	Ynl  string `json:"ynl"`
	Type string `json:"type"`
	Doc  string `json:"doc,omitempty"`
}

func familyDetail(f *families.Family) familyJSON {
	d := familyJSON{familyInfo: familyInfo{Name: f.Name, Protocol: families.ProtocolName(f.Protocol), Genl: f.Genl, Origin: f.Origin, Guess: f.Guess},
		Version: f.Version, Headers: f.Headers}
	for _, m := range f.Messages {
		d.Messages = append(d.Messages, messageJSON{m.ID, m.Name, m.Short, way(m)})
	}
	for _, g := range f.Groups {
		d.Groups = append(d.Groups, g.Name)
	}
	for _, s := range reachable(f) {
		js := setJSON{Name: s.Name}
		for _, x := range s.Fields {
			js.Attrs = append(js.Attrs, attrJSON{x.ID, x.Name, x.Short, x.Type.String(), x.Doc})
			d.Attrs++
		}
		d.Sets = append(d.Sets, js)
	}
	d.familyInfo.Messages = len(f.Messages)
	return d
}
