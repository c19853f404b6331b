package filter

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/nlsniff/nlsniff/families"
)

// operandKind says how an operand is compared.
type operandKind uint8

const (
	opNever  operandKind = iota // with values of this type it cannot be
	opNum                       // n
	opErrno                     // n, whatever its sign
	opText                      // b
	opBytes                     // b
	opPrefix                    // the first bits of b
	opLink                      // the interface called b
	opMsgs                      // one of msgs
)

// operand is a literal, read for the values of one type.
type operand struct {
	kind operandKind
	n    num
	b    []byte
	bits int
	msgs []message
}

// message is what a name of a message stands for.
type message struct {
	proto  uint8  // of a type, anyProto for those that all have
	genl   string // of a command, or of a type that is a family's id
	family bool   // genl is all
	id     uint16
}

const anyProto = 0xff

// literal is a value as it is written.
type literal struct {
	span
	text   string
	quoted bool
	parts  []string // of a union
	// types and cmds are the message types and commands of that name, looked
	// up once.
	types, cmds []message
}

// read prepares a literal for values of a type. why says what is wrong if it
// cannot be one.
func (l *literal) read(t *families.Type, loc *time.Location) (o operand, why string) {
	switch classOf(t) {
	case classNum:
		return l.readNum(elementOf(t), loc)
	case classText:
		return operand{kind: opText, b: []byte(l.text)}, ""
	case classAddr:
		return l.readAddr(elementOf(t))
	case classBytes:
		return l.readBytes(elementOf(t))
	case classMsg:
		return l.readMsg(l.types, "no message type is called ")
	case classCmd:
		return l.readMsg(l.cmds, "no command is called ")
	}
	return operand{}, "it has no value to compare with; the field alone asks whether it is there"
}

func (l *literal) readMsg(list []message, why string) (operand, string) {
	if n, ok := parseInt(l.text); ok {
		return operand{kind: opNum, n: n}, ""
	}
	if len(list) > 0 {
		return operand{kind: opMsgs, msgs: list}, ""
	}
	return operand{}, why + l.text
}

// enumValue reads a name, with or without the enum's prefix.
func enumValue(e *families.Enum, name string) (uint64, bool) {
	if e == nil || e.Kind == families.EnumBits {
		return 0, false
	}
	if v, ok := e.Value(name); ok {
		return v, true
	}
	if e.Prefix != "" {
		if v, ok := e.Value(e.Prefix + name); ok {
			return v, true
		}
	}
	v, ok := e.Value(strings.ReplaceAll(strings.ToLower(name), "_", "-"))
	return v, ok
}

func (l *literal) readNum(t *families.Type, loc *time.Location) (operand, string) {
	if len(l.parts) > 1 {
		var sum uint64
		for _, p := range l.parts {
			part := literal{text: p}
			o, why := part.readNum(t, loc)
			if why != "" {
				return o, why
			}
			if o.kind != opNum || o.n.neg || o.n.frac {
				return operand{}, p + " is not a flag"
			}
			sum |= o.n.u
		}
		return operand{kind: opNum, n: num{u: sum}}, ""
	}
	if v, ok := enumValue(t.Enum, l.text); ok {
		return enumOperand(t, v), ""
	}
	if n, ok := parseInt(l.text); ok {
		if seconds(t) {
			if n, ok := withUnit(t, l.text+"s"); ok {
				return operand{kind: opNum, n: n}, ""
			}
		}
		if t.Hint == families.HintErrno && !n.neg && n.u != 0 {
			return operand{kind: opErrno, n: n}, ""
		}
		return operand{kind: opNum, n: n}, ""
	}
	text := l.text
	if seconds(t) && text != "" && text[len(text)-1] >= '0' && text[len(text)-1] <= '9' {
		text += "s"
	}
	if n, ok := withUnit(t, text); ok {
		return operand{kind: opNum, n: n}, ""
	}
	switch t.Hint {
	case families.HintUnix, families.HintUnixNs:
		if ns, ok := parseTime(l.text, loc); ok {
			if t.Hint == families.HintUnix {
				sec := ns / 1e9
				if ns%1e9 < 0 {
					sec--
				}
				return operand{kind: opNum, n: num{u: uint64(sec), neg: sec < 0, frac: ns%1e9 != 0}}, ""
			}
			return operand{kind: opNum, n: num{u: uint64(ns), neg: ns < 0}}, ""
		}
		return operand{}, `not a time such as "2026-11-23 12:01:20.5" or 2026-11-23T12:01:20Z`
	case families.HintIfIndex:
		if l.text != "" {
			return operand{kind: opLink, b: []byte(l.text)}, ""
		}
	case families.HintTCHandle:
		if v, ok := handle(l.text); ok {
			return operand{kind: opNum, n: num{u: uint64(v)}}, ""
		}
	}
	if len(l.text) == 1 && l.quoted {
		return operand{kind: opNum, n: num{u: uint64(l.text[0])}}, ""
	}
	if t.Enum == nil && !l.quoted {
		switch strings.ToLower(l.text) {
		case "true", "yes":
			return operand{kind: opNum, n: num{u: 1}}, ""
		case "false", "no":
			return operand{kind: opNum}, ""
		}
	}
	switch {
	case t.Enum != nil && t.Enum.Name != "":
		return operand{}, l.text + " is no number and no " + t.Enum.Name
	case ticks[t.Hint] > 0:
		return operand{}, l.text + " is no number and no duration such as 10ms"
	}
	return operand{}, l.text + " is no number"
}

// seconds says whether a plain number means seconds, as for tshark's times.
func seconds(t *families.Type) bool { return t.Hint == families.HintNs && t.Scale == 1e9 }

// enumOperand is the value of an enum for integers of a type: enums keep
// negative values sign-extended.
func enumOperand(t *families.Type, v uint64) operand {
	switch {
	case t.Hint == families.HintErrno:
		return operand{kind: opErrno, n: num{u: v}}
	case t.Kind == families.KindSint:
		return operand{kind: opNum, n: num{u: v, neg: int64(v) < 0}}
	}
	return operand{kind: opNum, n: num{u: v}}
}

// handle reads a traffic control handle as tc does.
func handle(s string) (uint32, bool) {
	switch s {
	case "root":
		return 0xffffffff, true
	case "ingress", "clsact":
		return 0xfffffff1, true
	}
	major, minor, ok := strings.Cut(s, ":")
	if !ok {
		return 0, false
	}
	var v [2]uint64
	for i, part := range []string{major, minor} {
		if part == "" {
			continue
		}
		n, ok := parseInt("0x" + part)
		if !ok || n.u > 0xffff {
			return 0, false
		}
		v[i] = n.u
	}
	return uint32(v[0]<<16 | v[1]), true
}

func (l *literal) readAddr(t *families.Type) (operand, string) {
	if p, err := netip.ParsePrefix(l.text); err == nil {
		return operand{kind: opPrefix, b: p.Masked().Addr().AsSlice(), bits: p.Bits()}, ""
	}
	if a, err := netip.ParseAddr(l.text); err == nil && a.Zone() == "" {
		return operand{kind: opBytes, b: a.AsSlice()}, ""
	}
	if b, ok := hexBytes(l.text); ok && len(b) > 1 && !strings.Contains(l.text, ".") { // a link-layer address, an MPLS label
		return operand{kind: opBytes, b: b}, ""
	}
	if n, ok := parseInt(l.text); ok && t.Kind == families.KindUint && n.u <= 0xffffffff && !n.neg {
		return operand{kind: opBytes, b: []byte{byte(n.u >> 24), byte(n.u >> 16), byte(n.u >> 8), byte(n.u)}}, ""
	}
	return operand{}, l.text + " is no address and no prefix such as 192.0.2.0/24"
}

func (l *literal) readBytes(t *families.Type) (operand, string) {
	switch t.Hint {
	case families.HintLLAddr, families.HintSockaddr:
		if o, why := l.readAddr(t); why == "" && (strings.Contains(l.text, ".") || strings.Contains(l.text, "::") || len(o.b) == 16) {
			return o, ""
		}
	case families.HintUUID:
		if b, ok := hexBytes(strings.ReplaceAll(l.text, "-", "")); ok && len(b) == 16 {
			return operand{kind: opBytes, b: b}, ""
		}
	case families.HintKey:
		if b, err := base64.StdEncoding.DecodeString(l.text); err == nil && len(b) == 32 {
			return operand{kind: opBytes, b: b}, ""
		}
	case families.HintMPLS:
		if b, ok := labels(l.text); ok {
			return operand{kind: opBytes, b: b}, ""
		}
	}
	if l.quoted {
		return operand{kind: opBytes, b: []byte(l.text)}, ""
	}
	if b, ok := hexBytes(l.text); ok {
		return operand{kind: opBytes, b: b}, ""
	}
	return operand{}, l.text + ` is neither bytes such as 00:1a:2b nor a "string"`
}

// labels reads an MPLS label stack as ip writes it: 100/200. Traffic class and
// TTL are 0, the last one has the bottom bit.
func labels(s string) ([]byte, bool) {
	var out []byte
	for part := range strings.SplitSeq(s, "/") {
		n, ok := parseInt(part)
		if !ok || n.neg || n.u >= 1<<20 || len(out) > 64 {
			return nil, false
		}
		out = append(out, byte(n.u>>12), byte(n.u>>4), byte(n.u<<4), 0)
	}
	out[len(out)-2] |= 1
	return out, true
}

// hexBytes reads 00:1a:2b, 00-1a-2b, 00.1a.2b, 001a2b or 0x001a2b.
func hexBytes(s string) ([]byte, bool) {
	s = strings.TrimPrefix(s, "0x")
	for _, sep := range []string{":", "-", "."} {
		if strings.Contains(s, sep) {
			parts := strings.Split(s, sep)
			out := make([]byte, 0, len(parts))
			for _, p := range parts {
				if len(p) == 1 {
					p = "0" + p
				}
				if len(p) != 2 {
					return nil, false
				}
				b, err := hex.DecodeString(p)
				if err != nil {
					return nil, false
				}
				out = append(out, b...)
			}
			return out, true
		}
	}
	b, err := hex.DecodeString(s)
	return b, err == nil && len(b) > 0
}

// cmp compares a value with an operand. ok is false where they cannot be
// compared.
func (m *Matcher) cmp(v *value, o *operand) (c int, ok bool) {
	switch o.kind {
	case opNum:
		if v.kind != valNum {
			return 0, false
		}
		return o.n.cmp(v.num, v.neg), true
	case opErrno:
		if v.kind != valNum {
			return 0, false
		}
		u := v.num
		if v.neg {
			u = -u
		}
		return o.n.cmp(u, false), true
	case opText:
		if v.kind != valText {
			return 0, false
		}
		return bytes.Compare(v.b, o.b), true
	case opBytes:
		if v.kind != valBytes || len(v.b) == 0 {
			return 0, false
		}
		return bytes.Compare(v.b, o.b), true
	case opPrefix:
		if v.kind != valBytes || len(v.b) != len(o.b) {
			return 0, false
		}
		return cmpPrefix(v.b, o.b, o.bits), true
	case opLink:
		if v.kind != valNum || v.neg || v.num > 0xffffffff {
			return 0, false
		}
		name := m.links.Name(uint32(v.num), m.number)
		return strings.Compare(name, string(o.b)), name != ""
	case opMsgs:
		return m.cmpMsgs(v, o.msgs), v.kind == valNum
	}
	return 0, false
}

// cmpPrefix compares the first bits of an address.
func cmpPrefix(a, prefix []byte, bits int) int {
	n := bits / 8
	if c := bytes.Compare(a[:n], prefix[:n]); c != 0 || bits%8 == 0 {
		return c
	}
	mask := byte(0xff) << (8 - bits%8)
	return int(a[n]&mask) - int(prefix[n]&mask)
}

// cmpMsgs compares a message type or command with those of a name: equal if it
// is one of them.
func (m *Matcher) cmpMsgs(v *value, list []message) int {
	if slices.ContainsFunc(list, func(x message) bool {
		if x.genl != "" {
			return v.genl == x.genl && (x.family || v.num == uint64(x.id))
		}
		return v.num == uint64(x.id) && (x.proto == v.proto || x.proto == anyProto && v.proto != families.ProtoConnector)
	}) {
		return 0
	}
	if len(list) > 0 && v.num < uint64(list[0].id) {
		return -1
	}
	return 1
}
