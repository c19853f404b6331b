// Package policy makes a description of a generic family that nobody
// described, from what the generic netlink controller tells of it: the
// commands of CTRL_CMD_NEWFAMILY and the attribute policies of
// CTRL_CMD_GETPOLICY (kernel/net/netlink/genetlink.c and policy.c). Types and
// nesting are what the kernel checks requests by; what answers hold, and every
// name, is a guess, and marked as one.
package policy

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// Bounds on what a capture can make this package remember.
const (
	maxOps      = 256
	maxPolicies = 1024
	maxAttrs    = 8192 // of all policies together
)

// Family is what the controller told of one family. The zero value knows
// nothing.
type Family struct {
	Name    string
	ID      uint16
	Version uint8
	HdrSize uint32 // bytes of the family's own header behind genlmsghdr
	MaxAttr uint32
	Ops     []uint8 // commands, ascending

	policies map[uint32]*policy
	ops      map[uint8]opPolicy
	attrs    int
}

// policy is one attribute space.
type policy struct {
	attrs  map[uint16]*attr
	max    uint32 // the highest type that the kernel knows, 0: not told
	parent uint16 // the attribute that the space is in, and
	within uint32 // the policy of that
	nested bool
}

// attr is what a policy says of an attribute.
type attr struct {
	typ            uint32 // NL_ATTR_TYPE_
	minLen, maxLen uint32
	hasMax         bool
	minU, maxU     uint64
	minS, maxS     int64
	hasU, hasS     bool
	nest           uint32
	hasNest        bool
}

// opPolicy says which policies a command has.
type opPolicy struct {
	do, dump       uint32
	hasDo, hasDump bool
}

// walk calls fn for each attribute of a run.
func walk(b []byte, order binary.ByteOrder, fn func(typ uint16, payload []byte)) {
	for len(b) >= 4 {
		n := int(order.Uint16(b))
		if n < 4 || n > len(b) {
			return
		}
		fn(order.Uint16(b[2:])&0x3fff, b[4:n])
		b = b[min((n+3)&^3, len(b)):]
	}
}

func u16(b []byte, order binary.ByteOrder) uint16 {
	if len(b) < 2 {
		return 0
	}
	return order.Uint16(b)
}

func u32(b []byte, order binary.ByteOrder) uint32 {
	if len(b) < 4 {
		return 0
	}
	return order.Uint32(b)
}

func u64(b []byte, order binary.ByteOrder) uint64 {
	if len(b) < 8 {
		return 0
	}
	return order.Uint64(b)
}

// Attributes of linux/genetlink.h.
const (
	attrFamilyID   = 1 // CTRL_ATTR_FAMILY_ID
	attrFamilyName = 2
	attrVersion    = 3
	attrHdrSize    = 4
	attrMaxAttr    = 5
	attrOps        = 6
	attrPolicy     = 8
	attrOpPolicy   = 9

	attrOpID       = 1 // CTRL_ATTR_OP_ID
	attrPolicyDo   = 1 // CTRL_ATTR_POLICY_DO
	attrPolicyDump = 2
)

// Learn takes the attributes of a CTRL_CMD_NEWFAMILY or CTRL_CMD_GETPOLICY
// message of the controller, which follow its genlmsghdr.
func (f *Family) Learn(attrs []byte, order binary.ByteOrder) {
	walk(attrs, order, func(typ uint16, b []byte) {
		switch typ {
		case attrFamilyID:
			f.ID = u16(b, order)
		case attrFamilyName:
			name, _, _ := strings.Cut(string(b), "\x00")
			f.Name = name
		case attrVersion:
			f.Version = uint8(min(u32(b, order), math.MaxUint8))
		case attrHdrSize:
			f.HdrSize = u32(b, order)
		case attrMaxAttr:
			f.MaxAttr = u32(b, order)
		case attrOps:
			walk(b, order, func(_ uint16, op []byte) {
				walk(op, order, func(typ uint16, b []byte) {
					if typ == attrOpID {
						f.addOp(u32(b, order))
					}
				})
			})
		case attrPolicy:
			walk(b, order, func(index uint16, b []byte) { f.learnPolicy(uint32(index), b, order) })
		case attrOpPolicy:
			walk(b, order, func(cmd uint16, b []byte) { f.learnOp(cmd, b, order) })
		}
	})
}

func (f *Family) addOp(cmd uint32) {
	if cmd <= math.MaxUint8 && !slices.Contains(f.Ops, uint8(cmd)) && len(f.Ops) < maxOps {
		f.Ops = append(f.Ops, uint8(cmd))
		slices.Sort(f.Ops)
	}
}

func (f *Family) learnOp(cmd uint16, b []byte, order binary.ByteOrder) {
	if cmd > math.MaxUint8 {
		return
	}
	if f.ops == nil {
		f.ops = map[uint8]opPolicy{}
	}
	p := f.ops[uint8(cmd)]
	walk(b, order, func(typ uint16, b []byte) {
		switch typ {
		case attrPolicyDo:
			p.do, p.hasDo = u32(b, order), true
		case attrPolicyDump:
			p.dump, p.hasDump = u32(b, order), true
		}
	})
	f.ops[uint8(cmd)] = p
	f.addOp(uint32(cmd))
}

// policy returns a policy, nil if there are too many.
func (f *Family) policy(index uint32) *policy {
	p := f.policies[index]
	if p == nil && len(f.policies) < maxPolicies {
		if f.policies == nil {
			f.policies = map[uint32]*policy{}
		}
		p = &policy{attrs: map[uint16]*attr{}}
		f.policies[index] = p
	}
	return p
}

// Attributes of linux/netlink.h, NL_POLICY_TYPE_ATTR_.
const (
	typeType      = 1
	typeMinS      = 2
	typeMaxS      = 3
	typeMinU      = 4
	typeMaxU      = 5
	typeMinLen    = 6
	typeMaxLen    = 7
	typePolicyIdx = 8
	typeMaxType   = 9
)

// learnPolicy takes a message's part of one policy: the kernel sends an
// attribute a message.
func (f *Family) learnPolicy(index uint32, b []byte, order binary.ByteOrder) {
	p := f.policy(index)
	if p == nil {
		return
	}
	walk(b, order, func(id uint16, b []byte) {
		a := p.attrs[id]
		if a == nil {
			if f.attrs >= maxAttrs {
				return
			}
			f.attrs++
			a = &attr{}
			p.attrs[id] = a
		}
		maxType := uint32(0)
		walk(b, order, func(typ uint16, b []byte) {
			switch typ {
			case typeType:
				a.typ = u32(b, order)
			case typeMinS:
				a.minS, a.hasS = int64(u64(b, order)), true
			case typeMaxS:
				a.maxS, a.hasS = int64(u64(b, order)), true
			case typeMinU:
				a.minU, a.hasU = u64(b, order), true
			case typeMaxU:
				a.maxU, a.hasU = u64(b, order), true
			case typeMinLen:
				a.minLen = u32(b, order)
			case typeMaxLen:
				a.maxLen, a.hasMax = u32(b, order), true
			case typePolicyIdx:
				a.nest, a.hasNest = u32(b, order), true
			case typeMaxType:
				maxType = u32(b, order)
			}
		})
		if !a.hasNest {
			return
		}
		if inner := f.policy(a.nest); inner != nil {
			inner.max = max(inner.max, maxType)
			if !inner.nested {
				inner.nested, inner.parent, inner.within = true, id, index
			}
		}
	})
}
