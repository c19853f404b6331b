package flow

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// Of scsi/iscsi_if.h: the questions whose answers come as reports do, to all
// who listen and with nlmsg_type 0.
const (
	iscsiGetStats     = 20
	iscsiGetChap      = 33
	iscsiGetHostStats = 42
)

// iscsiAnswer finds the request that NETLINK_ISCSI answers. The kernel looks at
// no flag of it, and answers with its type and no numbers; but one request at
// a time, so that the oldest of the type is the one (iscsi_if_rx).
func (t *Tracker) iscsiAnswer(p *place) Ref {
	body := p.body()
	if len(body) < 8 {
		return Ref{}
	}
	typ := uint64(p.h.Type)
	if typ == 0 {
		typ = uint64(p.u32(0))
		if typ != iscsiGetStats && typ != iscsiGetChap && typ != iscsiGetHostStats {
			return Ref{} // an event
		}
	}
	var e *entry
	at := t.open.tail
	for i := 0; at != nil && i < maxScan; i++ {
		if x := &at.ex; x.Proto == families.ProtoISCSI && uint64(x.Type) == typ && x.Section == p.f.Section && compatible(at, &p.f.Process) {
			e = at
		}
		at = at.in[byAge].prev
	}
	if e == nil {
		return Ref{}
	}
	x := &e.ex
	t.answered(e, p)
	x.Answer = p.ref()
	t.keep(e, PartReply, p, false) // an error is in it as well
	if errno := int32(dissect.Uint(body[4:8], p.h.Big)); errno < 0 {
		x.Errno, x.Errors = errno, 1
		t.close(e, Failed, NoReason)
		return Ref{Exchange: x.ID, Role: Failure}
	}
	x.Replies, x.ReplyBytes = 1, p.size()
	t.close(e, Answered, NoReason)
	return Ref{Exchange: x.ID, Role: Reply}
}
