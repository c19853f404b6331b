package tui

import (
	"slices"
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
	from, to := t.Payload(i)
	if !n.Kind.Leaf() {
		if from+1 == to && t.Nodes[from].Kind.Leaf() {
			leaf = &t.Nodes[from]
		} else {
			leaf = nil
		}
	}
	if leaf == nil {
		return append(list, names...)
	}
	asked := names
	if leaf != n { // the only member of what has the name
		asked = append(slices.Clone(names), m.fieldNames(from)...)
	}
	for _, v := range m.comparables(leaf) {
		if leaf.Type.Hint == families.HintErrno {
			list = append(list, "errno == "+v[0])
		}
		for _, name := range asked {
			list = append(list, allOf(name, slices.Clone(v)))
		}
	}
	return append(list, names...)
}

// allOf asks for some values in a field, which can have several.
func allOf(name string, values []string) string {
	for i, v := range values {
		values[i] = name + " == " + v
	}
	if len(values) == 1 {
		return values[0]
	}
	return "(" + strings.Join(values, " and ") + ")"
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
