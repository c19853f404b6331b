package wslua

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// field is a field that can be filtered for. One name is one field, whatever it
// is in different places.
type field struct{ kind string }

// generator numbers what descriptions are made of, and writes each as a Lua table
// that is read when it is first needed.
type generator struct {
	fields  map[string]*field
	structs map[*families.Struct]int
	sets    map[*families.AttrSet]int
	enums   map[*families.Enum]int
	subs    map[*families.SubMessage]int
	bodyIDs map[*families.BodySet]int
	chooses map[string]bool // fields that a sub-message is chosen by
	keyed   map[string]bool // tables of messages with key material

	structText, setText, enumText, subText, bodies []string
	todo                                           []func()
}

// drain writes what was numbered, and what that needs.
func (g *generator) drain() {
	for len(g.todo) > 0 {
		next := g.todo[0]
		g.todo = g.todo[1:]
		next()
	}
}

// number gives x its place in a list, and has it written later.
func number[T comparable](g *generator, ids map[T]int, list *[]string, x T, write func() string) int {
	if id, ok := ids[x]; ok {
		return id
	}
	*list = append(*list, "")
	id := len(*list)
	ids[x] = id
	g.todo = append(g.todo, func() { (*list)[id-1] = write() })
	return id
}

func (g *generator) structID(s *families.Struct) int {
	return number(g, g.structs, &g.structText, s, func() string {
		var b strings.Builder
		fmt.Fprintf(&b, "n=%d,", s.Size)
		for _, m := range s.Members {
			size := m.Type.FixedSize()
			if size <= 0 {
				break // what follows has no fixed place
			}
			fmt.Fprintf(&b, "{%q,%d,%d,%s},", g.name(m.Name, &m.Type, m.Secret), m.Off, size, g.typ(&m.Type, m.Secret))
		}
		return "{" + b.String() + "}"
	})
}

func (g *generator) setID(s *families.AttrSet) int {
	return number(g, g.sets, &g.setText, s, func() string {
		var b strings.Builder
		if s.Keyed {
			b.WriteString("keyed=true,")
		}
		again := map[*families.Field]bool{} // each is for what follows it
		for _, f := range s.Fields {
			if f.Type.Kind != families.KindSub {
				continue
			}
			if len(again) == 0 {
				b.WriteString("early=true,")
			}
			x := s.ByName(f.Type.Selector)
			again[x] = x != nil && x.Multi
		}
		for _, f := range s.Fields {
			more := ""
			if again[f] {
				more = ",true"
			}
			fmt.Fprintf(&b, "[%d]={%q,%s%s},", f.ID, g.name(f.Name, &f.Type, f.Secret), g.typ(&f.Type, f.Secret), more)
		}
		return "{" + b.String() + "}"
	})
}

// maxExact is what a number of Lua 5.2 holds exactly.
const maxExact = 1 << 53

func (g *generator) enum(e *families.Enum) int {
	return number(g, g.enums, &g.enumText, e, func() string {
		var b strings.Builder
		seen := map[uint64]bool{}
		for _, x := range e.Entries {
			v := x.Value
			if e.Kind == families.EnumBits || seen[v] {
				continue
			}
			seen[v] = true
			switch {
			case v < maxExact:
				fmt.Fprintf(&b, "[%d]=%q,", v, x.Name)
			case -v < maxExact:
				fmt.Fprintf(&b, "[-%d]=%q,", -v, x.Name)
			}
		}
		flags := ""
		if e.Kind == families.EnumFlags {
			flags = "flags=true,"
		}
		return "{" + flags + "v={" + b.String() + "}}"
	})
}

func (g *generator) subID(s *families.SubMessage) int {
	return number(g, g.subs, &g.subText, s, func() string {
		var b strings.Builder
		b.WriteString("n={")
		for _, name := range sorted(s.ByName) {
			fmt.Fprintf(&b, "[%q]=%s,", name, g.typ(s.ByName[name], false))
		}
		b.WriteString("},v={")
		var values []uint64
		for v := range s.ByValue {
			values = append(values, v)
		}
		slices.Sort(values)
		for _, v := range values {
			if v < maxExact {
				fmt.Fprintf(&b, "[%d]=%s,", v, g.typ(s.ByValue[v], false))
			}
		}
		b.WriteString("},")
		if s.Default != nil {
			b.WriteString("d=" + g.typ(s.Default, false))
		}
		return "{" + b.String() + "}"
	})
}

// body numbers what can follow a message's header.
func (g *generator) body(s *families.BodySet) int {
	if g.bodyIDs == nil {
		g.bodyIDs = map[*families.BodySet]int{}
	}
	return number(g, g.bodyIDs, &g.bodies, s, func() string {
		var b strings.Builder
		for _, x := range s.Bodies {
			b.WriteString("{when={")
			for _, c := range x.When {
				b.WriteString(g.condition(&c) + ",")
			}
			b.WriteString("},")
			if x.Header != nil {
				fmt.Fprintf(&b, "t=%d,", g.structID(x.Header))
			}
			if x.Set != nil {
				fmt.Fprintf(&b, "s=%d,", g.setID(x.Set))
			}
			if x.Payload != nil {
				fmt.Fprintf(&b, "p=%s,", g.typ(x.Payload, false))
			}
			b.WriteString("line={" + lineOf(&x.Line) + "}},")
		}
		return "{" + b.String() + "}"
	})
}

// lineOf writes what a summary has: labels, and the paths of which the first that
// is there counts.
func lineOf(l *families.Line) string {
	var b strings.Builder
	for _, item := range l.Items {
		var paths strings.Builder
		for _, a := range item.Alts {
			if len(a.Path) == 0 || len(a.When) > 0 {
				continue
			}
			names := make([]string, len(a.Path))
			for i, f := range a.Path {
				names[i] = f.Name
			}
			fmt.Fprintf(&paths, "%q,", strings.Join(names, "/"))
		}
		if paths.Len() > 0 {
			fmt.Fprintf(&b, "{%q,%s},", item.Label, paths.String())
		}
	}
	return b.String()
}

func (g *generator) condition(c *families.Cond) string {
	words := map[families.CondKind]string{
		families.CondRequest: "request", families.CondReply: "reply", families.CondDump: "dump", families.CondLenLess: "less", families.CondMember: "member",
		families.CondStarts: "starts", families.CondAttrsAt: "attrs", families.CondEvent: "event", families.CondCreate: "create",
	}
	member := ""
	if c.Member != nil {
		member = fmt.Sprintf(",off=%d,n=%d,o=%d", c.Member.Off, c.Member.Type.FixedSize(), c.Member.Type.Order)
	}
	return fmt.Sprintf("{%q,v=%d,text=%q,no=%v%s}", words[c.Kind], min(c.Value, maxExact), c.Text, c.Not, member)
}

// name enters a field.
func (g *generator) name(name string, t *families.Type, secret bool) string {
	kind := kindOf(t, secret)
	f := g.fields[name]
	switch {
	case f == nil:
		g.fields[name] = &field{kind}
	case f.kind != kind:
		f.kind = both(f.kind, kind)
	}
	return name
}

// both is what a field is that is one thing here and another there.
func both(a, b string) string {
	switch {
	case a == "s" || b == "s" || a == "y" || b == "y":
		return "s"
	case a == "n" || b == "n":
		return "s"
	case a[0] == 'i' || b[0] == 'i':
		return "i8"
	}
	return "u8"
}

// kindOf is what Wireshark is to take a field for: u4, u8, i4, i8 are integers, s
// text, y bytes, n nothing but a branch.
func kindOf(t *families.Type, secret bool) string {
	if secret || t.Secret {
		return "s"
	}
	switch t.Kind {
	case families.KindUint, families.KindSint:
		letter := "u"
		if t.Kind == families.KindSint {
			letter = "i"
		}
		if t.Hint == families.HintIPv4 {
			return "s"
		}
		if t.Size == 0 || t.Size > 4 {
			return letter + "8"
		}
		return letter + "4"
	case families.KindString:
		return "s"
	case families.KindNest, families.KindIndexed, families.KindStruct, families.KindSub, families.KindFlag, families.KindPad, families.KindTLV:
		return "n"
	case families.KindArray:
		if bitmap(t) {
			return "s"
		}
		return kindOf(t.Elem, false)
	case families.KindBinary:
		if address(t.Hint) {
			return "s"
		}
	}
	return "y"
}

func address(h families.Hint) bool {
	switch h {
	case families.HintMAC, families.HintIPv4, families.HintIPv6, families.HintIP, families.HintLLAddr:
		return true
	}
	return false
}

// room writes how many bytes a value has at least and at most, 0 for any number.
func room(lo, hi int) (s string) {
	if lo > 0 {
		s = fmt.Sprintf(",lo=%d", lo)
	}
	if hi > 0 {
		s += fmt.Sprintf(",hi=%d", hi)
	}
	return s
}

// typ writes how to read a value. What the interpreter does not take apart are
// bytes to it.
func (g *generator) typ(t *families.Type, secret bool) string {
	if secret || t.Secret {
		return "{k='h'}"
	}
	more := ""
	if t.Order != families.OrderHost {
		more += fmt.Sprintf(",o=%d", t.Order)
	}
	if t.Enum != nil && t.Enum.Kind != families.EnumBits {
		more += fmt.Sprintf(",e=%d", g.enum(t.Enum))
	}
	if t.Hint == families.HintIPv4 {
		more += ",a=4"
	}
	switch t.Kind {
	case families.KindUint:
		return fmt.Sprintf("{k='u',n=%d%s}", t.Size, more)
	case families.KindSint:
		return fmt.Sprintf("{k='i',n=%d%s}", t.Size, more)
	case families.KindString:
		return "{k='z'" + room(0, t.MaxLen) + "}"
	case families.KindFlag:
		return "{k='f',hi=0}"
	case families.KindPad:
		return "{k='f'}"
	case families.KindNest:
		head := ""
		if t.Struct != nil {
			head = fmt.Sprintf(",t=%d", g.structID(t.Struct))
		}
		if t.Set == nil {
			return "{k='n'" + head + "}"
		}
		return fmt.Sprintf("{k='n',s=%d%s}", g.setID(t.Set), head)
	case families.KindIndexed:
		return "{k='x',l=" + g.typ(t.Elem, false) + "}"
	case families.KindStruct:
		if t.Struct != nil {
			hi := (t.Struct.Size + 3) &^ 3
			if t.Struct.Flex {
				hi = 0
			}
			return fmt.Sprintf("{k='t',t=%d%s}", g.structID(t.Struct), room(t.Struct.Min, hi))
		}
	case families.KindArray:
		if bitmap(t) {
			return g.bitmap(t)
		}
		if n := t.Elem.FixedSize(); n > 0 {
			return fmt.Sprintf("{k='a',n=%d,l=%s%s}", n, g.typ(t.Elem, false), room(t.Count*n, t.Count*n))
		}
	case families.KindSub:
		if t.Selector != "" {
			for _, name := range append([]string{t.Selector}, t.Inside...) {
				g.chooses[name] = true
			}
		}
		return fmt.Sprintf("{k='m',m=%d,by=%q,inside=%q,c=%d,present=%v}", g.subID(t.Sub), t.Selector, strings.Join(t.Inside, "/"), t.Choose, t.Present)
	case families.KindTLV:
		return g.tlv(t.TLV)
	case families.KindPacket:
		return fmt.Sprintf("{k='p',l=%d}", t.Layer)
	case families.KindBitfield32:
		return "{k='b'" + room(t.Size, t.Size) + "}"
	case families.KindBinary:
		limits := room(max(t.Size, t.MinLen), max(t.Size, t.MaxLen))
		if !address(t.Hint) {
			return "{k='b'" + limits + "}"
		}
		if t.Hint == families.HintIP && t.Size == 0 {
			limits += ",ip=true"
		}
		return fmt.Sprintf("{k='b',a=%q%s}", map[families.Hint]string{families.HintMAC: "mac", families.HintIPv4: "ip", families.HintIPv6: "ip", families.HintIP: "ip", families.HintLLAddr: "ll"}[t.Hint], limits)
	}
	return "{k='b'}"
}
