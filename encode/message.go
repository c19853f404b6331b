package encode

import (
	"fmt"
	"math"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

const (
	hdrLen     = 16     // struct nlmsghdr
	genlCtrl   = 0x10   // GENL_ID_CTRL of linux/genetlink.h
	nlaHdrLen  = 4      // struct nlattr
	nlaNested  = 0x8000 // NLA_F_NESTED of linux/netlink.h
	maxPayload = math.MaxUint16 - nlaHdrLen
)

// message appends a message with its header.
func (e *encoder) message(dst []byte, v *Value, tm *tmpl) ([]byte, error) {
	if e.deep++; e.deep > maxDepth {
		return dst, errDeep
	}
	defer func() { e.deep-- }()
	h := header{proto: e.hdr.proto}
	if v.Get("protocol") != nil {
		p, err := ProtocolOf(v)
		if err != nil {
			return dst, err
		}
		h.proto = p
	}
	e.dir = dissect.DirToKernel
	if textOf(v.Get("direction")) == "from_kernel" {
		e.dir = dissect.DirFromKernel
	}
	if v.Get("error") != nil {
		return dst, at("error", fmt.Errorf("an answer of the kernel is encoded by its nodes alone (hint: read with --full)"))
	}
	nl := v.Get("nlmsg")
	table := e.db.Protocol(h.proto)
	if nl == nil {
		if h.desc = table.Datagram(); h.desc == nil {
			return dst, at("nlmsg", fmt.Errorf("missing, and %s has messages with a header", families.ProtocolName(h.proto)))
		}
		e.hdr = h
		return e.body(dst, v, tm, len(dst))
	}
	if err := e.headers(&h, nl, v.Get("genl"), table); err != nil {
		return dst, err
	}
	e.hdr = h
	start := len(dst)
	dst = append(dst, make([]byte, hdrLen)...)
	if h.hasGenl {
		dst = append(dst, h.cmd, h.ver, 0, 0)
	}
	bodyAt := len(dst)
	dst, err := e.body(dst, v, tm, bodyAt)
	if err != nil {
		return dst, err
	}
	dst = e.trim(dst, start, bodyAt, nl.Get("len"))
	n := len(dst) - start
	b := dst[start:]
	putUint(b[0:4], uint64(n), e.big)
	putUint(b[4:6], uint64(h.typ), e.big)
	putUint(b[6:8], uint64(h.flags), e.big)
	putUint(b[8:12], uint64(h.seq), e.big)
	putUint(b[12:16], uint64(h.portid), e.big)
	return dst, nil
}

// trim leaves out the padding at the end of a message whose stated length does
// without.
func (e *encoder) trim(dst []byte, start, body int, stated *Value) []byte {
	if stated == nil {
		return dst
	}
	want, err := parseNumber(stated.Text)
	n := len(dst) - start
	if err != nil || want >= uint64(n) || n-int(want) > 3 || start+int(want) < body {
		return dst
	}
	for _, c := range dst[start+int(want):] {
		if c != 0 {
			return dst
		}
	}
	return dst[:start+int(want)]
}

func align4(n int) int { return (n + 3) &^ 3 }
