package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/capture"
)

// Happened appends the object of an event.
func (p *JSON) Happened(dst []byte, ev *Event) []byte {
	p.ev, p.t = ev, nil
	e := ev.Happened
	dst = append(dst, `{"frame":`...)
	dst = strconv.AppendInt(dst, int64(ev.Number), 10)
	dst = text(dst, "event", e.Kind.String())
	dst = append(key(dst, "time"), '"')
	dst = append(appendRFC3339(dst, ev.Time), '"')
	if e.HasProto {
		dst = text(dst, "protocol", protocolName(e.Proto))
	}
	if ev.hasProcess() {
		dst = p.process(dst)
	}
	if ev.Comment != "" {
		dst = appendJSONString(key(dst, "comment"), []byte(ev.Comment))
	}
	if e.HasProto {
		dst = appendSocketJSON(key(dst, "socket"), &e.Socket)
	}
	switch e.Kind {
	case capture.EventBind:
		dst = number(dst, "groups", e.Value)
	case capture.EventConnect:
		dst = number(dst, "peer", e.Value)
	case capture.EventOption:
		if name := capture.OptionName(e.Level, e.Option); name != "" {
			dst = text(dst, "option", name)
		}
		dst = number(dst, "level", int64(e.Level))
		dst = number(dst, "option_id", int64(e.Option))
		if e.Valued() {
			dst = number(dst, "value", e.Value)
		}
	case capture.EventOverrun, capture.EventCut:
		dst = number(dst, "lost", e.Value)
	case capture.EventUnread:
		dst = number(dst, "seq", e.Value)
	case capture.EventClose:
		if e.Value == capture.AllRead {
			dst = append(key(dst, "all_read"), "true"...)
		}
	case capture.EventExit:
		dst = number(dst, "code", e.Value)
	}
	if e.Group != 0 {
		dst = number(dst, "group", int64(e.Group))
	}
	if e.Call != capture.CallUnknown {
		dst = text(dst, "call", e.Call.String())
	}
	if e.Errno != 0 {
		dst = errnoJSON(dst, e.Errno)
	}
	if e.Text != "" {
		dst = appendJSONString(key(dst, "text"), []byte(e.Text))
	}
	if e.Hint != "" {
		dst = appendJSONString(key(dst, "hint"), []byte(e.Hint))
	}
	return p.closeObject(dst)
}

func errnoJSON(dst []byte, v int32) []byte {
	dst = number(dst, "errno", int64(v))
	if name := capture.ErrnoName(v); name != "" {
		dst = text(dst, "errno_name", name)
	}
	return dst
}

// appendSocketJSON appends a socket. Its options are there only if all are
// known.
func appendSocketJSON(dst []byte, s *capture.Socket) []byte {
	first := len(dst) + 1
	dst = append(dst, '{')
	if s.FD >= 0 {
		dst = number(dst, "fd", int64(s.FD))
	}
	if s.PortID != 0 {
		dst = number(dst, "portid", int64(s.PortID))
	}
	if s.Inode != 0 {
		dst = strconv.AppendUint(key(dst, "inode"), s.Inode, 10)
	}
	if s.Options&capture.OptKnown != 0 {
		dst = append(key(dst, "options"), '[')
		for i, name := range s.Options.Names() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(append(append(dst, '"'), name...), '"')
		}
		dst = append(dst, ']')
	}
	if len(dst) > first {
		dst = append(dst[:first], dst[first+1:]...) // the comma of the first key
	}
	return append(dst, '}')
}

// delivery appends how a frame went over its socket.
func (p *JSON) delivery(dst []byte) []byte {
	d := p.ev.Delivery
	dst = append(key(dst, "delivery"), '{')
	if d.Call != capture.CallUnknown {
		dst = append(append(append(dst, `"call":"`...), d.Call.String()...), `",`...)
	}
	dst = appendSocketJSON(append(dst, `"socket":`...), &d.Socket)
	dst = number(dst, "peer", int64(d.Peer))
	if d.Group != 0 {
		dst = number(dst, "group", int64(d.Group))
	}
	if d.Buffer != 0 {
		dst = number(dst, "buffer", int64(d.Buffer))
	}
	if d.Lost != 0 {
		dst = number(dst, "lost", int64(d.Lost))
		if d.AtLeast {
			dst = append(key(dst, "lost_at_least"), "true"...)
		}
	}
	if d.Errno != 0 {
		dst = errnoJSON(dst, d.Errno)
	}
	if len(d.Receivers) > 0 {
		dst = append(key(dst, "receivers"), '[')
		for i := range d.Receivers {
			r := &d.Receivers[i]
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendProcessJSON(dst, &r.Process)
			dst = appendSocketJSON(key(dst, "socket"), &r.Socket)
			if r.Overrun {
				dst = append(key(dst, "overrun"), "true"...)
			}
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}
