package nft

import (
	"strconv"
	"strings"
)

func nftNatFlags(v uint64) string {
	var out []string
	for _, f := range []nftBit{{4, "random"}, {16, "fully-random"}, {8, "persistent"}} {
		if v&f.mask != 0 {
			out = append(out, f.name)
		}
	}
	return strings.Join(out, ",")
}

// held says whether a register was loaded.
func (r *nftRule) held(reg uint64) bool {
	s := nftSlot(reg)
	return s >= 0 && (r.regs[s].text != "" || r.regs[s].imm != nil)
}

// ports writes ports from one register to another: to :1-2.
func (r *nftRule) ports(a nlas, from, to uint16) string {
	if s := r.portRange(a, from, to); s != "" {
		return "to :" + s
	}
	return ""
}

func (r *nftRule) portRange(a nlas, from, to uint16) string {
	if !a.has(from) || !r.held(a.num(from)) {
		return ""
	}
	out := r.as(r.load(a.num(from)), nftNumber, 2)
	if a.has(to) && a.num(to) != a.num(from) && r.held(a.num(to)) {
		if s := r.as(r.load(a.num(to)), nftNumber, 2); s != out {
			out += "-" + s
		}
	}
	return out
}

func (r *nftRule) nat(a nlas) {
	typ, size, word := nftIPv4, 4, "ip"
	if a.num(nftaNatFamily) == 10 {
		typ, size, word = nftIPv6, 16, "ip6"
	}
	if r.family == 2 || r.family == 10 || !a.has(nftaNatRegAddrMin) {
		word = ""
	}
	what := "snat"
	if a.num(nftaNatType) == 1 {
		what = "dnat"
	}
	flags := a.num(nftaNatFlags)
	if flags&0x40 != 0 {
		word = strings.TrimSpace(word + " prefix")
	}
	to := ""
	ports := r.portRange(a, nftaNatRegProtoMin, nftaNatRegProtoMax)
	if a.has(nftaNatRegAddrMin) {
		v := r.load(a.num(nftaNatRegAddrMin))
		to = r.as(v, typ, size)
		if a.has(nftaNatRegAddrMax) && a.num(nftaNatRegAddrMax) != a.num(nftaNatRegAddrMin) && r.held(a.num(nftaNatRegAddrMax)) {
			w := r.load(a.num(nftaNatRegAddrMax))
			end := r.as(w, typ, size)
			if prefix := nftBlock(v.imm, w.imm); flags&0x40 != 0 && prefix >= 0 {
				to += "/" + strconv.Itoa(prefix)
			} else if end != to {
				to += "-" + end
			}
		}
		if ports != "" && typ == nftIPv6 && v.text == "" {
			to = "[" + to + "]"
		}
		if v.text != "" && ports != "" && r.load(a.num(nftaNatRegProtoMin)).text != "" {
			ports = "" // a map gives both
		}
	}
	if ports != "" {
		to += ":" + ports
	}
	if to != "" {
		to = "to " + to
	}
	r.add(what, word, to, nftNatFlags(flags))
}

// nftBlock is the length of the prefix that an address and a last one share if
// between them is all that has it, -1 if not.
func nftBlock(from, to []byte) int {
	if len(from) == 0 || len(from) != len(to) {
		return -1
	}
	mask := make([]byte, len(from))
	for i := range mask {
		mask[i] = ^(from[i] ^ to[i])
		if from[i]&^mask[i] != 0 {
			return -1
		}
	}
	return nftPrefix(mask)
}

func (r *nftRule) tproxy(a nlas) {
	word := nftFamilies[a.num(nftaTproxyFamily)]
	typ, size := nftIPv4, 4
	if a.num(nftaTproxyFamily) == 10 {
		typ, size = nftIPv6, 16
	}
	if r.family == 2 || r.family == 10 {
		word = ""
	}
	to := ""
	if a.has(nftaTproxyRegAddr) {
		v := r.load(a.num(nftaTproxyRegAddr))
		to = r.as(v, typ, size)
		if typ == nftIPv6 && v.text == "" && a.has(nftaTproxyRegPort) {
			to = "[" + to + "]"
		}
	}
	if a.has(nftaTproxyRegPort) {
		to += ":" + r.as(r.load(a.num(nftaTproxyRegPort)), nftNumber, 2)
	}
	r.add("tproxy", word, "to", to)
}
