package tui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/render"
)

// fieldMsg brings the filter for a field, "" if there is none, and what is to be
// done with it.
type fieldMsg struct {
	expr string
	then func(*Model, string) tea.Cmd
}

// byField filters by the field under the cursor.
func (m *Model) byField() tea.Cmd { return m.withField((*Model).build) }

// withField does something with the filter for the field under the cursor: the
// first of several that lets its message through. A name can mean something else
// as well, and not all values can be compared.
func (m *Model) withField(then func(*Model, string) tea.Cmd) tea.Cmd {
	r := m.detail.row()
	if r == nil || r.node < 0 || m.detail.tree.d == nil {
		return m.complain("this is no field")
	}
	list, s, row, env := m.fieldFilters(r), m.store, m.detail.tree.d.Row, m.filter.env
	return func() tea.Msg {
		for _, expr := range list {
			f, err := filter.Compile(expr, env)
			if err != nil {
				continue
			}
			d, err := s.NewDecoder().Detail(row)
			if err != nil || d.Message < 0 {
				break
			}
			if matches(f, &d.Input, &d.Event, d.Message) {
				return fieldMsg{expr, then}
			}
		}
		return fieldMsg{"", then}
	}
}

// matches says whether a filter lets one message of a frame through.
func matches(f *filter.Filter, in *dissect.Input, ev *render.Event, message int) bool {
	m := f.Matcher()
	m.Quick(in, ev)
	_, shown := m.Frame(ev)
	return shown[message]
}

func (m *Model) gotField(msg fieldMsg) tea.Cmd {
	if msg.expr == "" {
		return m.complain("this has no name to filter by")
	}
	return msg.then(m, msg.expr)
}

// fieldFilters are the filters for messages that have the same value in a field,
// or the field at all, those that say the most first.
func (m *Model) fieldFilters(r *treeRow) (list []string) {
	d := m.detail.tree.d
	t := d.Tree
	i := r.node
	n := &t.Nodes[i]
	if n.Kind == dissect.KindMessage {
		switch msg := t.MsgOf(i); {
		case n.Depth == 0 && msg != nil && !msg.HasErrno:
			return []string{"op == " + strconv.Quote(render.NodeName(t, i))}
		case n.Depth == 0 && msg != nil:
			return []string{"errno == " + m.errnoValue(msg.Errno), "type == NLMSG_ERROR"}
		}
		return []string{"error", "errno"}
	}
	names := m.fieldNames(i)
	leaf := n
	if !n.Kind.Leaf() {
		if from, to := t.Payload(i); from+1 == to && t.Nodes[from].Kind.Leaf() {
			leaf = &t.Nodes[from]
		} else {
			leaf = nil
		}
	}
	if leaf != nil {
		if v := m.comparable(leaf); v != "" {
			if leaf.Type.Hint == families.HintErrno {
				list = append(list, "errno == "+v)
			}
			for _, name := range names {
				list = append(list, name+" == "+v)
			}
			if leaf.Type.Enum != nil { // a name can be unknown there
				for _, name := range names {
					list = append(list, name+" == "+strconv.FormatUint(t.Uint(leaf), 10))
				}
			}
		}
	}
	return append(list, names...)
}

// fieldNames are the names that a node has in a filter, the shortest first.
func (m *Model) fieldNames(i int32) []string {
	t := m.detail.tree.d.Tree
	n := &t.Nodes[i]
	if n.Field == nil {
		return nil
	}
	list := []string{n.Field.Name}
	if n.Parent < 0 {
		return list
	}
	around := &t.Nodes[n.Parent]
	if typ := around.Type; typ != nil && typ.Struct != nil {
		list = append(list, typ.Struct.Name+"."+n.Field.Name)
	}
	if around.Field != nil {
		list = append(list, around.Field.Name+"/"+n.Field.Name)
	}
	return list
}

// errnoValue is an errno as a filter has it: without its sign, and by its name.
func (m *Model) errnoValue(v int32) string {
	if v == 0 {
		return "0"
	}
	return m.errnoText(min(v, -v))
}

// comparable is the value of a leaf as a filter has it, "" if it has none.
func (m *Model) comparable(n *dissect.Node) string {
	t := n.Type
	if t == nil || m.detail.tree.hidden(n) {
		return ""
	}
	b := m.detail.tree.d.Tree.Bytes(n)
	switch t.Kind {
	case families.KindUint, families.KindSint:
		switch t.Hint {
		case families.HintIPv4, families.HintIPv6, families.HintIP:
			return string(render.AppendValue(nil, m.renderOptions(), &m.detail.tree.d.Event, n))
		}
		v := dissect.Uint(b, n.Big)
		if t.Hint == families.HintErrno {
			return m.errnoValue(int32(dissect.Int(v, len(b))))
		}
		if t.Kind == families.KindSint {
			return strconv.FormatInt(dissect.Int(v, len(b)), 10)
		}
		if t.Enum != nil && t.Enum.Kind == families.EnumValues {
			if name := t.Enum.ValueName(v); name != "" {
				return name
			}
		}
		if t.Hint == families.HintHex || t.Enum != nil && t.Enum.Kind == families.EnumFlags {
			return "0x" + strconv.FormatUint(v, 16)
		}
		return strconv.FormatUint(v, 10)
	case families.KindString:
		s := strings.TrimRight(string(b), "\x00")
		if len(s) > 200 {
			return ""
		}
		return strconv.Quote(s)
	}
	switch t.Hint {
	case families.HintMAC, families.HintIPv4, families.HintIPv6, families.HintIP:
		return string(render.AppendValue(nil, m.renderOptions(), &m.detail.tree.d.Event, n))
	}
	return ""
}
