// Package craft makes requests of what someone types: a command, and names with
// values. It completes these, checks the request against the descriptions and
// what the running kernel says that it accepts, and varies it at the edges of
// what is allowed.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package craft

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/near"
)

// ErrCommand says that no request has a name.
var ErrCommand = errors.New("no request is called that")

// Find finds a request by its uapi name (RTM_NEWLINK), or by the name of its
// family and either of its own (rt-link newlink). It returns how many of args it
// took.
func Find(db *families.DB, args []string) (*families.Message, int, error) {
	if len(args) == 0 {
		return nil, 0, fmt.Errorf("%w: no name", ErrCommand)
	}
	if f := Family(db, args[0]); f != nil {
		if len(args) == 1 {
			return nil, 0, fmt.Errorf("%w: %s has %s", ErrCommand, args[0], some(Commands(f)))
		}
		for _, m := range f.Messages {
			if m.Req && (m.Name == args[1] || m.Short == args[1]) {
				return m, 2, nil
			}
		}
		list := Commands(f)
		both := list
		for _, m := range f.Messages {
			if m.Req && m.Short != "" {
				both = append(both, m.Short)
			}
		}
		if names := near.Names(args[1], both); len(names) > 0 {
			list = names
		}
		return nil, 0, fmt.Errorf("%w: %s has no %s, but %s", ErrCommand, args[0], args[1], some(list))
	}
	if m := db.FindRequest(args[0]); m != nil {
		return m, 1, nil
	}
	if names := near.Names(args[0], requests(db)); len(names) > 0 {
		return nil, 0, fmt.Errorf("%w: %s, but %s", ErrCommand, args[0], some(names))
	}
	return nil, 0, fmt.Errorf("%w: %s", ErrCommand, args[0])
}

// Family finds a description by its name or that which a generic family
// registers.
func Family(db *families.DB, name string) *families.Family {
	for _, in := range db.List() {
		if in.Name == name && !in.Library {
			f, err := db.Load(name)
			if err == nil && len(f.Messages) > 0 {
				return f
			}
		}
	}
	return db.Genl(name)
}

// Commands are the names of a family's requests.
func Commands(f *families.Family) []string {
	var out []string
	for _, m := range f.Messages {
		if m.Req {
			out = append(out, m.Name)
		}
	}
	return out
}

// requests are the names of all requests that are described.
func requests(db *families.DB) []string {
	all, err := db.LoadAll()
	if err != nil {
		return nil
	}
	var out []string
	for _, f := range all {
		out = append(out, Commands(f)...)
	}
	return out
}

func some(list []string) string {
	const most = 8
	if len(list) > most {
		return strings.Join(list[:most], ", ") + ", …"
	}
	return strings.Join(list, ", ")
}

// New makes a request without values: its type, the flags that its kind mostly
// has, and those of flags.
func New(m *families.Message, flags []string) *encode.Value {
	v := &encode.Value{Shape: encode.Object}
	f := m.Family
	v.Set("protocol", encode.Text(families.ProtocolName(f.Protocol)))
	v.Set("direction", encode.Text("to_kernel"))
	nl := &encode.Value{Shape: encode.Object}
	list := &encode.Value{Shape: encode.List, Items: []*encode.Value{encode.Text("REQUEST"), encode.Text("ACK")}}
	dump := false
	for _, x := range flags {
		list.Items = append(list.Items, encode.Text(x))
		dump = dump || x == "DUMP" || x == "NLM_F_DUMP"
	}
	if dump { // ends with NLMSG_DONE
		list.Items = append(list.Items[:1], list.Items[2:]...)
	}
	if f.Genl != "" {
		nl.Set("type", encode.Text(f.Genl))
		g := &encode.Value{Shape: encode.Object}
		g.Set("family", encode.Text(f.Genl))
		g.Set("cmd", encode.Text(m.Name))
		defer v.Set("genl", g)
	} else {
		nl.Set("type", encode.Text(m.Name))
	}
	nl.Set("flags", list)
	nl.Set("seq", &encode.Value{Shape: encode.Number, Text: "1"})
	v.Set("nlmsg", nl)
	return v
}
