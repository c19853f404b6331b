package filter

import (
	"strconv"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// loader appends the values of a builtin field.
type loader func(m *Matcher, dst []value, t *families.Type) []value

// builtin is what it takes to know a builtin field.
type builtin struct {
	need Need
	load loader
	nums numbers // set for fields that are plain numbers of the headers
	// process says that it is of who sent or received the frame.
	process bool
}

// numbers appends the values of a field of the headers.
type numbers func(m *Matcher, dst []uint64) []uint64

// builtins has a row for each field of builtin.spec.
var builtins = map[string]builtin{
	"frame.number":  frameNum(func(e *render.Event) (int64, bool) { return int64(e.Number), true }),
	"frame.len":     frameNum(func(e *render.Event) (int64, bool) { return int64(e.OrigLen), true }),
	"frame.cap_len": {need: NeedHeader, load: func(m *Matcher, d []value, t *families.Type) []value { return addNum(d, t, uint64(len(m.data))) }},
	"frame.time":    frameNum(func(e *render.Event) (int64, bool) { return e.Time, true }),

	"frame.time_epoch":    frameNum(func(e *render.Event) (int64, bool) { return e.Time, true }),
	"frame.time_relative": frameNum(func(e *render.Event) (int64, bool) { return e.Since, true }),
	"frame.time_delta":    frameNum(func(e *render.Event) (int64, bool) { return e.Delta, true }),

	"pid": processNum(func(e *render.Event) (int64, bool) { return int64(e.PID), e.PID != 0 }),
	"tid": processNum(func(e *render.Event) (int64, bool) { return int64(e.TID), e.TID != 0 }),

	// As the name was given, else the inode number.
	"netns": {need: NeedHeader, process: true, load: func(m *Matcher, d []value, t *families.Type) []value {
		if m.ev.Namespace != "" || m.ev.NetNS == 0 {
			return m.addText(d, t, m.ev.Namespace)
		}
		mark := len(m.arena)
		m.arena = strconv.AppendUint(m.arena, m.ev.NetNS, 10)
		return append(d, value{kind: valText, t: t, b: m.arena[mark:]})
	}},
	"comm":           processText(func(e *render.Event) string { return e.Comm }),
	"exe":            processText(func(e *render.Event) string { return e.Exe }),
	"process.uid":    processNum(func(e *render.Event) (int64, bool) { return int64(e.UID), e.HasUID }),
	"process.cgroup": processText(func(e *render.Event) string { return e.Cgroup }),
	"socket.inode": processNum(func(e *render.Event) (int64, bool) {
		if e.Delivery == nil {
			return 0, false
		}
		return int64(e.Delivery.Socket.Inode), e.Delivery.Socket.Inode != 0
	}),
	"receiver": receivers(func(m *Matcher, d []value, t *families.Type, p *capture.Process) []value {
		return addNum(d, t, uint64(p.PID))
	}),
	"receiver.comm": receivers(func(m *Matcher, d []value, t *families.Type, p *capture.Process) []value {
		return m.addText(d, t, p.Comm)
	}),
	"frame.comment": frameText(func(e *render.Event) string { return e.Comment }),

	"proto": {need: NeedHeader, load: func(m *Matcher, d []value, t *families.Type) []value {
		if len(m.data) < 16 {
			return d
		}
		return addNum(d, t, uint64(m.proto))
	}},
	"netlink.hatype": {need: NeedHeader, load: func(m *Matcher, d []value, t *families.Type) []value {
		if len(m.data) < 16 {
			return d
		}
		return addNum(d, t, dissect.Uint(m.data[2:4], true))
	}},

	"len": {need: NeedHeader, load: func(m *Matcher, d []value, t *families.Type) []value {
		if m.none {
			return d
		}
		return addNum(d, t, uint64(m.head.Len))
	}},
	"type":    types(false),
	"flags":   headerNum(func(h *dissect.Header) uint64 { return uint64(h.Flags) }),
	"seq":     headerNum(func(h *dissect.Header) uint64 { return uint64(h.Seq) }),
	"portid":  headerNum(func(h *dissect.Header) uint64 { return uint64(h.PortID) }),
	"cmd":     {need: NeedHeader, load: loadCmd},
	"version": {need: NeedHeader, load: loadVersion},
	"errno": {need: NeedHeader, load: func(m *Matcher, d []value, t *families.Type) []value {
		d = loadErrno(m, d, t)
		for i := range d {
			if d[i].neg {
				d[i].num, d[i].neg = -d[i].num, false
			}
		}
		return d
	}},
	"error": {need: NeedHeader, load: func(m *Matcher, d []value, t *families.Type) []value {
		if d = loadErrno(m, d, t); len(d) > 0 && !d[0].neg {
			return d[:0]
		}
		return d
	}},

	"error.errno": {need: NeedHeader, load: loadErrno},
	"error.name": {need: NeedTree, load: func(m *Matcher, d []value, t *families.Type) []value {
		if m.none || !m.msg.HasErrno {
			return d
		}
		return m.addText(d, t, m.shower().ErrnoName(m.ev, m.msg))
	}},
	"info": {need: NeedTree, load: func(m *Matcher, d []value, t *families.Type) []value {
		if m.none {
			return d
		}
		mark := len(m.arena)
		m.arena = m.shower().Info(m.arena, m.ev, m.msg)
		return append(d, value{kind: valText, t: t, b: m.arena[mark:]})
	}},

	"direction": {need: NeedAttrs, load: func(m *Matcher, d []value, t *families.Type) []value {
		if m.none {
			return d
		}
		return addNum(d, t, uint64(m.message().Dir))
	}},
	"family": {need: NeedAttrs, load: func(m *Matcher, d []value, t *families.Type) []value {
		if m.none {
			return d
		}
		return m.addText(d, t, render.FamilyName(m.message()))
	}},
	"op": {need: NeedAttrs, load: func(m *Matcher, d []value, t *families.Type) []value {
		if m.none {
			return d
		}
		mark := len(m.arena)
		m.arena = render.AppendOp(m.arena, m.message())
		return append(d, value{kind: valText, t: t, b: m.arena[mark:]})
	}},

	"extack":           {need: NeedTree, load: loadExtAck},
	"extack.attr":      {need: NeedTree, load: func(m *Matcher, d []value, t *families.Type) []value { return addPath(m, d, t, false) }},
	"extack.missing":   {need: NeedTree, load: func(m *Matcher, d []value, t *families.Type) []value { return addPath(m, d, t, true) }},
	"extack.offset":    {need: NeedTree, load: loadOffset},
	"finding":          {need: NeedTree, load: loadFindings},
	"finding.severity": {need: NeedTree, load: loadFindings},

	"netlink.hdr_len":   echoedNum(func(h *dissect.Header) uint64 { return uint64(h.Len) }),
	"netlink.hdr_type":  types(true),
	"netlink.hdr_flags": echoedNum(func(h *dissect.Header) uint64 { return uint64(h.Flags) }),
	"netlink.hdr_seq":   echoedNum(func(h *dissect.Header) uint64 { return uint64(h.Seq) }),
	"netlink.hdr_pid":   echoedNum(func(h *dissect.Header) uint64 { return uint64(h.PortID) }),

	"netlink.hdr_flags.request":       echoedFlag(0x1),
	"netlink.hdr_flags.multi":         echoedFlag(0x2),
	"netlink.hdr_flags.ack":           echoedFlag(0x4),
	"netlink.hdr_flags.echo":          echoedFlag(0x8),
	"netlink.hdr_flags.dump_intr":     echoedFlag(0x10),
	"netlink.hdr_flags.dump_filtered": echoedFlag(0x20),

	"netlink.hdr_flags.root":    upperFlag(0x100),
	"netlink.hdr_flags.match":   upperFlag(0x200),
	"netlink.hdr_flags.atomic":  upperFlag(0x400),
	"netlink.hdr_flags.replace": upperFlag(0x100),
	"netlink.hdr_flags.excl":    upperFlag(0x200),
	"netlink.hdr_flags.create":  upperFlag(0x400),
	"netlink.hdr_flags.append":  upperFlag(0x800),

	"netlink-route.nltype":     typeOfProto(families.ProtoRoute),
	"netlink-sock_diag.nltype": typeOfProto(families.ProtoSockDiag),

	"netlink.error": {need: NeedHeader, load: func(m *Matcher, d []value, t *families.Type) []value {
		if m.hasHeader() && m.head.Type == typeError && m.proto != families.ProtoConnector {
			return loadErrno(m, d, t)
		}
		return d
	}},
	"exchange":          ofRef(func(r flow.Ref) uint64 { return r.Exchange }),
	"exchange.id":       ofRef(func(r flow.Ref) uint64 { return r.Exchange }),
	"exchange.role":     ofRef(func(r flow.Ref) uint64 { return uint64(r.Role) }),
	"copy.of":           ofCopy(func(r flow.Ref) uint64 { return uint64(r.Of) }),
	"copy.number":       ofCopy(func(r flow.Ref) uint64 { return uint64(r.Copy) }),
	"exchange.state":    ofExchange(func(e *flow.Exchange) (int64, bool) { return int64(e.State), true }),
	"exchange.latency":  ofExchange((*flow.Exchange).Latency),
	"exchange.duration": ofExchange((*flow.Exchange).Duration),
	"exchange.errno":    ofExchange(func(e *flow.Exchange) (int64, bool) { return -int64(e.Errno), true }),
	"exchange.replies":  ofExchange(func(e *flow.Exchange) (int64, bool) { return int64(e.Replies), true }),
	"exchange.bytes":    ofExchange(func(e *flow.Exchange) (int64, bool) { return int64(e.ReplyBytes), true }),
	"exchange.notified": ofExchange(func(e *flow.Exchange) (int64, bool) { return int64(e.Notified), true }),
	"exchange.dump":     ofExchange(func(e *flow.Exchange) (int64, bool) { return bit(e.Dump), true }),
	"exchange.batch":    ofExchange(func(e *flow.Exchange) (int64, bool) { return bit(e.Batch), true }),
	"exchange.reason": {need: NeedExchange, load: func(m *Matcher, d []value, t *families.Type) []value {
		if e := m.exchange(); e != nil {
			return m.addText(d, t, e.Reason.String())
		}
		return d
	}},
	"exchange.finding": {need: NeedExchange, load: func(m *Matcher, d []value, t *families.Type) []value {
		if e := m.exchange(); e != nil {
			for _, f := range e.Findings {
				d = m.addText(d, t, f.Name())
			}
		}
		return d
	}},

	"genl.cmd":      {need: NeedHeader, load: loadCmd},
	"genl.ctrl.cmd": cmdOf("nlctrl"),
	"nl80211.cmd":   cmdOf("nl80211"),
	"genl.version":  {need: NeedHeader, load: loadVersion},
	"genl.family_id": header(func(m *Matcher, d []value, t *families.Type) []value {
		if m.proto != families.ProtoGeneric || m.head.Type < 16 {
			return d
		}
		return addNum(d, t, uint64(m.head.Type))
	}),
}

func addNum(d []value, t *families.Type, u uint64) []value {
	return append(d, value{kind: valNum, t: t, num: u})
}

func (m *Matcher) addText(d []value, t *families.Type, s string) []value {
	if s == "" {
		return d
	}
	mark := len(m.arena)
	m.arena = append(m.arena, s...)
	return append(d, value{kind: valText, t: t, b: m.arena[mark:]})
}

func frameNum(get func(*render.Event) (int64, bool)) builtin {
	return builtin{need: NeedHeader, load: func(m *Matcher, d []value, t *families.Type) []value {
		n, ok := get(m.ev)
		if !ok {
			return d
		}
		return append(d, value{kind: valNum, t: t, num: uint64(n), neg: n < 0 && t.Kind == families.KindSint})
	}}
}

func frameText(get func(*render.Event) string) builtin {
	return builtin{need: NeedHeader, load: func(m *Matcher, d []value, t *families.Type) []value { return m.addText(d, t, get(m.ev)) }}
}

func processNum(get func(*render.Event) (int64, bool)) builtin { return ofProcess(frameNum(get)) }

func processText(get func(*render.Event) string) builtin { return ofProcess(frameText(get)) }

func ofProcess(b builtin) builtin {
	b.process = true
	return b
}

// receivers has a value for each process that a datagram reached.
func receivers(add func(*Matcher, []value, *families.Type, *capture.Process) []value) builtin {
	return builtin{need: NeedHeader, process: true, load: func(m *Matcher, d []value, t *families.Type) []value {
		if m.ev.Delivery == nil {
			return d
		}
		for i := range m.ev.Delivery.Receivers {
			if r := &m.ev.Delivery.Receivers[i]; !r.Overrun {
				d = add(m, d, t, &r.Process)
			}
		}
		return d
	}}
}

func loadExtAck(m *Matcher, d []value, t *families.Type) []value {
	if m.none || m.msg.ExtAck.Text < 0 {
		return d
	}
	return appendValues(d, t, m.tree.Bytes(&m.tree.Nodes[m.msg.ExtAck.Text]), false, 0, 0)
}

func loadOffset(m *Matcher, d []value, t *families.Type) []value {
	if m.none || !m.msg.ExtAck.HasOffs {
		return d
	}
	return addNum(d, t, uint64(m.msg.ExtAck.Offs))
}

func addPath(m *Matcher, d []value, t *families.Type, missing bool) []value {
	if m.none {
		return d
	}
	steps := m.msg.ExtAck.Path
	if missing {
		steps = m.msg.ExtAck.Miss
	}
	if len(steps) == 0 {
		return d
	}
	mark := len(m.arena)
	for i, s := range steps {
		if i > 0 {
			m.arena = append(m.arena, '/')
		}
		if s.Field != nil {
			m.arena = append(m.arena, s.Field.Name...)
		} else {
			m.arena = strconv.AppendUint(m.arena, uint64(s.ID), 10)
		}
	}
	return append(d, value{kind: valText, t: t, b: m.arena[mark:]})
}

// loadFindings appends the codes of a message's findings, or how severe they
// are. What is found of the frame outside of its messages belongs to the last
// one, where it is printed.
func loadFindings(m *Matcher, d []value, t *families.Type) []value {
	add := func(list []dissect.Finding) {
		for i := range list {
			if t.Kind == families.KindString {
				d = m.addText(d, t, list[i].Name())
			} else {
				d = addNum(d, t, uint64(list[i].Severity()))
			}
		}
	}
	if m.none {
		add(m.tree.Findings)
		return d
	}
	end := m.tree.Nodes[m.msg.Node].End
	last := true
	for i := len(m.tree.Msgs) - 1; i >= 0 && last; i-- {
		x := &m.tree.Msgs[i]
		if x.EchoOf < 0 {
			last = x == m.msg || x.Node == m.msg.Node
			break
		}
	}
	if last {
		add(m.tree.FindingsOf(-1, m.tree.Msgs[0].Node))
		end = int32(len(m.tree.Nodes))
	}
	add(m.tree.FindingsOf(m.msg.Node, end))
	return d
}
