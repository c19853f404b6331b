package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// errorLine appends the outcome of a request: an ACK, or the error with the
// kernel's reason and the attribute that it points at.
func (l *base) errorLine(dst []byte, m *dissect.Msg) []byte {
	if m.Errno == 0 {
		dst = l.style(dst, styleOK)
		dst = append(dst, "ACK"...)
	} else {
		dst = l.errnoText(dst, m)
	}
	dst = l.style(dst, styleOff)
	if m.Echo >= 0 {
		req := &l.t.Msgs[m.Echo]
		if n := &l.t.Nodes[req.Node]; req.Len > n.Len { // its header alone
			if asked := l.asked(dst, m); asked != nil {
				return l.extAck(asked, m)
			}
		}
		dst = append(dst, ' ')
		dst = appendOp(dst, req)
		dst = l.summary(dst, req)
	}
	return l.extAck(dst, m)
}

// asked appends what the request said that an answer is for, if the capture has
// it; else it returns nil.
func (l *base) asked(dst []byte, m *dissect.Msg) []byte {
	t := l.t.Asked(m)
	if t == nil || len(t.Msgs) == 0 {
		return nil
	}
	outer := l.t
	l.t = t
	dst = append(dst, ' ')
	dst = appendOp(dst, &t.Msgs[0])
	dst = l.summary(dst, &t.Msgs[0])
	l.t = outer
	return dst
}

func (l *base) errnoText(dst []byte, m *dissect.Msg) []byte {
	dst = l.style(dst, styleError)
	e := l.errnoEnum(m)
	if name := errnoName(e, m.Errno); name != "" {
		dst = append(dst, name...)
	} else {
		dst = append(dst, "error "...)
		dst = strconv.AppendInt(dst, int64(m.Errno), 10)
	}
	return l.style(dst, styleOff)
}

// errnoEnum finds the names of errno values through the row of the number.
func (l *base) errnoEnum(m *dissect.Msg) *families.Enum {
	from := m.Node + 1
	for i := l.t.Nodes[from].End; i < l.t.Nodes[m.Node].End; i++ {
		if n := &l.t.Nodes[i]; n.Kind == dissect.KindMember && n.Type.Hint == families.HintErrno {
			return n.Type.Enum
		}
	}
	return nil
}

func errnoName(e *families.Enum, v int32) string {
	if e == nil || v >= 0 {
		return ""
	}
	return e.ValueName(uint64(-int64(v)))
}

// extAck appends the kernel's own words, and where in the request they point.
func (l *base) extAck(dst []byte, m *dissect.Msg) []byte {
	x := &m.ExtAck
	if x.Text >= 0 {
		dst = append(dst, ' ')
		dst = l.style(dst, styleError)
		dst = l.value(dst, &l.t.Nodes[x.Text])
		dst = l.style(dst, styleOff)
	}
	if len(x.Path) > 0 {
		dst = append(dst, " at "...)
		dst = appendSteps(dst, x.Path)
	} else if x.HasOffs {
		dst = append(dst, " at offset "...)
		dst = strconv.AppendUint(dst, uint64(x.Offs), 10)
	}
	if len(x.Miss) > 0 {
		dst = append(dst, " missing "...)
		dst = appendSteps(dst, x.Miss)
	}
	return dst
}

func appendSteps(dst []byte, steps []dissect.Step) []byte {
	for i, s := range steps {
		if i > 0 {
			dst = append(dst, '/')
		}
		switch {
		case s.Index:
			dst = strconv.AppendUint(dst, uint64(s.ID), 10)
		case s.Field != nil:
			dst = append(dst, s.Field.Name...)
		default:
			dst = append(dst, "type "...)
			dst = strconv.AppendUint(dst, uint64(s.ID), 10)
		}
	}
	return dst
}
