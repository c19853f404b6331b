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
	if m.Echo >= 0 {
		dst = key(dst, "request")
		dst = append(dst, '{')
		mark := len(dst)
		dst = p.message(dst, &p.t.Msgs[m.Echo])
		dst = append(dst[:mark], dst[mark+1:]...) // the first key's comma
		dst = append(dst, '}')
	}
	return append(dst, '}')
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
	if len(x.Path) > 0 {
		dst = key(dst, "attr")
		dst = append(dst, '"')
		dst = appendSteps(dst, x.Path)
		dst = append(dst, '"')
	}
	if x.HasMiss {
		dst = key(dst, "miss_type")
		dst = strconv.AppendUint(dst, uint64(x.MissType), 10)
	}
	if x.HasNest {
		dst = key(dst, "miss_nest")
		dst = strconv.AppendUint(dst, uint64(x.MissNest), 10)
	}
	if len(x.Miss) > 0 {
		dst = key(dst, "missing")
		dst = append(dst, '"')
		dst = appendSteps(dst, x.Miss)
		dst = append(dst, '"')
	}
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

// extAckRest appends the cookie and the policy.
func (p *JSON) extAckRest(dst []byte, m *dissect.Msg) []byte {
	n := &p.t.Nodes[m.Node]
	for i := m.Node + 1; i < n.End; {
		c := &p.t.Nodes[i]
		if c.Kind == dissect.KindAttr && c.Field != nil {
			switch c.Field.Name {
			case "NLMSGERR_ATTR_COOKIE":
				dst = key(dst, "cookie")
				dst = p.attrValue(dst, i)
			case "NLMSGERR_ATTR_POLICY":
				dst = key(dst, "policy")
				dst = p.attrValue(dst, i)
			}
		}
		i = c.End
	}
	return dst
}

// frameFindings appends a list of findings. Their offsets count from origin, as
// those of the nodes do.
