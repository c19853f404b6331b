package nft

import (
	"strconv"
)

// payload loads a part of the packet, or writes to it.
func (r *nftRule) payload(a nlas) {
	base, off, size := int(a.num(nftaPayloadBase)&0xff), int(a.num(nftaPayloadOffset)&0xffff), int(a.num(nftaPayloadLen)&0xff)
	v := r.packet(base, off*8, size*8)
	v.len = size
	if a.has(nftaPayloadSreg) {
		src := r.load(a.num(nftaPayloadSreg))
		if w := r.writes(&v, src); w != "" {
			r.add(w)
			return
		}
		r.add(v.text, "set", r.as(src, v.typ, size))
		return
	}
	r.store(a.num(nftaPayloadDreg), v)
}

// writes is a statement that sets a field that is no whole number of bytes:
// the program keeps the bits around it.
func (r *nftRule) writes(dst, src *nftReg) string {
	if !src.payload || src.base != dst.base || src.off != dst.off || src.imm == nil || src.mask == nil {
		return ""
	}
	keep := make([]byte, len(src.mask))
	for i, c := range src.mask {
		keep[i] = ^c
	}
	f, shift := r.fieldOf(dst, keep)
	if f == nil {
		return ""
	}
	v := nftNum(src.imm, true) >> shift
	return dst.hdr.name + " " + f.name + " set " + r.text(f.typ, nftBytes(v, (f.len+7)/8), true)
}

func nftBytes(v uint64, n int) []byte {
	out := make([]byte, max(n, 0))
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = byte(v)
		v >>= 8
	}
	return out
}

// packet describes some bits of the packet by what is known of it.
func (r *nftRule) packet(base, off, size int) nftReg {
	v := nftReg{payload: true, base: base, off: off, typ: nftHex}
	var raw string
	switch base {
	case nftLink:
		raw, v.hdr = "@ll", nftEthernet
		if off >= 112 {
			v.hdr = nftVLAN
			r.drop(&r.vlanDep)
		}
		r.drop(&r.llDep)
	case nftNetwork:
		raw, v.hdr = "@nh", r.net
		if r.net != nil {
			r.drop(&r.netDep)
		}
	case nftTransport:
		raw, v.hdr = "@th", nftTransports[r.l4]
		switch {
		case v.hdr == nil:
			v.hdr = nftAny
		case v.hdr.at(off, size) != nil || v.hdr.within(off, size):
			r.drop(&r.l4Dep)
			if v.hdr == nftICMP || v.hdr == nftICMPv6 {
				r.drop(&r.netDep)
			}
		}
	default:
		raw = "@ih"
	}
	if f := v.hdr.at(off, size); f != nil {
		v.field, v.typ = f, f.typ
		v.text = v.hdr.name + " " + f.name
		switch f.name {
		case "protocol", "nexthdr":
			if base == nftNetwork {
				v.is = nftIsL4
			}
		case "type":
			if base == nftLink {
				v.is = nftIsEtherType
			}
		}
		return v
	}
	v.text = raw + "," + strconv.Itoa(off) + "," + strconv.Itoa(size)
	return v
}

// within says whether a field lies within those bits.
func (h *nftHeader) within(off, size int) bool {
	for i := range h.fields {
		if f := &h.fields[i]; f.off >= off && f.off+f.len <= off+size {
			return true
		}
	}
	return false
}

// fieldOf finds the field that a mask leaves of a part of the packet.
func (r *nftRule) fieldOf(v *nftReg, mask []byte) (*nftField, int) {
	if !v.payload || v.hdr == nil || len(mask) == 0 || len(mask) > 8 {
		return nil, 0
	}
	bits := nftNum(mask, true)
	for i := range v.hdr.fields {
		f := &v.hdr.fields[i]
		shift := v.off + len(mask)*8 - f.off - f.len
		if f.off < v.off || shift < 0 || f.len >= 64 || f.len%8 == 0 && f.off%8 == 0 && len(mask)*8 == f.len {
			continue
		}
		if (uint64(1)<<f.len-1)<<shift == bits {
			return f, shift
		}
	}
	return nil, 0
}
