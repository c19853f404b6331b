package ynl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

// read reads a spec that is right and has nothing to warn of.
func read(t *testing.T, text string) *families.Family {
	t.Helper()
	f, warns, err := Read("t.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, w := range warns {
		t.Errorf("warning: %v", w)
	}
	return f
}

// check reads a spec that consists of head and the given text, and compares
// what show makes of it, line by line.
func check(t *testing.T, head, text string, show func(*families.Family) string, want string) {
	t.Helper()
	got := show(read(t, head+text))
	if g, w := lines(got), lines(want); g != w {
		t.Errorf("got:\n%s\nwant:\n%s", g, w)
	}
}

// lines trims every line and drops empty ones.
func lines(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// messagesOf returns the errors and warnings that a spec gives, a line each.
func messagesOf(text string) string {
	_, warns, err := Read("t.yaml", strings.NewReader(text))
	var out []string
	if err != nil {
		out = append(out, err.Error())
	}
	for _, w := range warns {
		out = append(out, "warning: "+w.String())
	}
	return strings.Join(out, "\n")
}

// complain checks what a spec gives errors and warnings for.
func complain(t *testing.T, text, want string) {
	t.Helper()
	if got := lines(messagesOf(text)); got != lines(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, lines(want))
	}
}

// Heads of small specs: the rest of the file follows.
const (
	genl   = "name: fam\noperations: {list: []}\n"
	legacy = "name: fam\nprotocol: genetlink-legacy\noperations: {list: []}\n"
	raw    = "name: fam\nprotocol: netlink-raw\nprotonum: 0\noperations: {list: []}\n"
)

// showType writes a type in full.
func showType(t *families.Type) string {
	var w []string
	add := func(format string, args ...any) { w = append(w, fmt.Sprintf(format, args...)) }
	switch t.Kind {
	case families.KindUint, families.KindSint:
		s := "u"
		if t.Kind == families.KindSint {
			s = "s"
		}
		if t.Size == 0 {
			add("%sint", s)
		} else {
			add("%s%d", s, t.Size*8)
		}
	case families.KindBinary, families.KindString, families.KindPad:
		s := map[families.Kind]string{families.KindBinary: "binary", families.KindString: "string", families.KindPad: "pad"}[t.Kind]
		if t.Size > 0 {
			s += fmt.Sprintf("[%d]", t.Size)
		}
		add("%s", s)
	case families.KindFlag:
		add("flag")
	case families.KindBitfield32:
		add("bitfield32")
	case families.KindNest:
		add("nest")
	case families.KindStruct:
		add("struct")
	case families.KindIndexed:
		add("indexed (%s)", showType(t.Elem))
	case families.KindArray:
		add("array (%s) count=%d", showType(t.Elem), t.Count)
	case families.KindTypeValue:
		add("levels %s", strings.Join(t.Levels, ","))
	case families.KindSub:
		add("sub %s by %s", t.Sub.Name, t.Selector)
	default:
		add("kind%d", t.Kind)
	}
	add("%s", []string{"", "be", "le"}[t.Order])
	for name, h := range hints {
		if t.Hint == h {
			add("%s", name)
		}
	}
	if t.Enum != nil {
		add("%s=%s", []string{"enum", "flags"}[t.Enum.Kind], t.Enum.Name)
	}
	if t.Set != nil {
		add("set=%s", t.Set.Name)
	}
	if t.Struct != nil {
		add("struct=%s", t.Struct.Name)
	}
	if t.HasMin {
		add("min=%d", t.Min)
	}
	if t.HasMax {
		add("max=%d", t.Max)
	}
	if t.MinLen > 0 {
		add("minlen=%d", t.MinLen)
	}
	if t.MaxLen > 0 {
		add("maxlen=%d", t.MaxLen)
	}
	return strings.Join(strings.Fields(strings.Join(w, " ")), " ")
}

// showSets writes every attribute set with its fields.
func showSets(f *families.Family) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f.Sets)) {
		s := f.Sets[name]
		fmt.Fprintf(&b, "%s %s\n", s.Name, s.Prefix)
		for _, a := range s.Fields {
			fmt.Fprintf(&b, "%d %s %s: %s", a.ID, a.Name, a.Short, showType(&a.Type))
			if a.Multi {
				b.WriteString(" multi")
			}
			if a.Secret {
				b.WriteString(" secret")
			}
			if a.Doc != "" {
				fmt.Fprintf(&b, " doc=%q", a.Doc)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// showStructs writes every struct with its members and layout.
func showStructs(f *families.Family) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f.Structs)) {
		s := f.Structs[name]
		fmt.Fprintf(&b, "%s size=%d min=%d", s.Name, s.Size, s.Min)
		if s.Packed {
			b.WriteString(" packed")
		}
		if s.Flex {
			b.WriteString(" flex")
		}
		b.WriteByte('\n')
		for _, m := range s.Members {
			fmt.Fprintf(&b, "%d %s %s: %s", m.Off, m.Name, m.Short, showType(&m.Type))
			if m.Secret {
				b.WriteString(" secret")
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// showEnums writes every enum with its entries.
func showEnums(f *families.Family) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f.Enums)) {
		e := f.Enums[name]
		fmt.Fprintf(&b, "%s %s %s\n", []string{"enum", "flags"}[e.Kind], e.Name, e.Prefix)
		for _, x := range e.Entries {
			fmt.Fprintf(&b, "%#x %s %s\n", x.Value, x.Name, x.Short)
		}
	}
	return b.String()
}

// showMessages writes every message with its bodies.
func showMessages(f *families.Family) string {
	var b strings.Builder
	for _, m := range f.Messages {
		dir := ""
		if m.Req {
			dir += ">"
		}
		if m.Rep {
			dir += "<"
		}
		fmt.Fprintf(&b, "%d %s %s %s", m.ID, dir, m.Name, m.Short)
		if m.Class != families.ClassOther {
			fmt.Fprintf(&b, " %s", []string{"", "get", "new", "del"}[m.Class])
		}
		if m.Body != nil {
			for i, x := range m.Body.Bodies {
				b.WriteString([]string{":", "|"}[min(i, 1)])
				for _, c := range x.When {
					fmt.Fprintf(&b, " %s", map[families.CondKind]string{families.CondDump: "dump"}[c.Kind])
				}
				if x.Header != nil {
					fmt.Fprintf(&b, " header=%s", x.Header.Name)
				}
				if x.Set != nil {
					fmt.Fprintf(&b, " set=%s", x.Set.Name)
				}
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// showSubs writes every sub-message with its formats.
func showSubs(f *families.Family) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f.Subs)) {
		s := f.Subs[name]
		fmt.Fprintf(&b, "%s\n", s.Name)
		for _, k := range slices.Sorted(maps.Keys(s.ByName)) {
			fmt.Fprintf(&b, "%s: %s\n", k, showType(s.ByName[k]))
		}
		for _, k := range slices.Sorted(maps.Keys(s.ByValue)) {
			fmt.Fprintf(&b, "%d: %s\n", k, showType(s.ByValue[k]))
		}
	}
	return b.String()
}
