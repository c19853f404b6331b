package render

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// FieldOptions say how columns are written (-E).
type FieldOptions struct {
	Separator  string // between columns
	Aggregator string // between the values of one column
	Quote      string // around a column
	Occurrence byte   // of several values: 'f'irst, 'l'ast or 'a'll
}

// Fields prints one line a message with the columns asked for (-T fields).
type Fields struct {
	base
	opt   FieldOptions
	cols  []column
	known map[*families.Field][]int // which columns a field goes to
	vals  [][]span                  // values of the message at hand, in buf
	buf   []byte
}

// column is one -e: a built-in value, or the path of an attribute or member.
type column struct {
	builtin func(*Fields, []byte, *dissect.Msg) []byte
	path    []string // uapi or YNL names, the last one is shown
}

// builtins are the values that are not attributes, with the names that tshark
// has for them.
var builtins = map[string]func(*Fields, []byte, *dissect.Msg) []byte{
	"frame": func(p *Fields, d []byte, _ *dissect.Msg) []byte { return strconv.AppendInt(d, int64(p.ev.Number), 10) },
	"frame.len": func(p *Fields, d []byte, _ *dissect.Msg) []byte {
		return strconv.AppendInt(d, int64(p.ev.OrigLen), 10)
	},
	"time":          func(p *Fields, d []byte, _ *dissect.Msg) []byte { return p.time(d) },
	"time.epoch":    func(p *Fields, d []byte, _ *dissect.Msg) []byte { return appendSeconds(d, p.ev.Time) },
	"time.relative": func(p *Fields, d []byte, _ *dissect.Msg) []byte { return appendSeconds(d, p.ev.Since) },
	"time.delta":    func(p *Fields, d []byte, _ *dissect.Msg) []byte { return appendSeconds(d, p.ev.Delta) },
	"protocol": func(p *Fields, d []byte, _ *dissect.Msg) []byte {
		return append(d, protocolName(p.t.Proto)...)
	},
	"direction": func(_ *Fields, d []byte, m *dissect.Msg) []byte { return append(d, directions[m.Dir]...) },
	"pid": func(p *Fields, d []byte, _ *dissect.Msg) []byte {
		if p.ev.PID == 0 {
			return d
		}
		return strconv.AppendUint(d, uint64(p.ev.PID), 10)
	},
	"comm":           func(p *Fields, d []byte, _ *dissect.Msg) []byte { return appendEscaped(d, []byte(p.ev.Comm), 0) },
	"family":         func(_ *Fields, d []byte, m *dissect.Msg) []byte { return append(d, family(m)...) },
	"op":             func(_ *Fields, d []byte, m *dissect.Msg) []byte { return appendOp(d, m) },
	"info":           (*Fields).info,
	"nlmsg.len":      func(_ *Fields, d []byte, m *dissect.Msg) []byte { return strconv.AppendUint(d, uint64(m.Len), 10) },
	"nlmsg.type":     func(_ *Fields, d []byte, m *dissect.Msg) []byte { return appendType(d, m) },
	"nlmsg.type_id":  func(_ *Fields, d []byte, m *dissect.Msg) []byte { return strconv.AppendUint(d, uint64(m.Type), 10) },
	"nlmsg.flags":    func(_ *Fields, d []byte, m *dissect.Msg) []byte { return appendFlags(d, m.FlagSet, uint64(m.Flags)) },
	"nlmsg.flags_id": func(_ *Fields, d []byte, m *dissect.Msg) []byte { return strconv.AppendUint(d, uint64(m.Flags), 10) },
	"nlmsg.seq":      func(_ *Fields, d []byte, m *dissect.Msg) []byte { return strconv.AppendUint(d, uint64(m.Seq), 10) },
	"nlmsg.portid":   func(_ *Fields, d []byte, m *dissect.Msg) []byte { return strconv.AppendUint(d, uint64(m.PortID), 10) },
	"genl.family": func(_ *Fields, d []byte, m *dissect.Msg) []byte {
		return appendEscaped(d, []byte(m.GenlName), 0)
	},
	"genl.cmd": func(_ *Fields, d []byte, m *dissect.Msg) []byte {
		if m.HasGenl && m.Message != nil {
			return append(d, m.Message.Name...)
		}
		return d
	},
	"genl.cmd_id": func(_ *Fields, d []byte, m *dissect.Msg) []byte {
		if !m.HasGenl {
			return d
		}
		return strconv.AppendUint(d, uint64(m.GenlCmd), 10)
	},
	"genl.version": func(_ *Fields, d []byte, m *dissect.Msg) []byte {
		if !m.HasGenl {
			return d
		}
		return strconv.AppendUint(d, uint64(m.GenlVer), 10)
	},
	"error.errno": func(_ *Fields, d []byte, m *dissect.Msg) []byte {
		if !m.HasErrno {
			return d
		}
		return strconv.AppendInt(d, int64(m.Errno), 10)
	},
	"error.name": func(p *Fields, d []byte, m *dissect.Msg) []byte {
		return append(d, errnoName(p.errnoEnum(m), m.Errno)...)
	},
	"error.msg": func(p *Fields, d []byte, m *dissect.Msg) []byte {
		if m.ExtAck.Text < 0 {
			return d
		}
		return appendEscaped(d, cstring(p.t.Bytes(&p.t.Nodes[m.ExtAck.Text])), 0)
	},
	"error.offset": func(_ *Fields, d []byte, m *dissect.Msg) []byte {
		if !m.ExtAck.HasOffs {
			return d
		}
		return strconv.AppendUint(d, uint64(m.ExtAck.Offs), 10)
	},
	"error.attr": func(_ *Fields, d []byte, m *dissect.Msg) []byte { return appendSteps(d, m.ExtAck.Path) },
	"finding":    (*Fields).codes,
}

// aliases are tshark's names for built-in values.
var aliases = map[string]string{
	"frame.number": "frame", "frame.time": "time", "frame.time_epoch": "time.epoch", "frame.time_relative": "time.relative",
	"frame.time_delta": "time.delta", "netlink.hdr_len": "nlmsg.len", "netlink.hdr_type": "nlmsg.type",
	"netlink.hdr_flags": "nlmsg.flags", "netlink.hdr_seq": "nlmsg.seq", "netlink.hdr_pid": "nlmsg.portid",
	"netlink.family": "protocol", "genl.ctrl.cmd": "genl.cmd", "_ws.col.Info": "info", "_ws.col.Time": "time",
}

// Builtins lists the columns that are not attributes.
func Builtins() []string {
	var out []string
	for n := range builtins {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// NewFields returns a printer of columns. exists says whether an attribute or
// member of that uapi or YNL name is described anywhere.
func NewFields(o Options, fo FieldOptions, names []string, exists func(string) bool) (*Fields, error) {
	p := &Fields{base: base{Options: o, noUnit: true}, opt: fo, known: map[*families.Field][]int{}, vals: make([][]span, len(names))}
	for _, n := range names {
		if a := aliases[n]; a != "" {
			n = a
		}
		if b := builtins[n]; b != nil {
			p.cols = append(p.cols, column{builtin: b})
			continue
		}
		path := strings.Split(n, "/")
		for _, part := range path {
			if !exists(part) {
				return nil, fmt.Errorf("unknown field %q", n)
			}
		}
		p.cols = append(p.cols, column{path: path})
	}
	return p, nil
}

// Header appends the line of column names.
func (p *Fields) Header(dst []byte, names []string) []byte {
	for i, n := range names {
		if i > 0 {
			dst = append(dst, p.opt.Separator...)
		}
		dst = append(append(append(dst, p.opt.Quote...), n...), p.opt.Quote...)
	}
	return append(dst, '\n')
}

// Frame appends a line for each message.
func (p *Fields) Frame(dst []byte, ev *Event) []byte {
	p.set(ev)
	for _, m := range ev.own() {
		dst = p.message(dst, m)
	}
	return dst
}

func (p *Fields) message(dst []byte, m *dissect.Msg) []byte {
	p.collect(m)
	for i := range p.cols {
		if i > 0 {
			dst = append(dst, p.opt.Separator...)
		}
		dst = append(dst, p.opt.Quote...)
		if b := p.cols[i].builtin; b != nil {
			dst = b(p, dst, m)
		} else {
			vals := p.vals[i]
			switch {
			case len(vals) > 1 && p.opt.Occurrence == 'f':
				vals = vals[:1]
			case len(vals) > 1 && p.opt.Occurrence == 'l':
				vals = vals[len(vals)-1:]
			}
			for k, v := range vals {
				if k > 0 {
					dst = append(dst, p.opt.Aggregator...)
				}
				dst = append(dst, p.buf[v.from:v.to]...)
			}
		}
		dst = append(dst, p.opt.Quote...)
	}
	return append(dst, '\n')
}

// collect gathers the values of all columns that are attributes or members.
func (p *Fields) collect(m *dissect.Msg) {
	p.buf = p.buf[:0]
	for i := range p.vals {
		p.vals[i] = p.vals[i][:0]
	}
	for i := m.Node; i < p.t.Nodes[m.Node].End; i++ {
		n := &p.t.Nodes[i]
		if n.Field == nil || n.Kind != dissect.KindAttr && n.Kind != dissect.KindMember {
			continue
		}
		for _, c := range p.columnsOf(n.Field) {
			if !p.under(n, p.cols[c].path) {
				continue
			}
			from := len(p.buf)
			p.buf = p.brief(p.buf, i)
			p.vals[c] = append(p.vals[c], span{from, len(p.buf)})
		}
	}
}

// columnsOf finds, once a field, the columns whose last name it bears.
func (p *Fields) columnsOf(f *families.Field) []int {
	cols, ok := p.known[f]
	if !ok {
		for i, c := range p.cols {
			if len(c.path) > 0 && bears(f, c.path[len(c.path)-1]) {
				cols = append(cols, i)
			}
		}
		p.known[f] = cols
	}
	return cols
}

func bears(f *families.Field, name string) bool { return f.Name == name || f.Short == name }

// under says whether the rows around n bear the names before the path's last.
func (p *Fields) under(n *dissect.Node, path []string) bool {
	for _, name := range slices.Backward(path[:len(path)-1]) {
		for {
			if n.Parent < 0 {
				return false
			}
			n = &p.t.Nodes[n.Parent]
			if n.Kind == dissect.KindAttr {
				break
			}
		}
		if n.Field == nil || !bears(n.Field, name) {
			return false
		}
	}
	return true
}

func (p *Fields) info(dst []byte, m *dissect.Msg) []byte {
	mark := len(dst)
	dst = p.what(dst, m)
	return slices.Delete(dst, mark, mark+leadingBlanks(dst[mark:]))
}

func leadingBlanks(b []byte) int {
	n := 0
	for n < len(b) && b[n] == ' ' {
		n++
	}
	return n
}

// codes appends the codes of a message's findings.
func (p *Fields) codes(dst []byte, m *dissect.Msg) []byte {
	for i, f := range p.t.FindingsOf(m.Node, p.t.Nodes[m.Node].End) {
		if i > 0 {
			dst = append(dst, p.opt.Aggregator...)
		}
		dst = append(dst, f.Name()...)
	}
	return dst
}
