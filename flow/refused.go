package flow

import (
	"github.com/nlsniff/nlsniff/dissect"
)

// request is a message that the kernel refused.
type request struct {
	t *dissect.Tree
	m *dissect.Msg
}

// row returns the first attribute or member with a name, -1 if there is none.
func (r *request) row(name string) int32 {
	for i := r.m.Node + 1; i < r.t.Nodes[r.m.Node].End; i++ {
		n := &r.t.Nodes[i]
		if n.Field != nil && n.Field.Name == name && (n.Kind == dissect.KindAttr || n.Kind == dissect.KindMember) {
			return i
		}
	}
	return -1
}

// bytes returns the payload of an attribute or member.
func (r *request) bytes(name string) []byte {
	i := r.row(name)
	if i < 0 {
		return nil
	}
	n := &r.t.Nodes[i]
	if n.Kind == dissect.KindMember {
		return r.t.Bytes(n)
	}
	const nlaHdr = 4
	b := r.t.Bytes(n)
	if size := int(dissect.Uint(b[:2], r.t.Big)); size >= nlaHdr && size <= len(b) {
		b = b[:size]
	}
	return b[nlaHdr:]
}

// number returns an integer, false if there is none.
func (r *request) number(name string) (uint64, bool) {
	i := r.row(name)
	if i < 0 {
		return 0, false
	}
	if n := &r.t.Nodes[i]; n.Kind == dissect.KindMember {
		return r.t.Uint(n), true
	}
	from, to := r.t.Payload(i)
	if from >= to {
		return 0, false
	}
	return r.t.Uint(&r.t.Nodes[from]), true
}

// family is the address family in the message's header: its first byte.
func (r *request) family() uint8 {
	if i := r.t.Body(r.m); i < r.t.Nodes[r.m.Node].End {
		if b := r.t.Bytes(&r.t.Nodes[i]); len(b) > 0 {
			return b[0]
		}
	}
	return 0
}

const afInet, afBridge, afInet6 = 2, 7, 10

// bits is how long an address of the request's family is, 0 if that is unknown.
func (r *request) bits() uint64 {
	switch r.family() {
	case afInet:
		return 32
	case afInet6:
		return 128
	}
	return 0
}
