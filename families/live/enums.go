package live

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/cilium/ebpf/btf"

	"github.com/nlsniff/nlsniff/internal/policy"
)

// enumNames guesses the names of commands and attributes from the enums of
// the kernel and its modules, which BTF has. Enums are matched by name and by
// the numbers that they have to have.
type enumNames struct {
	once  sync.Once
	enums []enum
}

// enum is one that could name commands or attributes.
type enum struct {
	prefix string // what its names start with, up to an underscore
	names  map[uint16]string
	top    uint16
	kind   enumKind
	// answers: some names end in _REPLY or _NTF.
	answers bool
}

// enumKind is what an enum's names say of it.
type enumKind uint8

const (
	kindOther enumKind = iota
	kindAttrs
	kindCommands
)

// btfDir is where the kernel shows its types.
const btfDir = "/sys/kernel/btf"

// load reads all types once, which takes some tenths of a second. Modules
// come after the kernel, whose types theirs build upon.
func (e *enumNames) load() {
	e.once.Do(func() {
		base, err := btf.LoadKernelSpec()
		if err != nil {
			return
		}
		e.read(base)
		entries, _ := os.ReadDir(btfDir)
		for _, m := range entries {
			if m.Name() == "vmlinux" {
				continue
			}
			f, err := os.Open(filepath.Join(btfDir, m.Name()))
			if err != nil {
				continue
			}
			if s, err := btf.LoadSplitSpecFromReader(f, base); err == nil {
				e.read(s)
			}
			f.Close()
		}
	})
}

func (e *enumNames) read(s *btf.Spec) {
	for t, err := range s.All() {
		if err != nil {
			return
		}
		if b, ok := t.(*btf.Enum); ok {
			if x, ok := newEnum(b.Values); ok {
				e.enums = append(e.enums, x)
			}
		}
	}
}

// newEnum keeps the names that stand for something: not the marks at the ends
// of enums such as __FOO_MAX, NUM_FOO or FOO_MAX.
func newEnum(values []btf.EnumValue) (enum, bool) {
	x := enum{names: map[uint16]string{}}
	for _, v := range values {
		n := v.Name
		if v.Value > math.MaxUint8*4 || strings.HasPrefix(n, "_") || strings.HasPrefix(n, "NUM_") || strings.HasSuffix(n, "_MAX") || x.names[uint16(v.Value)] != "" {
			continue
		}
		if v.Value == 0 && (strings.HasSuffix(n, "_UNSPEC") || strings.HasSuffix(n, "_INVALID")) {
			continue
		}
		x.names[uint16(v.Value)] = n
		x.top = max(x.top, uint16(v.Value))
		x.answers = x.answers || strings.HasSuffix(n, "_REPLY") || strings.HasSuffix(n, "_NTF")
	}
	if len(x.names) == 0 {
		return x, false
	}
	x.prefix = commonPrefix(x.names)
	if x.prefix == "" {
		return x, false
	}
	words := strings.Split(strings.TrimSuffix(x.prefix, "_"), "_")
	for _, w := range words[1:] {
		switch w {
		case "CMD", "C", "MSG", "OP", "CMDS":
			x.kind = kindCommands
		case "A", "ATTR", "ATTRS", "NLA":
			x.kind = kindAttrs
		}
	}
	return x, x.kind != kindOther
}

// commonPrefix is what all names start with, up to an underscore.
func commonPrefix(names map[uint16]string) string {
	first, p := true, ""
	for _, n := range names {
		if first {
			p, first = n, false
			continue
		}
		i := 0
		for i < len(p) && i < len(n) && p[i] == n[i] {
			i++
		}
		p = p[:i]
	}
	return p[:strings.LastIndexByte(p, '_')+1]
}

// Names finds the enum that fits a space best. Where two fit equally well and
// differ, it says nothing: no name is better than a wrong one.
func (e *enumNames) Names(s policy.Space) map[uint16]string {
	e.load()
	best, score, tie := -1, 0, false
	for i := range e.enums {
		n := e.enums[i].fits(s)
		switch {
		case n > score:
			best, score, tie = i, n, false
		case n == score && n > 0 && !maps.Equal(e.enums[i].names, e.enums[best].names):
			tie = true
		}
	}
	if best < 0 || tie {
		return nil
	}
	return e.enums[best].names
}

// fits says how well an enum fits, 0 if it cannot be the one: it has to have a
// name for every number, and be called like the family.
func (x *enum) fits(s policy.Space) int {
	if s.Commands != (x.kind == kindCommands) {
		return 0
	}
	for _, id := range s.IDs {
		if x.names[id] == "" && id != 0 {
			return 0
		}
	}
	score := related(s.Family, x.prefix)
	if score == 0 || s.Max > 0 && uint32(x.top) < s.Max {
		return 0 // there are attributes that it does not have
	}
	if s.Max > 0 && uint32(x.top) == s.Max {
		score += 50
	}
	// ETHTOOL_MSG_RINGS_GET has ETHTOOL_A_RINGS_…, NL80211_ATTR_KEY holds
	// NL80211_KEY_…: words that an enum shares with those speak for it, others
	// against.
	about := tokens(s.Family + "_" + s.Parent)
	for _, u := range s.Users {
		about = append(about, tokens(u)...)
	}
	for _, t := range tokens(x.prefix) {
		switch {
		case slices.Contains(about, t):
			score += 10
		case !slices.Contains(fillers, t):
			score -= 10
		}
	}
	if s.Commands && x.answers {
		score -= 10 // ETHTOOL_MSG_KERNEL_…: what is asked for is requests
	}
	return max(1, score)
}

// fillers are words that say nothing of what an enum is for.
var fillers = []string{"GENL", "NL", "A", "ATTR", "ATTRS", "NLA", "CMD", "CMDS", "C", "MSG", "OP"}

func tokens(s string) []string {
	return strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return r == '_' || r == '-' || r == ' ' || r == '.' })
}

// related says how much a family's name and the names of an enum have in
// common, 0 if too little.
func related(family, prefix string) int {
	f, p := tokens(family), tokens(prefix)
	same := 0
	for same < len(f) && same < len(p) && f[same] == p[same] {
		same++
	}
	switch {
	case same == 0:
		return 0
	case same == len(f):
		return 100
	case same < len(p) && slices.Contains(fillers, p[same]): // acpi_event has ACPI_GENL_…
		return 70
	}
	return 0
}
