package nft

import (
	"strconv"
	"strings"
)

// nftSlots is how many registers of four bytes there are.
const nftSlots = 16

// nftReg is what is in a register.
type nftReg struct {
	text  string // the expression that loaded it, "" if none did
	typ   nftType
	len   int  // bytes
	fresh bool // nothing has looked at it

	imm []byte // a constant

	// A part of the packet: the base, and bits from it.
	payload   bool
	base, off int
	hdr       *nftHeader
	field     *nftField

	shift int    // bits behind a field that is no whole number of bytes
	mask  []byte // what it was and-ed with
	order bool   // brought into the order of the wire
	is    nftIs  // what a comparison would tell of the packet
}

// nftIs is what of the packet a register tells.
type nftIs uint8

const (
	nftIsNothing nftIs = iota
	nftIsNFProto
	nftIsL4
	nftIsEtherType
	nftIsLinkType
)

// slot is the place of a register, which has one of two kinds of numbers.
func nftSlot(reg uint64) int {
	switch {
	case reg >= 1 && reg <= 4:
		return int(reg-1) * 4
	case reg >= 8 && reg < 8+nftSlots:
		return int(reg - 8)
	}
	return -1
}

func (r *nftRule) load(reg uint64) *nftReg {
	s := nftSlot(reg)
	if s < 0 {
		return &nftReg{text: "[ reg " + strconv.FormatUint(reg, 10) + " ]"}
	}
	r.regs[s].fresh = false
	if r.regs[s].text == "" && r.regs[s].imm == nil {
		return &nftReg{text: "[ reg " + strconv.FormatUint(reg, 10) + " ]"}
	}
	return &r.regs[s]
}

func (r *nftRule) store(reg uint64, v nftReg) {
	s := nftSlot(reg)
	if s < 0 {
		return
	}
	if len(v.text) > nftMaxText {
		v.text = v.text[:nftMaxText] + "…"
	}
	r.unread(s)
	v.fresh = true
	r.regs[s] = v
}

// unread writes down what was loaded into a register and that nothing looks at,
// which is not in any statement.
func (r *nftRule) unread(slot int) {
	v := &r.regs[slot]
	if !v.fresh {
		return
	}
	v.fresh = false
	reg := "=> reg " + strconv.Itoa(slot+8)
	if slot%4 == 0 {
		reg = "=> reg " + strconv.Itoa(slot/4+1)
	}
	r.add("[", r.full(v), reg, "]")
}

// gather returns the registers from one on that make up a key; those from stop
// on are something else.
func (r *nftRule) gather(reg, stop uint64) []*nftReg {
	out := []*nftReg{r.load(reg)}
	end := nftSlots
	if s := nftSlot(stop); s >= 0 {
		end = s
	}
	for s := nftSlot(reg); s >= 0; {
		s += max((r.regs[s].len+3)/4, 1)
		if s >= end || !r.regs[s].fresh {
			break
		}
		r.regs[s].fresh = false
		out = append(out, &r.regs[s])
	}
	return out
}

// full is the expression of a register with everything that was done to it.
func (r *nftRule) full(v *nftReg) string {
	if v.text == "" {
		return r.text(v.typ, v.imm, r.big)
	}
	if v.mask != nil {
		return v.text + " & " + r.operand(v, v.mask)
	}
	return v.text
}

// as writes a register where a value of a type is wanted.
func (r *nftRule) as(v *nftReg, t nftType, size int) string {
	if v.text == "" {
		b := v.imm
		if size > 0 && len(b) > size {
			b = b[:size]
		}
		return r.text(t, b, r.big)
	}
	return r.full(v)
}

func (r *nftRule) key(regs []*nftReg) string {
	out := make([]string, 0, len(regs))
	for _, v := range regs {
		out = append(out, r.full(v))
	}
	return strings.Join(out, " . ")
}

// expression takes the next one of the program.
func (r *nftRule) expression(e nlas) {
	name, a := e.str(nftaExprName), e.nest(nftaExprData)
	switch name {
	case "immediate":
		r.immediate(a)
	case "cmp":
		r.cmp(a)
	case "range":
		r.inRange(a)
	case "bitwise":
		r.bitwise(a)
	case "byteorder":
		v := *r.load(a.num(nftaByteorderSreg))
		v.order = a.num(nftaByteorderOp) == 1
		r.store(a.num(nftaByteorderDreg), v)
	case "payload":
		r.payload(a)
	case "lookup":
		r.lookup(a)
	default:
		if v, reg, ok := r.source(name, a); ok {
			r.store(reg, v)
			return
		}
		r.statement(name, a)
	}
}

// source is an expression that only loads a register.
func (r *nftRule) source(name string, a nlas) (v nftReg, reg uint64, ok bool) {
	plain := func(k nftKey, size int) (nftReg, uint64, bool) {
		return nftReg{text: k.name, typ: k.typ, len: size}, 0, k.name != ""
	}
	switch name {
	case "meta":
		if a.has(nftaMetaSreg) {
			return v, 0, false
		}
		key := a.num(nftaMetaKey)
		v, _, ok = plain(nftMetaKeys[key], nftMetaSize(key))
		switch key {
		case 15:
			v.is = nftIsNFProto
		case 16:
			v.is = nftIsL4
		case 1:
			v.is = nftIsEtherType
		case 8:
			v.is = nftIsLinkType
		}
		return v, a.num(nftaMetaDreg), ok
	case "ct":
		if a.has(nftaCtSreg) {
			return v, 0, false
		}
		k := nftCTKeys[a.num(nftaCtKey)]
		dir := ""
		if p := a.get(nftaCtDirection); len(p) == 1 {
			dir = nftCTDirs[uint64(p[0])] + " "
		}
		v = nftReg{text: "ct " + dir + k.name, typ: k.typ, len: 4}
		switch {
		case k.typ == nftIPv6, a.num(nftaCtKey) == 6, a.num(nftaCtKey) == 13, k.typ == nftIPv4 && a.num(nftaCtKey) < 19 && r.net == nftIP6:
			v.len = 16
		case k.name == "packets" || k.name == "bytes" || k.name == "avgpkt":
			v.len = 8
		}
		return v, a.num(nftaCtDreg), k.name != ""
	case "rt":
		v, _, ok = plain(nftRTKeys[a.num(nftaRtKey)], 4)
		if v.typ == nftIPv6 {
			v.len = 16
		}
		return v, a.num(nftaRtDreg), ok
	case "socket":
		k := nftSocketKeys[a.num(nftaSocketKey)]
		v, _, ok = plain(k, 4)
		if a.num(nftaSocketKey) == 3 {
			v.text += " level " + strconv.FormatUint(a.num(nftaSocketLevel), 10)
			v.len = 8
		}
		return v, a.num(nftaSocketDreg), ok
	case "fib":
		return r.fib(a), a.num(nftaFibDreg), true
	case "numgen":
		v = nftReg{text: "numgen inc", typ: nftHost, len: 4}
		if a.num(nftaNgType) == 1 {
			v.text = "numgen random"
		}
		v.text += " mod " + strconv.FormatUint(a.num(nftaNgModulus), 10) + r.offset(a.num(nftaNgOffset))
		return v, a.num(nftaNgDreg), true
	case "hash":
		v = nftReg{text: "symhash", typ: nftHost, len: 4}
		if a.num(nftaHashType) == 0 {
			v.text = "jhash " + r.key(r.gather(a.num(nftaHashSreg), 0))
		}
		v.text += " mod " + strconv.FormatUint(a.num(nftaHashModulus), 10)
		if seed := a.num(nftaHashSeed); seed != 0 && a.num(nftaHashType) == 0 {
			v.text += " seed 0x" + strconv.FormatUint(seed, 16)
		}
		v.text += r.offset(a.num(nftaHashOffset))
		return v, a.num(nftaHashDreg), true
	case "osf":
		v = nftReg{text: "osf", typ: nftQuoted, len: 16}
		if p := a.get(nftaOsfTtl); len(p) == 1 && p[0] < 3 {
			v.text += [...]string{"", " ttl loose", " ttl skip"}[p[0]]
		}
		if a.num(nftaOsfFlags)&1 != 0 {
			v.text += " version"
		} else {
			v.text += " name"
		}
		return v, a.num(nftaOsfDreg), true
	case "xfrm":
		k := nftXfrmKeys[a.num(nftaXfrmKey)]
		dir := "in"
		if p := a.get(nftaXfrmDir); len(p) == 1 && p[0] == 1 {
			dir = "out"
		}
		v = nftReg{text: "ipsec " + dir + " " + k.name, typ: k.typ, len: 4}
		if n := a.num(nftaXfrmSpnum); n != 0 {
			v.text = "ipsec " + dir + " spnum " + strconv.FormatUint(n, 10) + " " + k.name
		}
		if k.typ == nftIPv6 {
			v.len = 16
		}
		return v, a.num(nftaXfrmDreg), k.name != ""
	case "tunnel":
		v = nftReg{text: "tunnel id", typ: nftHost, len: 4}
		if a.num(nftaTunnelKey) == 0 {
			v.text, v.typ = "tunnel path", nftBoolean
		}
		return v, a.num(nftaTunnelDreg), true
	case "exthdr":
		return r.exthdr(a)
	}
	return v, 0, false
}

func nftMetaSize(key uint64) int {
	switch key {
	case 6, 7, 17, 18, 26, 27, 34:
		return 16
	case 30, 37:
		return 8
	}
	return 4
}

func (r *nftRule) offset(n uint64) string {
	if n == 0 {
		return ""
	}
	return " offset " + strconv.FormatUint(n, 10)
}

func (r *nftRule) fib(a nlas) nftReg {
	var keys []string
	for _, f := range []nftBit{{1, "saddr"}, {2, "daddr"}, {4, "mark"}, {8, "iif"}, {16, "oif"}} {
		if a.num(nftaFibFlags)&f.mask != 0 {
			keys = append(keys, f.name)
		}
	}
	v := nftReg{text: "fib " + strings.Join(keys, " . "), len: 4}
	switch a.num(nftaFibResult) {
	case 1:
		v.text, v.typ = v.text+" oif", nftIfIndex
	case 2:
		v.text, v.typ, v.len = v.text+" oifname", nftIfName, 16
	case 3:
		v.text, v.typ = v.text+" type", nftAddrType
	}
	if a.num(nftaFibFlags)&0x20 != 0 {
		v.typ = nftBoolean
	}
	return v
}

// exthdr is a field of an extension header, an option or a chunk.
func (r *nftRule) exthdr(a nlas) (v nftReg, reg uint64, ok bool) {
	if !a.has(nftaExthdrDreg) {
		return v, 0, false
	}
	text, f := r.exthdrField(a)
	v = nftReg{text: text, len: int(a.num(nftaExthdrLen) & 0xff)}
	if f != nil {
		v.typ = f.typ
	}
	if a.num(nftaExthdrFlags)&1 != 0 {
		v.typ, v.len = nftBoolean, 1
	}
	return v, a.num(nftaExthdrDreg), true
}

func (r *nftRule) exthdrField(a nlas) (string, *nftField) {
	typ := uint64(0)
	if p := a.get(nftaExthdrType); len(p) == 1 {
		typ = uint64(p[0])
	}
	off, size := int(a.num(nftaExthdrOffset)&0xff)*8, int(a.num(nftaExthdrLen)&0xff)*8
	num := strconv.FormatUint(typ, 10)
	var h *nftHeader
	prefix := ""
	switch a.num(nftaExthdrOp) {
	case 0:
		if h = nftExtHeaders[typ]; h == nil {
			return "exthdr " + num, nil
		}
		if a.num(nftaExthdrFlags)&1 != 0 {
			return "exthdr " + h.name, nil
		}
	case 1:
		prefix = "tcp option "
		if r.l4 == 6 {
			r.drop(&r.l4Dep)
		}
		if h = nftTCPOptions[typ]; h == nil {
			h = &nftHeader{num, nil}
		}
	case 2:
		names := map[uint64]string{7: "rr", 131: "lsrr", 137: "ssrr", 148: "ra"}
		prefix, h = "ip option ", &nftHeader{names[typ], []nftField{{0, 8, "type", nftNumber}, {8, 8, "length", nftNumber},
			{16, 8, "ptr", nftNumber}, {24, 32, "addr", nftIPv4}, {16, 16, "value", nftNumber}}}
		if h.name == "" {
			h.name = num
		}
	case 3:
		prefix, h = "sctp chunk ", &nftHeader{num, []nftField{{0, 8, "type", nftNumber}, {8, 8, "flags", nftNumber}, {16, 16, "length", nftNumber}}}
		if r.l4 == 132 {
			r.drop(&r.l4Dep)
		}
	default:
		prefix, h = "dccp option ", &nftHeader{num, nil}
	}
	if a.num(nftaExthdrFlags)&1 != 0 || size == 0 {
		return prefix + h.name, nil
	}
	if f := h.at(off, size); f != nil {
		return prefix + h.name + " " + f.name, f
	}
	if a.num(nftaExthdrOp) == 1 {
		return "tcp option @" + num + "," + strconv.Itoa(off) + "," + strconv.Itoa(size), nil
	}
	return prefix + h.name + " @" + strconv.Itoa(off) + "," + strconv.Itoa(size), nil
}
