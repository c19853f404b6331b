package nft

import (
	"bytes"
	"strconv"
	"strings"
)

// bitwise masks, shifts or combines registers.
func (r *nftRule) bitwise(a nlas) {
	v := *r.load(a.num(nftaBitwiseSreg))
	dreg := a.num(nftaBitwiseDreg)
	if v.text == "" {
		v.text = r.full(&v)
	}
	data := a.nest(nftaBitwiseData).get(nftaDataValue)
	op := a.num(nftaBitwiseOp)
	symbol := [...]string{"", "<<", ">>", "&", "|", "^"}
	switch {
	case op >= 3 && op <= 5:
		other := ""
		if a.has(nftaBitwiseSreg2) {
			other = r.full(r.load(a.num(nftaBitwiseSreg2)))
		} else {
			other = r.operand(&v, data)
		}
		v.text, v.mask, v.imm = r.full(&v)+" "+symbol[op]+" "+other, nil, nil
	case op == 1 || op == 2:
		v.text, v.mask = r.full(&v)+" "+symbol[op]+" "+strconv.FormatUint(nftNum(data, r.big), 10), nil
	default:
		v = r.maskXor(v, a.nest(nftaBitwiseMask).get(nftaDataValue), a.nest(nftaBitwiseXor).get(nftaDataValue))
	}
	v.is = nftIsNothing
	r.store(dreg, v)
}

// maskXor is (v & mask) ^ xor, which stands for and, or and xor alike.
func (r *nftRule) maskXor(v nftReg, mask, xor []byte) nftReg {
	n := min(len(mask), len(xor))
	if n == 0 {
		return v
	}
	mask, xor = mask[:n], xor[:n]
	zero := allZero(xor)
	if zero && v.mask == nil {
		if f, shift := r.fieldOf(&v, mask); f != nil {
			v.text, v.typ, v.field, v.shift = v.hdr.name+" "+f.name, f.typ, f, shift
			return v
		}
		v.mask = mask
		return v
	}
	if v.payload && v.mask == nil { // kept for a write back
		inverse := make([]byte, n)
		for i := range inverse {
			inverse[i] = ^mask[i]
		}
		if f, _ := r.fieldOf(&v, inverse); f != nil {
			v.mask, v.imm = mask, xor
			return v
		}
	}
	text := r.full(&v)
	and, or, flip := make([]byte, n), make([]byte, n), make([]byte, n)
	all := true
	for i := range n {
		or[i] = xor[i] &^ mask[i]
		flip[i] = xor[i] & mask[i]
		and[i] = mask[i] | or[i]
		all = all && and[i] == 0xff
	}
	if !all {
		text += " & " + r.operand(&v, and)
	}
	if !allZero(flip) {
		text += " ^ " + r.operand(&v, flip)
	}
	if !allZero(or) {
		text += " | " + r.operand(&v, or)
	}
	v.text, v.mask, v.imm = text, nil, nil
	return v
}

// operand writes a constant beside a register.
func (r *nftRule) operand(v *nftReg, b []byte) string {
	big := r.big || v.order || v.payload
	if v.typ.bitmask() {
		n := nftNum(b, big || !v.typ.host())
		s := v.typ.flags(n, " | ")
		if strings.Contains(s, " | ") {
			return "(" + s + ")"
		}
		return s
	}
	switch v.typ {
	case nftIPv4, nftIPv6, nftEther:
		return r.text(v.typ, b, big)
	}
	if len(b) > 8 {
		return "0x" + string(appendHex(nil, b))
	}
	t := v.typ
	n := nftNum(b, big || !t.host())
	if t == nftMark {
		return nftHexNumber(n, 8)
	}
	return nftHexNumber(n, 0)
}

// value writes a constant that a register is compared with.
func (r *nftRule) value(v *nftReg, b []byte) string {
	if v.shift > 0 || v.field != nil && v.field.len%8 != 0 {
		n := nftNum(b[:min(len(b), 8)], true) >> v.shift
		return r.text(v.typ, nftBytes(n, (v.field.len+7)/8), true)
	}
	if v.field != nil && len(b)*8 < v.field.len && (v.typ == nftIPv4 || v.typ == nftIPv6) {
		full := append(bytes.Clone(b), make([]byte, v.field.len/8-len(b))...)
		return r.text(v.typ, full, true) + "/" + strconv.Itoa(len(b)*8)
	}
	t := v.typ
	if t == nftIPv4 && len(b) == 16 {
		t = nftIPv6
	}
	return r.text(t, b, r.big || v.order)
}

var nftOps = [...]string{"", "!= ", "< ", "<= ", "> ", ">= "}

// cmp compares a register with a constant.
func (r *nftRule) cmp(a nlas) {
	v, op, data := r.load(a.num(nftaCmpSreg)), a.num(nftaCmpOp), a.nest(nftaCmpData).get(nftaDataValue)
	if op >= uint64(len(nftOps)) || len(data) == 0 {
		r.add("[ cmp ]")
		return
	}
	last := len(r.stmts) - 1
	switch {
	case v.mask != nil:
		r.add(r.masked(v, op, data))
		return
	case op == 3 && last >= 0 && r.stmts[last].from == v:
		r.stmts[last].text = r.full(v) + " " + r.stmts[last].low + "-" + r.value(v, data)
		r.stmts[last].from = nil
		return
	case op == 0 && v.typ.bitmask():
		r.add(r.full(v), "==", v.typ.flags(nftNum(data, r.big || v.order || !v.typ.host()), " | "))
		return
	case op == 0 && strings.ContainsAny(v.text, "&|^"):
		r.add(r.full(v), "==", r.value(v, data))
		return
	}
	text := r.value(v, data)
	r.add(r.full(v), nftOps[op]+text)
	at := len(r.stmts) - 1
	if op == 5 {
		r.stmts[at].from, r.stmts[at].low = v, text
	}
	if op == 0 {
		r.learned(v, data, at)
	}
}

// masked is a comparison of some bits.
func (r *nftRule) masked(v *nftReg, op uint64, data []byte) string {
	bits := nftPrefix(v.mask)
	if (v.typ == nftIPv4 || v.typ == nftIPv6) && bits >= 0 && op <= 1 {
		return v.text + " " + nftOps[op] + r.value(v, data) + "/" + strconv.Itoa(bits)
	}
	if v.typ.bitmask() {
		order := r.big || v.order || !v.typ.host()
		if allZero(data) {
			switch op {
			case 1:
				return v.text + " " + v.typ.flags(nftNum(v.mask, order), ",")
			case 0:
				return v.text + " ! " + v.typ.flags(nftNum(v.mask, order), ",")
			}
		}
		sign := nftOps[op]
		if op == 0 {
			sign = "== "
		}
		return r.full(v) + " " + sign + v.typ.flags(nftNum(data, order), " | ")
	}
	sign := nftOps[op]
	if op == 0 {
		sign = "== "
	}
	return r.full(v) + " " + sign + r.value(v, data)
}

// learned notes what an equality tells of the packet.
func (r *nftRule) learned(v *nftReg, data []byte, at int) {
	n := int(nftNum(data[:min(len(data), 8)], r.big || !v.typ.host()))
	switch v.is {
	case nftIsNFProto:
		switch n {
		case 2:
			r.net, r.netDep = nftIP, at
		case 10:
			r.net, r.netDep = nftIP6, at
		}
	case nftIsEtherType:
		switch n {
		case 0x0800:
			r.net, r.netDep = nftIP, at
		case 0x0806:
			r.net, r.netDep = nftARP, at
		case 0x86dd:
			r.net, r.netDep = nftIP6, at
		case 0x8100, 0x88a8:
			r.vlanDep = at
		}
	case nftIsL4:
		if nftTransports[n] != nil {
			r.l4, r.l4Dep = n, at
		}
	case nftIsLinkType:
		if n == 1 {
			r.llDep = at
		}
	}
}

// inRange compares with two ends.
func (r *nftRule) inRange(a nlas) {
	v := r.load(a.num(nftaRangeSreg))
	from, to := a.nest(nftaRangeFromData).get(nftaDataValue), a.nest(nftaRangeToData).get(nftaDataValue)
	sign := ""
	if a.num(nftaRangeOp) == 1 {
		sign = "!= "
	}
	r.add(r.full(v), sign+r.value(v, from)+"-"+r.value(v, to))
}
