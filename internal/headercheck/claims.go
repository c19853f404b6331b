// Package headercheck compares the descriptions with the kernel: what they say
// about numbers and layouts is a list of claims, which a compiler checks
// against the uapi headers that are installed, or a table of facts against
// those of another kernel.
package headercheck

import (
	"fmt"
	"sort"

	"github.com/nlsniff/nlsniff/families"
)

// Kind is what a claim is about.
type Kind uint8

// The kinds of claims.
const (
	Const  Kind = iota // Name is Value
	Size               // struct Name has Value bytes
	Member             // struct Name has Member at Value, Bytes long
)

// Claim is one thing that a description says about C.
type Claim struct {
	Kind         Kind
	Family       *families.Family
	Where        string // the block that says so
	Name, Member string
	Value        uint64
	Bytes        int // a member's; 0: an array without a size
}

func (c *Claim) String() string {
	at := c.Family.Name + ".spec, " + c.Where + ": "
	switch c.Kind {
	case Size:
		return fmt.Sprintf("%sstruct %s has %d bytes", at, c.Name, c.Value)
	case Member:
		return fmt.Sprintf("%sstruct %s has %s at %d, %d bytes", at, c.Name, c.Member, c.Value, c.Bytes)
	}
	return fmt.Sprintf("%s%s is %d (%#x)", at, c.Name, c.Value, c.Value)
}

// Claims lists what f says that C has a name for.
func Claims(f *families.Family) []*Claim {
	l := &list{fam: f, seen: map[Claim]bool{}}
	for _, e := range f.Enums {
		if e.Kind == families.EnumBits {
			continue
		}
		for _, x := range e.Entries {
			l.constant("enum "+e.Name, x.Name, x.Value)
		}
	}
	for _, s := range f.Sets {
		for _, a := range s.Fields {
			l.constant("attrs "+s.Name, a.Name, uint64(a.ID))
		}
	}
	for _, m := range f.Messages {
		id := m.ID
		if f.Subsys >= 0 {
			id &= 0xff
		}
		id -= f.Base
		l.constant("messages", m.Name, uint64(id))
	}
	for _, g := range f.Groups {
		if g.ID != 0 {
			l.constant("groups", g.Name, uint64(g.ID))
		}
	}
	for _, s := range f.Structs {
		l.layout(s)
	}
	sort.Slice(l.claims, func(i, j int) bool { return l.claims[i].String() < l.claims[j].String() })
	return l.claims
}

type list struct {
	fam    *families.Family
	seen   map[Claim]bool
	claims []*Claim
}

func (l *list) add(c Claim) {
	c.Family = l.fam
	key := c
	key.Where = ""
	if !l.seen[key] {
		l.seen[key] = true
		l.claims = append(l.claims, &c)
	}
}

// constant leaves out our own names: those with a dash, and those without a
// capital letter.
func (l *list) constant(where, name string, v uint64) {
	if identifier(name) && hasUpper(name) {
		l.add(Claim{Kind: Const, Where: where, Name: name, Value: v})
	}
}

func (l *list) layout(s *families.Struct) {
	if !identifier(s.Name) {
		return
	}
	where := "struct " + s.Name
	l.add(Claim{Kind: Size, Where: where, Name: s.Name, Value: uint64(s.Size)})
	for _, m := range s.Members {
		if identifier(m.Name) {
			l.add(Claim{Kind: Member, Where: where, Name: s.Name, Member: m.Name,
				Value: uint64(m.Off), Bytes: m.Type.FixedSize()})
		}
	}
}

func identifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func hasUpper(s string) bool {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			return true
		}
	}
	return false
}
