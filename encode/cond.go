package encode

import (
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// Flags of nlmsghdr that conditions ask for (linux/netlink.h).
const (
	flagMulti  = 0x2
	flagDump   = 0x300
	flagCreate = 0x400
)

// holdsAll says whether the conditions of a body are true of what was made by
// it: a reader will then take it for the same.
func (e *encoder) holdsAll(b *families.Body, p []byte) bool {
	for i := range b.When {
		if !e.holds(&b.When[i], p) {
			return false
		}
	}
	return true
}

func (e *encoder) holds(c *families.Cond, p []byte) bool {
	h, fromKernel, ok := &e.hdr, e.dir == dissect.DirFromKernel, false
	switch c.Kind {
	case families.CondRequest:
		ok = !fromKernel
	case families.CondReply:
		ok = fromKernel
	case families.CondDump:
		if fromKernel {
			ok = h.flags&flagMulti != 0
		} else {
			ok = h.flags&flagDump == flagDump
		}
	case families.CondEvent:
		ok = fromKernel && h.seq == 0 && h.flags&flagMulti == 0
	case families.CondCreate:
		ok = h.flags&flagCreate != 0
	case families.CondLenLess:
		ok = len(p) < int(c.Value)
	case families.CondStarts:
		ok = strings.HasPrefix(string(p), c.Text)
	case families.CondAttrsAt:
		ok = int(c.Value) <= len(p) && e.chains(p[c.Value:])
	case families.CondMember:
		at, n := c.Member.Off, c.Member.Type.Size
		if at+n > len(p) {
			return false
		}
		order := c.Member.Type.Order
		ok = dissect.Uint(p[at:at+n], order == families.OrderBig || order == families.OrderHost && e.big) == c.Value
	}
	return ok != c.Not
}

// chains says whether attributes fill p.
func (e *encoder) chains(p []byte) bool {
	for len(p) >= nlaHdrLen {
		n := int(dissect.Uint(p[:2], e.big))
		if n < nlaHdrLen || n > len(p) {
			return false
		}
		p = p[min(align4(n), len(p)):]
	}
	return len(p) == 0
}
