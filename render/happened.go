package render

import (
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Happened appends the line of an event that is trouble: others are no
// messages, and lines are about these.
func (l *Line) Happened(dst []byte, ev *Event) []byte {
	if !ev.Happened.Trouble() {
		return dst
	}
	return l.happened(dst, ev)
}

// Happened appends the line of an event.
func (p *Tree) Happened(dst []byte, ev *Event) []byte { return p.happened(dst, ev) }

// Happened appends nothing: columns are about messages.
func (p *Fields) Happened(dst []byte, _ *Event) []byte { return dst }

// happened appends the line of an event.
func (l *base) happened(dst []byte, ev *Event) []byte {
	l.ev, l.t = ev, nil
	e := ev.Happened
	dst = l.head(dst)
	dst = l.whose(dst)
	dst = append(dst, "  "...)
	st := styleDim
	if e.Trouble() {
		st = styleWarn
		dst = append(l.style(dst, st), "! "...)
	} else {
		dst = append(l.style(dst, st), "* "...)
	}
	dst = appendHappened(dst, e)
	dst = l.style(dst, styleOff)
	if e.HasProto {
		dst = append(dst, "  "...)
		dst = l.style(dst, styleDim)
		dst = append(dst, protocolName(e.Proto)...)
		dst = appendSocket(dst, &e.Socket)
		dst = l.style(dst, styleOff)
	}
	if e.Hint != "" {
		dst = append(dst, "; hint: "...)
		dst = appendEscaped(dst, []byte(e.Hint), 0)
	}
	return append(dst, '\n')
}

// whose appends the process of an event.
func (l *base) whose(dst []byte) []byte {
	switch {
	case l.ev.Comm != "":
		dst = appendEscaped(dst, []byte(l.ev.Comm), 0)
	case l.ev.PID != 0:
		dst = append(dst, "pid"...)
	default:
		return append(dst, '?')
	}
	dst = append(dst, '[')
	dst = strconv.AppendUint(dst, uint64(l.ev.PID), 10)
	return append(dst, ']')
}

func appendSocket(dst []byte, s *capture.Socket) []byte {
	if s.FD >= 0 {
		dst = strconv.AppendInt(append(dst, " fd "...), int64(s.FD), 10)
	}
	if s.PortID != 0 {
		dst = strconv.AppendUint(append(dst, " portid "...), uint64(s.PortID), 10)
	}
	return dst
}

// appendHappened appends what an event says.
func appendHappened(dst []byte, e *capture.Event) []byte {
	switch e.Kind {
	case capture.EventSocket:
		dst = append(dst, "socket"...)
	case capture.EventBind:
		dst = append(dst, "bind"...)
		if e.Value != 0 {
			dst = appendHexNumber(append(dst, " groups "...), uint64(e.Value))
		}
	case capture.EventConnect:
		dst = strconv.AppendInt(append(dst, "connect to "...), e.Value, 10)
		if e.Group != 0 {
			dst = strconv.AppendUint(append(dst, " group "...), uint64(e.Group), 10)
		}
	case capture.EventOption:
		if name := capture.OptionName(e.Level, e.Option); name != "" {
			dst = append(dst, name...)
		} else {
			dst = strconv.AppendInt(append(dst, "option "...), int64(e.Option), 10)
			dst = strconv.AppendInt(append(dst, " of level "...), int64(e.Level), 10)
		}
		if e.Valued() {
			dst = strconv.AppendInt(append(dst, ' '), e.Value, 10)
		}
	case capture.EventJoin, capture.EventLeave:
		dst = append(dst, e.Kind.String()...)
		dst = strconv.AppendUint(append(dst, " group "...), uint64(e.Group), 10)
	case capture.EventOverrun:
		dst = append(dst, "overrun: the socket's buffer was full (ENOBUFS), "...)
		dst = append(appendCount(dst, e.Value), " lost"...)
	case capture.EventCut:
		dst = append(dst, "a read had too little room"...)
		if e.Value != 0 {
			dst = append(strconv.AppendInt(append(dst, ": "...), e.Value, 10), " bytes lost"...)
		}
	case capture.EventRefused:
		dst = append(append(dst, e.Call.String()...), " failed"...)
	case capture.EventClose:
		dst = append(dst, "close"...)
		if e.Value == capture.AllRead {
			dst = append(dst, ", all read"...)
		}
	case capture.EventUnread:
		dst = append(dst, "an answer was not read: "...)
		if e.Errno != 0 {
			dst = append(appendErrnoName(append(dst, "NLMSG_ERROR "...), e.Errno), ", "...)
		}
		return strconv.AppendInt(append(dst, "seq "...), e.Value, 10)
	case capture.EventExec:
		dst = appendEscaped(append(dst, "exec "...), []byte(e.Text), 0)
		return appendFailure(dst, e)
	case capture.EventExit:
		dst = strconv.AppendInt(append(dst, "exit "...), e.Value, 10)
	case capture.EventUnseen:
		dst = append(dst, "not seen: "...)
	default:
		dst = append(dst, e.Kind.String()...)
	}
	if e.Text != "" {
		if e.Kind != capture.EventUnseen {
			dst = append(dst, ", "...)
		}
		dst = appendEscaped(dst, []byte(e.Text), 0)
	}
	return appendFailure(dst, e)
}

func appendCount(dst []byte, n int64) []byte {
	if n == 0 {
		return append(dst, "messages"...)
	}
	return append(dst, phrase.Count(n, "message")...)
}

func appendFailure(dst []byte, e *capture.Event) []byte {
	if e.Errno == 0 {
		return dst
	}
	return appendErrnoName(append(dst, " → "...), e.Errno)
}

// appendErrnoName appends what a system call failed with.
func appendErrnoName(dst []byte, v int32) []byte {
	if name := capture.ErrnoName(v); name != "" {
		return append(dst, name...)
	}
	return strconv.AppendInt(append(dst, "error "...), int64(v), 10)
}

// delivered appends what became of a frame on its way, to the line of its last
// message: that it was not taken, or how much of it did not fit.
func (l *base) delivered(dst []byte) []byte {
	d := l.ev.Delivery
	if d == nil || d.Errno == 0 && d.Lost == 0 {
		return dst
	}
	dst = l.style(append(dst, ' '), styleError)
	if d.Errno != 0 {
		dst = append(append(dst, '!'), d.Call.String()...)
		dst = appendFailure(dst, &capture.Event{Errno: d.Errno})
	}
	if d.Lost != 0 {
		dst = append(dst, "!cut: "...)
		dst = appendLost(dst, d)
	}
	return l.style(dst, styleOff)
}

// appendLost appends how much of a datagram its receiver lost.
func appendLost(dst []byte, d *capture.Delivery) []byte {
	if d.AtLeast {
		dst = append(dst, "at least "...)
	}
	dst = strconv.AppendUint(dst, uint64(d.Lost), 10)
	dst = append(dst, " bytes lost, the buffer has "...)
	return strconv.AppendUint(dst, uint64(d.Buffer), 10)
}

// delivery appends the rows of whose a frame is, and of how it went over its socket.
func (p *Tree) delivery(dst []byte) []byte {
	from := len(dst)
	dst = p.name(dst, 2, "process")
	named := len(dst)
	if dst = appendWho(dst, p.ev); len(dst) > named {
		dst = append(dst, '\n')
	} else {
		dst = dst[:from]
	}
	d := p.ev.Delivery
	if d == nil {
		return dst
	}
	return append(appendDelivery(p.name(dst, 2, "delivery"), d), '\n')
}

// appendWho appends what a line does not say of a process.
func appendWho(dst []byte, ev *Event) []byte {
	from := len(dst)
	next := func(s string) {
		if len(dst) > from {
			dst = append(dst, ", "...)
		}
		dst = append(dst, s...)
	}
	if ev.Exe != "" {
		next("")
		dst = appendEscaped(dst, []byte(ev.Exe), 0)
	}
	if ev.HasUID {
		next("uid ")
		dst = strconv.AppendUint(dst, uint64(ev.UID), 10)
	}
	if ev.Cgroup != "" {
		next("cgroup ")
		dst = appendEscaped(dst, []byte(ev.Cgroup), 0)
	}
	if ev.NetNS != 0 {
		next("net:[")
		dst = append(strconv.AppendUint(dst, ev.NetNS, 10), ']')
	}
	if ev.Delivery != nil && ev.Delivery.Socket.Inode != 0 {
		next("socket:[")
		dst = append(strconv.AppendUint(dst, ev.Delivery.Socket.Inode, 10), ']')
	}
	return dst
}

// DeliveryText says how a frame went over its socket.
func DeliveryText(d *capture.Delivery) string { return string(appendDelivery(nil, d)) }

// HappenedText is what an event says.
func HappenedText(e *capture.Event) string { return string(appendHappened(nil, e)) }

// SocketText names a socket, and the options that are on.
func SocketText(s *capture.Socket) string {
	b := appendSocket(nil, s)
	for _, name := range s.Options.Names() {
		b = append(append(b, ' '), name...)
	}
	return strings.TrimPrefix(string(b), " ")
}

func appendDelivery(dst []byte, d *capture.Delivery) []byte {
	dst = append(dst, d.Call.String()...)
	dst = appendSocket(dst, &d.Socket)
	if d.Peer != 0 {
		dst = strconv.AppendUint(append(dst, ", peer "...), uint64(d.Peer), 10)
	}
	if d.Group != 0 {
		dst = strconv.AppendUint(append(dst, ", group "...), uint64(d.Group), 10)
	}
	if d.Buffer != 0 && d.Lost == 0 {
		dst = strconv.AppendUint(append(dst, ", buffer "...), uint64(d.Buffer), 10)
	}
	if d.Lost != 0 {
		dst = appendLost(append(dst, ", "...), d)
	}
	for i := range d.Receivers {
		r := &d.Receivers[i]
		dst = append(dst, ", "...)
		dst = appendEscaped(dst, []byte(r.Process.Comm), 0)
		dst = append(strconv.AppendUint(append(dst, '['), uint64(r.Process.PID), 10), ']')
		if r.Socket.PortID != 0 {
			dst = strconv.AppendUint(append(dst, " portid "...), uint64(r.Socket.PortID), 10)
		}
		if r.Overrun {
			dst = append(dst, " overrun"...)
		}
	}
	return appendFailure(dst, &capture.Event{Errno: d.Errno})
}
