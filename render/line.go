package render

import (
	"strconv"
	"unicode/utf8"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Line prints one line a message.
type Line struct{ base }

// NewLine returns a printer of lines.
func NewLine(o Options) *Line { return &Line{base{Options: o}} }

// Frame appends the lines of a frame.
func (l *Line) Frame(dst []byte, ev *Event) []byte {
	l.set(ev)
	if len(ev.Tree.Msgs) == 0 {
		dst = l.bare(dst)
	}
	commented := false
	for _, m := range ev.own() {
		dst = l.message(l.paint(dst, m), m)
		if !commented {
			dst, commented = l.remark(dst), true
		}
		dst = ev.spill(append(l.unpaint(dst), '\n'))
	}
	if l.Hex {
		dst = l.hexdump(dst, 0, int32(len(ev.Tree.Nodes)), 0, len(ev.Tree.Data))
	}
	return dst
}

// bare is the line of a frame that holds no message.
func (l *base) bare(dst []byte) []byte {
	dst = l.head(l.paint(dst, nil))
	dst = l.style(dst, styleType)
	dst = append(dst, protocolName(l.t.Proto)...)
	dst = l.style(dst, styleOff)
	dst = append(dst, "  "...)
	dst = append(dst, phrase.Count(len(l.t.Data), "byte")...)
	dst = l.unpaint(l.remark(l.codesOf(l.delivered(dst), l.t.Findings)))
	return append(dst, '\n')
}

// remark appends what the capture has written beside the frame.
func (l *base) remark(dst []byte) []byte {
	if l.ev.Comment == "" {
		return dst
	}
	dst = append(dst, "  "...)
	dst = l.style(dst, styleDim)
	dst = append(dst, "# "...)
	mark := len(dst)
	dst = clip(appendEscaped(dst, []byte(l.ev.Comment), 0), mark, maxText)
	return l.style(dst, styleOff)
}

// head appends the frame's number and time.
func (l *base) head(dst []byte) []byte {
	dst = l.style(dst, styleDim)
	mark := len(dst)
	dst = strconv.AppendInt(dst, int64(l.ev.Number), 10)
	dst = rightAlign(dst, mark, 5)
	dst = append(dst, ' ')
	dst = l.time(dst)
	dst = l.style(dst, styleOff)
	return append(dst, ' ')
}

// rightAlign pads what stands behind mark to width.
func rightAlign(dst []byte, mark, width int) []byte {
	n := width - (len(dst) - mark)
	for range max(n, 0) {
		dst = append(dst, ' ')
	}
	if n > 0 {
		copy(dst[mark+n:], dst[mark:len(dst)-n])
		for i := range n {
			dst[mark+i] = ' '
		}
	}
	return dst
}

// message appends the line of one message, without the newline.
func (l *base) message(dst []byte, m *dissect.Msg) []byte {
	dst = l.head(dst)
	dst = l.ends(dst, m)
	dst = append(dst, "  "...)
	dst = l.what(dst, m)
	if m.Datagram {
		return l.marks(dst, m)
	}
	dst = append(dst, "  "...)
	dst = l.style(dst, styleDim)
	if m.Flags != 0 {
		dst = appendFlags(dst, m.FlagSet, uint64(m.Flags))
		dst = append(dst, ' ')
	}
	dst = append(dst, "seq "...)
	dst = strconv.AppendUint(dst, uint64(m.Seq), 10)
	dst = l.style(dst, styleOff)
	return l.marks(dst, m)
}

// what appends what a message does or reports.
func (l *base) what(dst []byte, m *dissect.Msg) []byte {
	switch {
	case m.HasErrno && m.Type == 2:
		dst = l.errorLine(dst, m)
	case m.HasErrno:
		dst = l.style(dst, styleDim)
		dst = append(dst, "DONE"...)
		dst = l.style(dst, styleOff)
		if m.Errno < 0 {
			dst = append(dst, ' ')
			dst = l.errnoText(dst, m)
			dst = l.extAck(dst, m)
		}
		if asked := l.asked(dst, m); asked != nil {
			dst = asked
		}
	default:
		dst = l.style(dst, styleType)
		dst = appendOp(dst, m)
		dst = l.style(dst, styleOff)
		dst = l.summary(dst, m)
	}
	return dst
}

// ends appends who sent a message to whom.
func (l *base) ends(dst []byte, m *dissect.Msg) []byte {
	const arrow = " → "
	switch m.Dir {
	case dissect.DirToKernel:
		dst = l.user(dst, m)
		dst = append(dst, arrow...)
		return append(dst, "kernel"...)
	case dissect.DirUserToUser:
		dst = l.user(dst, m)
		dst = append(dst, arrow...)
		if m.Datagram && m.Proto == families.ProtoUevent { // to a group
			return append(dst, "all"...)
		}
		return append(dst, "user"...)
	case dissect.DirFromKernel:
		dst = append(dst, "kernel"...)
		dst = append(dst, arrow...)
		return l.user(dst, m)
	}
	return append(dst, "? → ?"...)
}

// user appends what is known of the process at the other end, and where it is if
// several network namespaces were captured: ip[5]@blue.
func (l *base) user(dst []byte, m *dissect.Msg) []byte {
	dst = l.process(dst, m)
	if l.ev.Namespace != "" {
		dst = append(dst, '@')
		dst = appendEscaped(dst, []byte(l.ev.Namespace), 0)
	}
	return dst
}

// process appends the process. In both
// directions nlmsg_pid is its socket's portid, but requests may leave it 0 for
// the kernel to fill in, and in multicasts it may be 0 as well.
func (l *base) process(dst []byte, m *dissect.Msg) []byte {
	portid, _ := l.portID(m)
	switch {
	case l.ev.Comm != "":
		dst = appendEscaped(dst, []byte(l.ev.Comm), 0)
		if l.ev.PID != 0 {
			dst = append(dst, '[')
			dst = strconv.AppendUint(dst, uint64(l.ev.PID), 10)
			dst = append(dst, ']')
		}
		if d := l.ev.Delivery; d != nil && len(d.Receivers) > 1 && m.Dir == dissect.DirFromKernel {
			// It stands for all that got the same.
			dst = strconv.AppendInt(append(dst, " +"...), int64(len(d.Receivers)-1), 10)
		}
		return dst
	case l.ev.PID != 0:
		dst = append(dst, "pid "...)
		return strconv.AppendUint(dst, uint64(l.ev.PID), 10)
	case portid != 0:
		return strconv.AppendUint(dst, uint64(portid), 10)
	case m.Dir == dissect.DirFromKernel && multicast(m):
		return append(dst, "all"...)
	}
	return append(dst, "user"...)
}

// multicast says whether a message of the kernel without a portid can be for
// more than one: some of what the kernel says to a single socket has none.
func multicast(m *dissect.Msg) bool {
	switch {
	case m.Proto == families.ProtoISCSI:
		return m.Type == 0 // others are answers
	case m.Proto == families.ProtoGeneric && m.Message != nil && !m.Message.Family.Guess:
		return len(m.Message.Family.Groups) > 0
	}
	return true
}

// appendOp appends what a message does: its type, or the generic command.
func appendOp(dst []byte, m *dissect.Msg) []byte {
	if m.Datagram {
		return append(dst, m.Message.Name...)
	}
	if m.Proto != families.ProtoGeneric || m.Type < 16 {
		mark := len(dst)
		dst = appendType(dst, m)
		if m.Message == nil && dst[mark] <= '9' {
			num := string(dst[mark:])
			dst = append(append(dst[:mark], protocolName(m.Proto)...), " type "...)
			dst = append(dst, num...)
		}
		return dst
	}
	if m.Message != nil {
		return append(dst, m.Message.Name...)
	}
	if m.GenlName == "" {
		dst = append(dst, "genl "...)
	}
	dst = appendType(dst, m)
	if m.HasGenl {
		dst = append(dst, " cmd "...)
		dst = strconv.AppendUint(dst, uint64(m.GenlCmd), 10)
	}
	return dst
}

func protocolName(p uint8) string {
	if s := families.ProtocolName(p); s != "" {
		return s
	}
	return "NETLINK_" + strconv.Itoa(int(p))
}

// marks appends the findings of a message that are more than notes. What is
// found of the frame, or behind its last message, stands with the last.
func (l *base) marks(dst []byte, m *dissect.Msg) []byte {
	rest, end := m.Node, l.t.Nodes[m.Node].End
	if l.last(end) {
		dst = l.codesOf(dst, l.t.FindingsOf(-1, l.t.Msgs[0].Node))
		end = int32(len(l.t.Nodes))
		dst = l.delivered(dst)
	}
	return l.codesOf(dst, l.t.FindingsOf(rest, end))
}

// last says whether no message starts at or behind a row.
func (l *base) last(row int32) bool {
	for ; row < int32(len(l.t.Nodes)); row = l.t.Nodes[row].End {
		if l.t.Nodes[row].Kind == dissect.KindMessage {
			return false
		}
	}
	return true
}

func (l *base) codesOf(dst []byte, list []dissect.Finding) []byte {
	const most = 3
	shown := 0
	for i := range list {
		f := &list[i]
		if f.Severity() < dissect.Warning {
			continue
		}
		if shown++; shown > most {
			return append(dst, " …"...)
		}
		st := styleWarn
		if f.Severity() == dissect.Error {
			st = styleError
		}
		dst = append(dst, ' ')
		dst = l.style(dst, st)
		dst = append(dst, '!')
		dst = append(dst, f.Name()...)
		dst = l.style(dst, styleOff)
	}
	return dst
}

// clip cuts what stands behind mark to so many bytes at a rune's start.
func clip(dst []byte, mark, limit int) []byte {
	if len(dst)-mark <= limit {
		return dst
	}
	end := mark + limit
	for end > mark && !utf8.RuneStart(dst[end]) {
		end--
	}
	return append(dst[:end], "…"...)
}
