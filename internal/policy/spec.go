package policy

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// Describe makes a description. names may be nil. An error means that what the
// controller told is no family, such as a name that cannot be one.
func (f *Family) Describe(names Namer) (*families.Family, error) {
	fam, err := families.ParseSpec("the kernel's policies", f.Spec(names), func(name string) (*families.Family, error) {
		return nil, fmt.Errorf("no description named %s", name)
	})
	if err != nil {
		return nil, err
	}
	fam.Guess = true
	return fam, nil
}

// Spec writes the description in nlsniff's own language, as a start for
// someone who knows better.
func (f *Family) Spec(names Namer) string {
	if names == nil {
		names = noNames{}
	}
	w := &writer{f: f, names: names, spaces: map[uint32]map[uint16]string{}}
	w.line("# Made from what the running kernel tells of the family: its commands, the")
	w.line("# attributes that it checks, and the names of enums that fit.")
	w.line("family %s", safe(f.Name))
	w.line("genl %s version %d", quoted(f.Name), f.Version)
	if f.HdrSize > 0 && f.HdrSize <= 4096 {
		w.line("\nstruct user-header\n  header binary[%d] guess", f.HdrSize)
	}
	w.line("\n# What the length suggests.")
	w.line("sub by-length\n  1 u8\n  2 u16\n  4 u32\n  8 u64\n  * binary")
	w.line("sub by-flag\n  1 nest -\n  * sub by-length by @len")
	w.nameCommands()
	for _, index := range slices.Sorted(maps.Keys(f.policies)) {
		w.space(index)
	}
	w.messages()
	return w.b.String()
}

// writer writes one description.
type writer struct {
	b      strings.Builder
	f      *Family
	names  Namer
	spaces map[uint32]map[uint16]string // the names of each policy
	cmds   map[uint16]string            // the names of the commands
	users  map[uint32][]string          // and those that have a policy
	depth  int
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.b, format+"\n", args...) }

// spaceOf names the attributes of a policy, those that it is in first.
func (w *writer) spaceOf(index uint32) map[uint16]string {
	if s, ok := w.spaces[index]; ok {
		return s
	}
	p := w.f.policies[index]
	s := Space{Family: w.f.Name, IDs: slices.Sorted(maps.Keys(p.attrs)), Max: p.max}
	if p.nested {
		if w.depth++; w.depth < 16 && p.within != index {
			w.spaces[index] = map[uint16]string{} // policies may go round in circles
			s.Parent = w.spaceOf(p.within)[p.parent]
		}
		w.depth--
	} else {
		if len(w.users) == 1 { // else it is of one of several spaces
			s.Max = w.f.MaxAttr
		}
		s.Users = w.users[index]
	}
	w.spaces[index] = spaceNames(w.names, s)
	return w.spaces[index]
}

func (w *writer) space(index uint32) {
	names := w.spaceOf(index)
	w.line("\nattrs policy-%d %s", index, prefix(names))
	for _, id := range slices.Sorted(maps.Keys(names)) {
		typ := "sub by-flag by @nested"
		if a := w.f.policies[index].attrs[id]; a != nil {
			typ = w.typ(a, names[id])
		}
		w.line("  %d %s %s guess", id, names[id], typ)
	}
}

// typeWords are the words for NL_ATTR_TYPE_ of linux/netlink.h.
var typeWords = [...]string{
	1: "flag", 2: "u8", 3: "u16", 4: "u32", 5: "u64", 6: "s8", 7: "s16", 8: "s32", 9: "s64",
	10: "binary", 11: "string", 12: "string", 13: "nest -", 14: "indexed nest -", 15: "bitfield32", 16: "sint", 17: "uint",
}

const (
	attrBinary      = 10
	attrNested      = 13
	attrNestedArray = 14
)

func (w *writer) typ(a *attr, name string) string {
	if a.typ == 0 || int(a.typ) >= len(typeWords) {
		return "sub by-flag by @nested"
	}
	s := typeWords[a.typ]
	switch {
	case a.hasNest && w.f.policies[a.nest] != nil && (a.typ == attrNested || a.typ == attrNestedArray):
		s = strings.Replace(s, "-", fmt.Sprintf("policy-%d", a.nest), 1)
	case s == "u32" && strings.HasSuffix(name, "IFINDEX"):
		s = "ifindex"
	case a.typ == attrBinary:
		if a.minLen > 0 {
			s += fmt.Sprintf(" minlen=%d", a.minLen)
		}
		if a.hasMax && a.maxLen > 0 && a.maxLen < math.MaxUint16 && a.maxLen >= a.minLen {
			s += fmt.Sprintf(" maxlen=%d", a.maxLen)
		}
	case s[0] == 'u' && s != "uint" && a.hasU:
		top := uint64(math.MaxUint64)
		if bits := map[string]int{"u8": 8, "u16": 16, "u32": 32}[s]; bits > 0 {
			top = 1<<bits - 1
		}
		if a.minU > 0 && a.minU <= top && a.minU <= math.MaxInt64 {
			s += fmt.Sprintf(" min=%d", a.minU)
		}
		if a.maxU < top && a.maxU >= a.minU && a.maxU <= math.MaxInt64 {
			s += fmt.Sprintf(" max=%d", a.maxU)
		}
	}
	return s
}

// nameCommands names the commands, which may tell what a policy is for.
func (w *writer) nameCommands() {
	f := w.f
	ids := make([]uint16, len(f.Ops))
	for i, cmd := range f.Ops {
		ids[i] = uint16(cmd)
	}
	w.cmds = spaceNames(w.names, Space{Family: f.Name, Commands: true, IDs: ids})
	w.users = map[uint32][]string{}
	for _, cmd := range f.Ops {
		p, name := f.ops[cmd], w.cmds[uint16(cmd)]
		if p.hasDo && f.policies[p.do] != nil {
			w.users[p.do] = append(w.users[p.do], name)
		}
		if p.hasDump && f.policies[p.dump] != nil && (!p.hasDo || p.dump != p.do) {
			w.users[p.dump] = append(w.users[p.dump], name)
		}
	}
}

// messages writes the commands and what they hold.
func (w *writer) messages() {
	f, names := w.f, w.cmds
	head := ""
	if f.HdrSize > 0 && f.HdrSize <= 4096 {
		head = "header user-header "
	}
	bodies := map[opPolicy]string{}
	list := &strings.Builder{}
	for _, id := range slices.Sorted(maps.Keys(names)) {
		if id > math.MaxUint8 {
			continue
		}
		p := f.ops[uint8(id)]
		p.hasDo = p.hasDo && f.policies[p.do] != nil
		p.hasDump = p.hasDump && f.policies[p.dump] != nil
		if !p.hasDo && !p.hasDump {
			if p.do, p.hasDo = w.only(); !p.hasDo {
				fmt.Fprintf(list, "  %d %s %s\n", id, names[id], w.unknown(id, head))
				continue
			}
		}
		if bodies[p] == "" {
			bodies[p] = fmt.Sprintf("body-%d", len(bodies))
			w.line("\nbody %s", bodies[p])
			switch {
			case p.hasDo && p.hasDump && p.do != p.dump:
				w.line("  dump : %sattrs policy-%d\n  %sattrs policy-%d", head, p.dump, head, p.do)
			case p.hasDo:
				w.line("  %sattrs policy-%d", head, p.do)
			default:
				w.line("  %sattrs policy-%d", head, p.dump)
			}
		}
		fmt.Fprintf(list, "  %d %s %s\n", id, names[id], bodies[p])
	}
	if list.Len() > 0 {
		w.line("\nmessages %s\n%s", prefix(names), strings.TrimSuffix(list.String(), "\n"))
	}
}

// unknown writes the body of a command that has no policy, of which no more
// than names can be known.
func (w *writer) unknown(cmd uint16, head string) (body string) {
	s := Space{Family: w.f.Name, Users: []string{w.cmds[cmd]}}
	if len(w.f.policies) == 0 {
		s.Max = w.f.MaxAttr
	}
	names := spaceNames(w.names, s)
	if len(names) == 0 {
		w.line("\nbody unknown-%d\n  %spayload nest -", cmd, head)
		return fmt.Sprintf("unknown-%d", cmd)
	}
	w.line("\nattrs unknown-%d %s", cmd, prefix(names))
	for _, id := range slices.Sorted(maps.Keys(names)) {
		w.line("  %d %s sub by-flag by @nested guess", id, names[id])
	}
	w.line("\nbody unknown-%d\n  %sattrs unknown-%d", cmd, head, cmd)
	return fmt.Sprintf("unknown-%d", cmd)
}

// only returns the policy that all commands have that have one.
func (w *writer) only() (index uint32, ok bool) {
	for index = range w.users {
		ok = len(w.users) == 1
	}
	return index, ok
}

// prefix is what all names start with, up to an underscore.
func prefix(names map[uint16]string) string {
	all := slices.Sorted(maps.Values(names))
	if len(all) == 0 {
		return ""
	}
	a, b := all[0], all[len(all)-1]
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:strings.LastIndexByte(a[:n], '_')+1]
}

// safe makes a word of the description language of a name.
func safe(name string) string {
	s := strings.Map(func(r rune) rune {
		if r < 0x80 && (plain(string(r)) || strings.ContainsRune("-.+", r)) {
			return r
		}
		return '-'
	}, name)
	if s == "" || s == "-" {
		return "family"
	}
	return s
}

// quoted quotes a registered name.
func quoted(name string) string {
	return `"` + strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == 0x7f {
			return '-'
		}
		return r
	}, name) + `"`
}
