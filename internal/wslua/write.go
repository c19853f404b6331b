// Package wslua writes the descriptions as a Lua dissector for Wireshark: one
// table of data, and a small interpreter of it.
package wslua

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// interpreter is what the table is read by: files that follow each other as their
// names do.
//
//go:embed interpreter
var interpreter embed.FS

// Write writes the dissector of all descriptions of db.
func Write(w io.Writer, db *families.DB) error {
	g := &generator{fields: map[string]*field{}, structs: map[*families.Struct]int{}, sets: map[*families.AttrSet]int{}, enums: map[*families.Enum]int{}, subs: map[*families.SubMessage]int{}, chooses: map[string]bool{}, keyed: map[string]bool{}}
	if _, err := db.LoadAll(); err != nil {
		return err
	}
	var messages strings.Builder
	for p := range 256 {
		if t := db.Protocol(uint8(p)); t != nil {
			g.table(&messages, fmt.Sprintf("p%d", p), t)
			g.keep(fmt.Sprintf("p%d", p), t.Keyed)
		}
	}
	for _, in := range db.List() {
		if in.Genl == "" {
			continue
		}
		if f := db.Genl(in.Genl); f != nil {
			g.table(&messages, "g"+in.Genl, f.Table())
			g.keep("g"+in.Genl, f.Keyed)
		}
	}
	common, err := db.Load("common")
	if err != nil {
		return err
	}
	errno := g.enum(common.Enums["errno"])
	g.drain()
	var b strings.Builder
	b.WriteString("-- Made by nlsniff wireshark-lua. It is for Wireshark's folder of Lua plugins, or tshark -X lua_script:FILE.\n")
	b.WriteString("local data = {errno=" + fmt.Sprint(errno) + ",\nfields={")
	for _, name := range sorted(g.fields) {
		f := g.fields[name]
		fmt.Fprintf(&b, "\n%q,", name+":"+f.kind)
	}
	b.WriteString("},\nchooses={")
	for _, name := range sorted(g.chooses) {
		fmt.Fprintf(&b, "[%q]=true,", name)
	}
	b.WriteString("},\nkeyed={")
	for _, key := range sorted(g.keyed) {
		fmt.Fprintf(&b, "[%q]=true,", key)
	}
	b.WriteString("},\nmessages={\n" + messages.String() + "},\n")
	for _, part := range []struct {
		name string
		list []string
	}{{"bodies", g.bodies}, {"structs", g.structText}, {"sets", g.setText}, {"enums", g.enumText}, {"subs", g.subText}} {
		b.WriteString(part.name + "={\n")
		for _, s := range part.list {
			b.WriteString(long(s) + ",\n")
		}
		b.WriteString("},\n")
	}
	b.WriteString("}\n")
	list, err := interpreter.ReadDir("interpreter")
	if err != nil {
		return err
	}
	for _, f := range list {
		part, err := interpreter.ReadFile("interpreter/" + f.Name())
		if err != nil {
			return err
		}
		b.Write(part)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// keep remembers that there may be keys in what the messages of a table have that is
// not described.
func (g *generator) keep(key string, keyed bool) {
	if keyed {
		g.keyed[key] = true
	}
}

// long writes a literal that nothing in a name can end.
func long(s string) string { return "[==[" + s + "]==]" }

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// table writes the messages of a protocol or a generic family.
func (g *generator) table(b *strings.Builder, key string, t *families.Table) {
	if len(t.Messages()) == 0 {
		return
	}
	list := t.Messages()
	for id := range 1 << 16 {
		if m := t.Event(uint16(id)); m != nil && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	fmt.Fprintf(b, "[%q]={", key)
	for _, m := range list {
		body := 0
		if m.Body != nil {
			body = g.body(m.Body)
		}
		var ways string
		if m.Req {
			ways += "q"
		}
		if m.Rep {
			ways += "r"
		}
		if m.Event {
			ways += "e"
		}
		fmt.Fprintf(b, "%q,", fmt.Sprintf("%d %s %d %s", m.ID, ways, body, m.Name))
	}
	b.WriteString("},\n")
}
