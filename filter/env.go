package filter

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nlsniff/nlsniff/families"
)

//go:embed builtin.spec
var builtinSpec string

// Env is what names are looked up in. It may be shared by goroutines.
type Env struct {
	db  *families.DB
	loc *time.Location

	// ShowSecrets allows comparisons with key material. It is set before the
	// Env is used.
	ShowSecrets bool

	once    sync.Once
	builtin map[string]*families.Field

	all    sync.Once
	loaded atomic.Bool // names and shorts are there
	// Every name, read when a name is not found where it should be.
	names  []string
	shorts map[string][]*families.Field
	// generics are the fields that messages of generic families can have.
	generics map[*families.Field]bool
	// Message types and commands by name.
	types, cmds map[string][]message
}

// NewEnv returns an Env for the descriptions of db, nil standing for those that
// nlsniff comes with. Times without a zone are in loc, nil standing for UTC.
func NewEnv(db *families.DB, loc *time.Location) *Env {
	if db == nil {
		db = families.Embedded()
	}
	if loc == nil {
		loc = time.UTC
	}
	return &Env{db: db, loc: loc}
}

// builtins returns the fields that are not attributes, by name.
func (e *Env) builtins() map[string]*families.Field {
	e.once.Do(func() {
		f, err := families.ParseSpec("builtin.spec", builtinSpec, e.db.Load)
		if err != nil {
			panic(err) // part of the binary, and read by a test
		}
		e.builtin = map[string]*families.Field{}
		for _, x := range f.Sets["fields"].Fields {
			e.builtin[x.Name] = x
		}
	})
	return e.builtin
}

// Builtins lists the fields that are not attributes or members, by name.
func (e *Env) Builtins() []*families.Field {
	return slices.SortedFunc(maps.Values(e.builtins()), func(a, b *families.Field) int { return strings.Compare(a.Name, b.Name) })
}

// everything reads all descriptions, which takes tens of milliseconds: for
// short names, completion, and the words to propose.
func (e *Env) everything() (names []string, shorts map[string][]*families.Field) {
	e.all.Do(func() {
		seen := map[string]bool{}
		for n := range e.builtins() {
			seen[n] = true
		}
		for n := range aliases {
			seen[n] = true
		}
		e.shorts, e.generics = map[string][]*families.Field{}, map[*families.Field]bool{}
		list, err := e.db.LoadAll()
		if err != nil {
			list = nil // what could be read is named where it is asked for
		}
		for _, f := range list {
			generic := e.db.Generic(f.Name)
			for _, d := range f.Fields() {
				e.generics[d.Field] = e.generics[d.Field] || generic
				if d.Field.Type.Kind == families.KindPad {
					continue
				}
				seen[d.Field.Name] = true
				e.shorts[d.Field.Short] = append(e.shorts[d.Field.Short], d.Field)
				if d.Field.Name != d.Field.Short {
					e.shorts[d.Field.Name] = append(e.shorts[d.Field.Name], d.Field)
				}
			}
		}
		e.types, e.cmds = map[string][]message{}, map[string][]message{}
		eachMessage(list, func(n string, x message) {
			if x.genl != "" {
				e.cmds[n] = append(e.cmds[n], x)
			} else {
				e.types[n] = append(e.types[n], x)
			}
		})
		e.names = slices.Sorted(maps.Keys(seen))
		e.loaded.Store(true)
	})
	return e.names, e.shorts
}

// messages finds the message types and commands that bear a name: its uapi
// name, or YNL's.
func (e *Env) messages(name string) (types, cmds []message) {
	if id, ok := controls[name]; ok {
		return []message{{proto: anyProto, id: id}}, nil
	}
	if ynlName(name) {
		e.everything() // where such a name can stand for several
	}
	if e.loaded.Load() {
		types, cmds = slices.Clone(e.types[name]), e.cmds[name]
		if f := e.db.Genl(name); f != nil {
			types = append(types, message{genl: name, family: true})
		}
		return types, cmds
	}
	list, err := e.db.Mentioning(name)
	if err == nil {
		types, cmds = named(list, name)
	}
	if f := e.db.Genl(name); f != nil {
		types = append(types, message{genl: name, family: true})
	}
	if len(types)+len(cmds) == 0 {
		if list, err = e.db.LoadAll(); err == nil {
			types, cmds = named(list, name)
		}
	}
	return types, cmds
}

// controls are the message types that every protocol has (linux/netlink.h).
var controls = map[string]uint16{"NLMSG_NOOP": 1, "NLMSG_ERROR": 2, "NLMSG_DONE": 3, "NLMSG_OVERRUN": 4}

func named(list []*families.Family, name string) (types, cmds []message) {
	eachMessage(list, func(n string, x message) {
		switch {
		case n != name:
		case x.genl != "":
			cmds = append(cmds, x)
		default:
			types = append(types, x)
		}
	})
	return types, cmds
}

// eachMessage calls fn for each name of each message.
func eachMessage(list []*families.Family, fn func(name string, x message)) {
	for _, f := range list {
		for _, m := range f.Messages {
			x := message{genl: f.Genl, id: m.ID}
			if f.Genl == "" {
				x.proto = f.Protocol
			}
			fn(m.Name, x)
			if m.Short != m.Name {
				fn(m.Short, x)
			}
		}
	}
}
