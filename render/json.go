package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// JSON prints an object a message; docs/json.md and docs/nlsniff.schema.json
// describe it.
type JSON struct {
	base
	array  bool
	group  grouper
	noEcho bool // leave out the request that an error carries
	left   []leftover
	more   bool // the number just written may have a second key
	subs   map[*families.SubMessage]sub
	list   families.Type // of a message that is an array
	text   []byte
}

// NewJSON returns a printer of JSON: one array around everything, or one
// object a line. Begin and End must stand around the frames.
func NewJSON(o Options, array bool) *JSON {
	return &JSON{base: base{Options: o}, array: array}
}

// Frame appends the objects of a frame. In an array, each ends in ",\n"; what
// joins the pieces of the output drops the last comma.
func (p *JSON) Frame(dst []byte, ev *Event) []byte {
	p.set(ev)
	if len(p.t.Msgs) == 0 {
		dst = p.open(dst, dissect.DirUnknown, -1)
		dst = p.frameFindings(dst, p.t.Findings, 0)
		if p.Full {
			dst = p.nodes(dst, 0, int32(len(p.t.Nodes)), 0)
		}
		dst = p.closeObject(dst)
	}
	for no, m := range ev.own() {
		dst = p.open(dst, m.Dir, no)
		if portid, elsewhere := p.portID(m); elsewhere {
			dst = number(dst, "portid", int64(portid))
		}
		dst = p.message(dst, m)
		r := ev.ref(no)
		if r.Exchange != 0 {
			dst = key(dst, "exchange")
			dst = strconv.AppendUint(dst, r.Exchange, 10)
		}
		if r.Copy != 0 {
			dst = append(key(dst, "copy"), `{"of":`...)
			dst = strconv.AppendInt(dst, int64(r.Of), 10)
			dst = append(number(dst, "number", int64(r.Copy)), '}')
		}
		end := p.t.Nodes[m.Node].End
		if p.last(end) {
			end = int32(len(p.t.Nodes)) // what stands behind belongs here
		}
		from := m.Node
		if no == 0 {
			from = -1 // and what is said of the frame
		}
		dst = p.frameFindings(dst, p.t.FindingsOf(from, end), m.Off)
		if p.Full {
			dst = p.nodes(dst, m.Node, end, m.Off)
		}
		dst = ev.spill(p.closeObject(dst))
	}
	return dst
}

func (p *JSON) closeObject(dst []byte) []byte {
	if p.array {
		return append(dst, "},\n"...)
	}
	return append(dst, "}\n"...)
}

// key appends `,"name":`; an object's first key writes its own brace.
func key(dst []byte, name string) []byte {
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	return append(dst, '"', ':')
}

// open starts an object with what is known of the frame.
func (p *JSON) open(dst []byte, dir dissect.Dir, msg int) []byte {
	dst = append(dst, `{"frame":`...)
	dst = strconv.AppendInt(dst, int64(p.ev.Number), 10)
	if msg >= 0 {
		dst = key(dst, "msg")
		dst = strconv.AppendInt(dst, int64(msg), 10)
	}
	dst = key(dst, "time")
	dst = append(dst, '"')
	dst = appendRFC3339(dst, p.ev.Time)
	dst = append(dst, '"')
	dst = key(dst, "protocol")
	dst = append(dst, '"')
	dst = append(dst, protocolName(p.t.Proto)...)
	dst = append(dst, '"')
	dst = key(dst, "direction")
	dst = append(dst, '"')
	dst = append(dst, dir.String()...)
	dst = append(dst, '"')
	if p.ev.Namespace != "" {
		dst = key(dst, "namespace")
		dst = appendJSONString(dst, []byte(p.ev.Namespace))
	}
	if p.ev.hasProcess() {
		dst = p.process(dst)
	}
	if p.ev.Delivery != nil {
		dst = p.delivery(dst)
	}
	if p.ev.Comment != "" {
		dst = key(dst, "comment")
		dst = appendJSONString(dst, []byte(p.ev.Comment))
	}
	return dst
}

// process appends what is known of the process at the other end.
func (p *JSON) process(dst []byte) []byte {
	return append(appendProcessJSON(key(dst, "process"), &p.ev.Process), '}')
}

// appendProcessJSON appends the object of a process without its end.
func appendProcessJSON(dst []byte, p *capture.Process) []byte {
	dst = strconv.AppendUint(append(dst, `{"pid":`...), uint64(p.PID), 10)
	if p.TID != 0 {
		dst = strconv.AppendUint(key(dst, "tid"), uint64(p.TID), 10)
	}
	if p.Comm != "" {
		dst = appendJSONString(key(dst, "comm"), []byte(p.Comm))
	}
	if p.Exe != "" {
		dst = appendJSONString(key(dst, "exe"), []byte(p.Exe))
	}
	if p.NetNS != 0 {
		dst = strconv.AppendUint(key(dst, "netns"), p.NetNS, 10)
	}
	if p.HasUID {
		dst = strconv.AppendUint(key(dst, "uid"), uint64(p.UID), 10)
	}
	if p.Cgroup != "" {
		dst = appendJSONString(key(dst, "cgroup"), []byte(p.Cgroup))
	}
	return dst
}

// message appends the members that a message and an echoed request share.
func (p *JSON) message(dst []byte, m *dissect.Msg) []byte {
	if !m.Datagram {
		dst = p.nlmsg(dst, m)
	}
	if m.HasGenl {
		dst = p.genl(dst, m)
	}
	i := p.t.Body(m)
	end := p.t.Nodes[m.Node].End
	if m.HasErrno {
		return p.errorJSON(dst, m, i, end)
	}
	if m.Body != nil && m.Body.Header != nil && i < end && p.t.Nodes[i].Kind == dissect.KindStruct {
		dst = key(dst, "header")
		dst = p.object(dst, i+1, p.t.Nodes[i].End, 0)
		i = p.t.Nodes[i].End
	}
	if i < end && p.hasContent(i, end) {
		dst = key(dst, "attrs")
		dst = p.content(dst, m, i, end)
	}
	return dst
}

// nlmsg appends what the nlmsghdr says.
func (p *JSON) nlmsg(dst []byte, m *dissect.Msg) []byte {
	dst = key(dst, "nlmsg")
	dst = append(dst, `{"len":`...)
	dst = strconv.AppendUint(dst, uint64(m.Len), 10)
	dst = key(dst, "type")
	dst = appendTypeJSON(dst, m)
	dst = key(dst, "type_id")
	dst = strconv.AppendUint(dst, uint64(m.Type), 10)
	dst = key(dst, "flags")
	dst = appendFlagsJSON(dst, m.FlagSet, uint64(m.Flags))
	dst = key(dst, "flags_id")
	dst = strconv.AppendUint(dst, uint64(m.Flags), 10)
	dst = key(dst, "seq")
	dst = strconv.AppendUint(dst, uint64(m.Seq), 10)
	dst = key(dst, "portid")
	dst = strconv.AppendUint(dst, uint64(m.PortID), 10)
	return append(dst, '}')
}

// hasContent says whether there is more than padding.
func (p *JSON) hasContent(from, to int32) bool {
	for i := from; i < to; i = p.t.Nodes[i].End {
		if p.t.Nodes[i].Kind != dissect.KindPadding {
			return true
		}
	}
	return false
}

func (p *JSON) genl(dst []byte, m *dissect.Msg) []byte {
	dst = key(dst, "genl")
	dst = append(dst, '{')
	if m.GenlName != "" {
		dst = appendJSONString(append(dst, `"family":`...), []byte(m.GenlName))
		dst = append(dst, ',')
	}
	if m.Message != nil {
		dst = appendJSONString(append(dst, `"cmd":`...), []byte(m.Message.Name))
		dst = append(dst, ',')
	}
	dst = append(dst, `"cmd_id":`...)
	dst = strconv.AppendUint(dst, uint64(m.GenlCmd), 10)
	dst = key(dst, "version")
	dst = strconv.AppendUint(dst, uint64(m.GenlVer), 10)
	if m.Family != nil && m.Family.Guess {
		dst = append(dst, `,"guess":true`...)
	}
	return append(dst, '}')
}

// frameFindings appends a list of findings. Their offsets count from origin, as
// those of the nodes do.
func (p *JSON) frameFindings(dst []byte, list []dissect.Finding, origin uint32) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = key(dst, "findings")
	dst = append(dst, '[')
	for i := range list {
		f := &list[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"severity":"`...)
		dst = append(dst, f.Severity().String()...)
		dst = append(dst, `","code":"`...)
		dst = append(dst, f.Name()...)
		dst = append(dst, `","offset":`...)
		dst = strconv.AppendInt(dst, int64(f.Off)-int64(origin), 10)
		dst = key(dst, "length")
		dst = strconv.AppendUint(dst, uint64(f.Len), 10)
		dst = key(dst, "text")
		dst = append(dst, '"')
		dst = f.AppendText(dst)
		dst = append(dst, '"', '}')
	}
	return append(dst, ']')
}

// appendTypeJSON appends the name of a message's type, or its number. A generic
// family's name is whatever the capture says it is.
func appendTypeJSON(dst []byte, m *dissect.Msg) []byte {
	if m.Type >= 16 && m.Proto == families.ProtoGeneric && m.GenlName != "" {
		return appendJSONString(dst, []byte(m.GenlName))
	}
	dst = append(dst, '"')
	dst = appendType(dst, m)
	return append(dst, '"')
}

func appendFlagsJSON(dst []byte, e *families.Enum, v uint64) []byte {
	dst = append(dst, '[')
	mark := len(dst)
	if e != nil {
		v = eachFlag(e, v, func(name string) {
			if len(dst) > mark {
				dst = append(dst, ',')
			}
			dst = append(append(append(dst, '"'), name...), '"')
		})
	}
	if v != 0 {
		if len(dst) > mark {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = appendHexNumber(dst, v)
		dst = append(dst, '"')
	}
	return append(dst, ']')
}
