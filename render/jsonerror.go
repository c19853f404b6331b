package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
)

// errorJSON appends the outcome that an NLMSG_ERROR or NLMSG_DONE reports.
func (p *JSON) errorJSON(dst []byte, m *dissect.Msg, from, end int32) []byte {
	dst = key(dst, "error")
	dst = append(dst, `{"errno":`...)
	dst = strconv.AppendInt(dst, int64(m.Errno), 10)
	if name := errnoName(p.errnoEnum(m), m.Errno); name != "" {
		dst = key(dst, "name")
		dst = appendJSONString(dst, []byte(name))
	}
	dst = p.extAckJSON(dst, m)
	if m.Echo >= 0 && !p.noEcho {
		dst = key(dst, "request")
		dst = append(dst, '{')
		mark := len(dst)
		dst = p.message(dst, &p.t.Msgs[m.Echo])
		dst = append(dst[:mark], dst[mark+1:]...) // the first key's comma
		dst = append(dst, '}')
	}
	dst = append(dst, '}')
	if m.Flags&flagTLVs == 0 {
		dst = p.behindError(dst, from, end)
	}
	return dst
}

// flagTLVs is NLM_F_ACK_TLVS: what stands behind an error is its extended ACK.
const flagTLVs = 0x200

// behindError appends what a message holds where it should end.
func (p *JSON) behindError(dst []byte, from, end int32) []byte {
	for from < end {
		switch n := &p.t.Nodes[from]; n.Kind {
		case dissect.KindStruct, dissect.KindMessage, dissect.KindPadding:
			from = n.End
			continue
		}
		dst = key(dst, "attrs")
		return p.object(dst, from, end, 0)
	}
	return dst
}

func (p *JSON) extAckJSON(dst []byte, m *dissect.Msg) []byte {
	x := &m.ExtAck
	mark := len(dst)
	if x.Text >= 0 {
		dst = key(dst, "msg")
		dst = appendJSONString(dst, cstring(p.t.Bytes(&p.t.Nodes[x.Text])))
	}
	if x.HasOffs {
		dst = key(dst, "offset")
		dst = strconv.AppendUint(dst, uint64(x.Offs), 10)
	}
	dst = stepsJSON(dst, "attr", x.Path)
	if x.HasMiss {
		dst = key(dst, "miss_type")
		dst = strconv.AppendUint(dst, uint64(x.MissType), 10)
	}
	if x.HasNest {
		dst = key(dst, "miss_nest")
		dst = strconv.AppendUint(dst, uint64(x.MissNest), 10)
	}
	dst = stepsJSON(dst, "missing", x.Miss)
	dst = p.extAckRest(dst, m)
	if len(dst) == mark {
		return dst
	}
	// What was written are the members; the key goes before them.
	const open = `,"ext_ack":{`
	dst = append(dst, open...)
	copy(dst[mark+len(open):], dst[mark:len(dst)-len(open)])
	copy(dst[mark:], open)
	dst = append(dst[:mark+len(open)], dst[mark+len(open)+1:]...)
	return append(dst, '}')
}

// extAckRest appends the cookie and the policy, the first of each.
func (p *JSON) extAckRest(dst []byte, m *dissect.Msg) []byte {
	n := &p.t.Nodes[m.Node]
	cookie, policy := false, false
	for i := m.Node + 1; i < n.End; {
		c := &p.t.Nodes[i]
		if c.Kind == dissect.KindAttr && c.Field != nil {
			switch name := c.Field.Name; {
			case name == "NLMSGERR_ATTR_COOKIE" && !cookie:
				dst, cookie = p.extAckValue(dst, "cookie", i), true
			case name == "NLMSGERR_ATTR_POLICY" && !policy:
				dst, policy = p.extAckValue(dst, "policy", i), true
			}
		}
		i = c.End
	}
	return dst
}

// extAckValue appends an attribute of the extended ACK, if it can be read.
func (p *JSON) extAckValue(dst []byte, name string, i int32) []byte {
	mark := len(dst)
	dst, much := p.attrValue(key(dst, name), i)
	if much == gotNone {
		return dst[:mark]
	}
	return dst
}

// stepsJSON appends a path as a string member, if there is one.
func stepsJSON(dst []byte, name string, steps []dissect.Step) []byte {
	if len(steps) == 0 {
		return dst
	}
	dst = append(key(dst, name), '"')
	return append(appendSteps(dst, steps), '"')
}
