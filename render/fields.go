package render

import (
	"github.com/nlsniff/nlsniff/dissect"
)

// FieldOptions say how columns are written (-E).
type FieldOptions struct {
	Separator  string // between columns
	Aggregator string // between the values of one column
	Quote      string // around a column
	Occurrence byte   // of several values: 'f'irst, 'l'ast or 'a'll
}

// Columns reads the values of columns. Package filter has them, by the names
// that filters know.
type Columns interface {
	// Len is how many columns there are.
	Len() int
	// Turn turns to a message of a decoded frame, no among the frame's own.
	Turn(ev *Event, no int, m *dissect.Msg)
	// Cells appends the values that column i has in the message.
	Cells(dst []Cell, i int) []Cell
}

// CellKind says what a Cell holds.
type CellKind uint8

// The kinds of cell.
const (
	CellRow     CellKind = iota // an attribute or member: a row of the tree
	CellText                    // Text, not yet escaped
	CellTime                    // the time of the frame, as -t wants it
	CellSeconds                 // Num nanoseconds
	CellFlags                   // the flags of the message
)

// Cell is one value of a column.
type Cell struct {
	Kind CellKind
	Row  int32
	Num  int64
	Text []byte
}

// Fields prints one line a message with the columns asked for (-T fields).
type Fields struct {
	base
	opt   FieldOptions
	cols  Columns
	cells []Cell
}

// NewFields returns a printer of columns.
func NewFields(o Options, fo FieldOptions, cols Columns) *Fields {
	return &Fields{base: base{Options: o, noUnit: true}, opt: fo, cols: cols}
}

// FieldHeader appends the line of column names.
func FieldHeader(dst []byte, fo FieldOptions, names []string) []byte {
	for i, n := range names {
		if i > 0 {
			dst = append(dst, fo.Separator...)
		}
		dst = append(append(append(dst, fo.Quote...), n...), fo.Quote...)
	}
	return append(dst, '\n')
}

// Frame appends a line for each message.
func (p *Fields) Frame(dst []byte, ev *Event) []byte {
	p.set(ev)
	for no, m := range ev.own() {
		dst = ev.spill(p.message(dst, no, m))
	}
	return dst
}

func (p *Fields) message(dst []byte, no int, m *dissect.Msg) []byte {
	p.cols.Turn(p.ev, no, m)
	for i := range p.cols.Len() {
		if i > 0 {
			dst = append(dst, p.opt.Separator...)
		}
		dst = append(dst, p.opt.Quote...)
		p.cells = p.cols.Cells(p.cells[:0], i)
		cells := p.cells
		switch {
		case len(cells) > 1 && p.opt.Occurrence == 'f':
			cells = cells[:1]
		case len(cells) > 1 && p.opt.Occurrence == 'l':
			cells = cells[len(cells)-1:]
		}
		for k := range cells {
			if k > 0 {
				dst = append(dst, p.opt.Aggregator...)
			}
			dst = p.cell(dst, m, &cells[k])
		}
		dst = append(dst, p.opt.Quote...)
	}
	return append(dst, '\n')
}

func (p *Fields) cell(dst []byte, m *dissect.Msg, c *Cell) []byte {
	switch c.Kind {
	case CellRow:
		return p.brief(dst, c.Row)
	case CellTime:
		return p.time(dst)
	case CellSeconds:
		return appendSeconds(dst, c.Num)
	case CellFlags:
		return appendFlags(dst, m.FlagSet, uint64(m.Flags))
	}
	return appendEscaped(dst, c.Text, 0)
}
