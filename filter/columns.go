package filter

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// Columns are fields whose values are printed, by the names that filters have
// for them. They never change; goroutines share them.
type Columns struct {
	f    *Filter // what a Matcher works for
	cols []column
	// fields says in which columns an attribute or member can be.
	fields map[*families.Field][]int
}

// column is a field that is printed.
type column struct {
	name string
	load *builtinSource // nil for an attribute or member
	rows *attrSource    // nil for the others
}

// NewColumns finds out what names stand for. The error is an *Error with the
// names that come closest.
func NewColumns(names []string, env *Env) (*Columns, error) {
	c := &compiler{env: env, f: &Filter{env: env, families: true, links: true}, core: coreFields(env)}
	out := &Columns{f: c.f, fields: map[*families.Field][]int{}}
	for i, name := range names {
		r := env.resolve(name, true)
		if r == nil {
			err := c.unknown(&word{text: name, span: span{0, len(name)}})
			err.Expr = name
			return nil, err
		}
		col := column{name: name}
		if r.builtin != nil {
			b := builtins[r.builtin.Name]
			c.f.need = max(c.f.need, b.need)
			col.load = &builtinSource{stage: b.need, t: &r.builtin.Type, fn: b.load, answers: r.answers()}
		} else {
			col.rows = newAttrSource(r, c.core, env.db)
			for _, f := range r.fields {
				out.fields[f] = append(out.fields[f], i)
			}
		}
		out.cols = append(out.cols, col)
	}
	return out, nil
}

// Needs says how much of a frame the columns ask for.
func (c *Columns) Needs() Need { return c.f.need }

// Reader returns what reads the columns of messages. It reuses its memory and is
// for one goroutine.
func (c *Columns) Reader() *ColumnReader {
	return &ColumnReader{c: c, m: c.f.Matcher(), rows: make([][]int32, len(c.cols))}
}

// ColumnReader reads the columns of one message after the other.
type ColumnReader struct {
	c      *Columns
	m      *Matcher
	rows   [][]int32 // of each column, what it is in the message at hand
	values []value
}

// Len is how many columns there are.
func (r *ColumnReader) Len() int { return len(r.c.cols) }

// Turn turns to message x of a decoded frame, no among the frame's own.
func (r *ColumnReader) Turn(ev *render.Event, no int, x *dissect.Msg) {
	r.m.enter(ev)
	r.m.no = no
	r.m.turn(x)
	if len(r.c.fields) > 0 {
		r.collect(ev.Tree, x)
	}
}

// collect finds the rows of all columns that are attributes or members.
func (r *ColumnReader) collect(t *dissect.Tree, x *dissect.Msg) {
	for i := range r.rows {
		r.rows[i] = r.rows[i][:0]
	}
	echo := int32(0) // where the message ends that the rows are inside of
	for i, end := x.Node, t.Nodes[x.Node].End; i < end; i++ {
		n := &t.Nodes[i]
		if n.Kind == dissect.KindMessage && i > x.Node {
			echo = max(echo, n.End)
		}
		if n.Field == nil || n.Kind == dissect.KindValue {
			continue
		}
		for _, c := range r.c.fields[n.Field] {
			if s := r.c.cols[c].rows; (!s.ref.own || i >= echo) && occurs(t, n) && s.fits(t, n) {
				r.rows[c] = append(r.rows[c], i)
			}
		}
	}
}

// Cells appends what column i is in the message at hand.
func (r *ColumnReader) Cells(dst []render.Cell, i int) []render.Cell {
	col := &r.c.cols[i]
	if col.rows != nil {
		for _, row := range r.rows[i] {
			dst = append(dst, render.Cell{Row: row})
		}
		return dst
	}
	var known bool
	if r.values, known = col.load.load(r.m, r.values[:0]); !known {
		return dst
	}
	for k := range r.values {
		dst = append(dst, r.cell(col, &r.values[k]))
	}
	return dst
}

// cell is how a value that is not an attribute is printed: as a name if it has
// one, as a number where the column is called after it.
func (r *ColumnReader) cell(col *column, v *value) render.Cell {
	m := r.m
	t := col.load.t
	number := strings.HasSuffix(col.name, "_id") || col.name == "error.errno"
	switch {
	case v.kind != valNum:
		return render.Cell{Kind: render.CellText, Text: v.b}
	case number:
	case t.Hint == families.HintUnixNs:
		return render.Cell{Kind: render.CellTime}
	case t.Hint == families.HintNs:
		return render.Cell{Kind: render.CellSeconds, Num: int64(v.num)}
	case t.Enum != nil && t.Enum.Kind == families.EnumFlags && !strings.HasPrefix(col.name, "netlink."):
		return render.Cell{Kind: render.CellFlags}
	case t.Enum == nil || t.Enum.Kind != families.EnumFlags:
		if name := m.nameOf(v); name != nil {
			return render.Cell{Kind: render.CellText, Text: name}
		}
	}
	mark := len(m.arena)
	switch {
	case t.Hint == families.HintHex && !number:
		m.arena = strconv.AppendUint(append(m.arena, "0x"...), v.num, 16)
	case v.neg:
		m.arena = strconv.AppendInt(m.arena, int64(v.num), 10)
	default:
		m.arena = strconv.AppendUint(m.arena, v.num, 10)
	}
	return render.Cell{Kind: render.CellText, Text: m.arena[mark:]}
}

// CompleteField lists how the name of a field that starts with word may go on.
func CompleteField(word string, env *Env) []Candidate {
	c := &completer{env: env, to: len(word), word: word}
	c.fields()
	c.out = slices.DeleteFunc(c.out, func(x Candidate) bool { return x.Kind != CandidateField })
	return c.list()
}
