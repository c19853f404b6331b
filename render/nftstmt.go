package render

import (
	"strconv"
	"strings"
)

// verdict writes what becomes of the packet.
func (r *nftRule) verdict(a nlas) string {
	chain := a.str(2)
	if chain == "" && a.has(3) {
		chain = "#" + strconv.FormatUint(a.num(3), 10)
	}
	switch code := int32(a.num(1)); code {
	case -1:
		return "continue"
	case -2:
		return "break"
	case -3:
		return "jump " + chain
	case -4:
		return "goto " + chain
	case -5:
		return "return"
	default:
		names := [...]string{"drop", "accept", "stolen", "queue", "repeat", "stop"}
		if c := code & 0xff; int(c) < len(names) {
			return names[c]
		}
		return "verdict " + strconv.Itoa(int(code))
	}
}

// immediate loads a constant, or says what becomes of the packet.
func (r *nftRule) immediate(a nlas) {
	data := a.nest(2)
	if data.has(2) {
		r.add(r.verdict(data.nest(2)))
		return
	}
	b := data.get(1)
	r.store(a.num(1), nftReg{imm: append([]byte{}, b...), len: len(b), typ: nftHex})
}

// statement writes an expression that does something.
func (r *nftRule) statement(name string, a nlas) {
	switch name {
	case "counter":
		r.add("counter packets", nftDecimal(a.num(2)), "bytes", nftDecimal(a.num(1)))
	case "limit":
		r.add(nftLimit(a))
	case "quota":
		r.add(nftQuota(a))
	case "connlimit":
		r.add("ct count", nftOver(a.num(2)&1 != 0)+nftDecimal(a.num(1)))
	case "last":
		if a.num(1) == 0 {
			r.add("last used never")
		} else {
			r.add("last used", nftTime(a.num(2)))
		}
	case "log":
		r.add(nftLog(a))
	case "reject":
		r.reject(a)
	case "nat":
		r.nat(a)
	case "masq":
		r.add("masquerade", r.ports(a, 2, 3), nftNatFlags(a.num(1)))
	case "redir":
		r.add("redirect", r.ports(a, 1, 2), nftNatFlags(a.num(3)))
	case "tproxy":
		r.tproxy(a)
	case "queue":
		r.queue(a)
	case "dup":
		r.dup(a)
	case "fwd":
		r.fwd(a)
	case "notrack":
		r.add("notrack")
	case "flow_offload":
		r.add("flow add @" + a.str(1))
	case "synproxy":
		r.add(nftSynproxy(a))
	case "objref":
		r.objref(a)
	case "dynset":
		r.dynset(a)
	case "meta":
		k := nftMetaKeys[a.num(2)]
		if k.name == "" {
			r.add("[ meta ]")
			return
		}
		k.name = strings.TrimPrefix(k.name, "meta ")
		size := 0
		if a.num(2) == 12 || a.num(2) == 19 {
			size = 1
		}
		r.add("meta", k.name, "set", r.as(r.load(a.num(3)), k.typ, size))
	case "ct":
		k := nftCTKeys[a.num(2)]
		if k.name == "" {
			r.add("[ ct ]")
			return
		}
		dir := ""
		if p := a.get(3); len(p) == 1 {
			dir = nftCTDirs[uint64(p[0])]
		}
		r.add("ct", dir, k.name, "set", r.as(r.load(a.num(4)), k.typ, 0))
	case "exthdr":
		text, f := r.exthdrField(a)
		if !a.has(7) {
			r.add("reset", text)
			return
		}
		typ := nftNumber
		if f != nil {
			typ = f.typ
		}
		r.add(text, "set", r.as(r.load(a.num(7)), typ, int(a.num(4)&0xff)))
	case "match":
		r.add(`xt match "` + a.str(1) + `"`)
	case "target":
		r.add(`xt target "` + a.str(1) + `"`)
	case "inner":
		r.inner(a)
	default:
		r.add("[ " + name + " ]")
	}
}

func nftDecimal(v uint64) string { return strconv.FormatUint(v, 10) }

func nftOver(over bool) string {
	if over {
		return "over "
	}
	return ""
}

// nftSize writes bytes in the largest unit that leaves no remainder.
func nftSize(v uint64) string {
	units := [...]string{"bytes", "kbytes", "mbytes"}
	i := 0
	for i < len(units)-1 && v > 0 && v%1024 == 0 {
		v /= 1024
		i++
	}
	return nftDecimal(v) + " " + units[i]
}

func nftLimit(a nlas) string {
	units := map[uint64]string{1: "second", 60: "minute", 3600: "hour", 86400: "day", 604800: "week"}
	unit := units[a.num(2)]
	if unit == "" {
		unit = nftDecimal(a.num(2)) + "s"
	}
	over := nftOver(a.num(5)&1 != 0)
	if a.num(4) == 1 {
		out := "limit rate " + over + nftSize(a.num(1)) + "/" + unit
		if b := a.num(3); b != 0 {
			out += " burst " + nftSize(b)
		}
		return out
	}
	return "limit rate " + over + nftDecimal(a.num(1)) + "/" + unit + " burst " + nftDecimal(a.num(3)) + " packets"
}

func nftQuota(a nlas) string {
	out := "quota " + nftOver(a.num(2)&1 != 0) + nftSize(a.num(1))
	if used := a.num(4); used != 0 {
		out += " used " + nftSize(used)
	}
	return out
}

func nftLog(a nlas) string {
	out := "log"
	if s := a.str(2); s != "" {
		out += ` prefix "` + s + `"`
	}
	if a.has(1) {
		out += " group " + nftDecimal(a.num(1))
	}
	if n := a.num(3); n != 0 {
		out += " snaplen " + nftDecimal(n)
	}
	if n := a.num(4); n != 0 {
		out += " queue-threshold " + nftDecimal(n)
	}
	levels := [...]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug", "audit"}
	if n := a.num(5); a.has(5) && n != 4 && n < uint64(len(levels)) {
		out += " level " + levels[n]
	}
	flags := a.num(6)
	if flags&0x2f == 0x2f {
		return out + " flags all"
	}
	switch flags & 3 {
	case 1:
		out += " flags tcp sequence"
	case 2:
		out += " flags tcp options"
	case 3:
		out += " flags tcp sequence,options"
	}
	for _, f := range []nftBit{{4, "ip options"}, {8, "skuid"}, {0x20, "ether"}} {
		if flags&f.mask != 0 {
			out += " flags " + f.name
		}
	}
	return out
}

var (
	nftRejectIP  = [...]string{"net-unreachable", "host-unreachable", "prot-unreachable", "port-unreachable"}
	nftRejectIP6 = [...]string{"no-route", "admin-prohibited", "", "addr-unreachable", "port-unreachable", "policy-fail", "reject-route"}
	nftRejectX   = [...]string{"no-route", "port-unreachable", "host-unreachable", "admin-prohibited"}
)

func (r *nftRule) reject(a nlas) {
	code := -1
	if p := a.get(2); len(p) == 1 {
		code = int(p[0])
	}
	name := func(list []string) string {
		if code >= 0 && code < len(list) && list[code] != "" {
			return list[code]
		}
		return strconv.Itoa(code)
	}
	switch a.num(1) {
	case 1:
		if r.l4 == 6 {
			last := r.l4Dep
			r.drop(&last) // a reset is for nothing else
		}
		r.add("reject with tcp reset")
	case 2:
		if code == 1 {
			r.add("reject")
			return
		}
		r.add("reject with icmpx", name(nftRejectX[:]))
	default:
		v6 := r.family == 10 || r.family != 2 && r.net == nftIP6
		switch {
		case r.family != 2 && r.family != 10:
			r.drop(&r.netDep)
		case !v6 && code == 3, v6 && code == 4:
			r.add("reject")
			return
		}
		if v6 {
			r.add("reject with icmpv6", name(nftRejectIP6[:]))
			return
		}
		n := name(nftRejectIP[:])
		switch code {
		case 9:
			n = "net-prohibited"
		case 10:
			n = "host-prohibited"
		case 13:
			n = "admin-prohibited"
		}
		r.add("reject with icmp", n)
	}
}

func (r *nftRule) queue(a nlas) {
	var flags []string
	for _, f := range []nftBit{{1, "bypass"}, {2, "fanout"}} {
		if a.num(3)&f.mask != 0 {
			flags = append(flags, f.name)
		}
	}
	out := "queue"
	if flags != nil {
		out += " flags " + strings.Join(flags, ",")
	}
	switch {
	case a.has(4):
		out += " to " + r.full(r.load(a.num(4)))
	case a.num(2) > 1:
		out += " to " + nftDecimal(a.num(1)) + "-" + nftDecimal(a.num(1)+a.num(2)-1)
	default:
		out += " to " + nftDecimal(a.num(1))
	}
	r.add(out)
}

func (r *nftRule) address(reg uint64) string {
	v := r.load(reg)
	t := nftIPv4
	if len(v.imm) == 16 {
		t = nftIPv6
	}
	return r.as(v, t, 0)
}

func (r *nftRule) dup(a nlas) {
	to, dev := "", ""
	if a.has(2) {
		dev = r.as(r.load(a.num(2)), nftIfIndex, 4)
	}
	if a.has(1) {
		to = r.address(a.num(1))
		if dev != "" {
			dev = "device " + dev
		}
	}
	r.add("dup to", to, dev)
}

func (r *nftRule) fwd(a nlas) {
	dev := ""
	if a.has(1) {
		dev = r.as(r.load(a.num(1)), nftIfIndex, 4)
	}
	if a.has(2) {
		r.add("fwd", nftFamilies[a.num(3)], "to", r.address(a.num(2)), "device", dev)
		return
	}
	r.add("fwd to", dev)
}

func nftSynproxy(a nlas) string {
	out := "synproxy"
	flags := a.num(3)
	if flags&1 != 0 {
		out += " mss " + nftDecimal(a.num(1))
	}
	if flags&2 != 0 {
		out += " wscale " + nftDecimal(a.num(2))
	}
	if flags&8 != 0 {
		out += " timestamp"
	}
	if flags&4 != 0 {
		out += " sack-perm"
	}
	return out
}

// nftObjects are the statements that use objects, by the object's type.
var nftObjects = map[uint64]string{1: "counter name", 2: "quota name", 3: "ct helper set", 4: "limit name", 5: "ct count name",
	6: "tunnel name", 7: "ct timeout set", 8: "meta secmark set", 9: "ct expectation set", 10: "synproxy name"}

func (r *nftRule) objref(a nlas) {
	if a.has(3) {
		regs := r.gather(a.num(3), 0)
		// The type is the set's, which is not at hand.
		r.add("object name", r.key(regs), "map", r.set(a.str(4), a.num(5), regs))
		return
	}
	what := nftObjects[a.num(1)]
	if what == "" {
		what = "object name"
	}
	r.add(what, `"`+a.str(2)+`"`)
}

// dynset adds what was seen to a set.
func (r *nftRule) dynset(a nlas) {
	ops := [...]string{"add", "update", "delete"}
	op := a.num(3)
	if op >= uint64(len(ops)) {
		r.add("[ dynset ]")
		return
	}
	stop := uint64(0)
	if a.has(5) {
		stop = a.num(5)
	}
	elem := r.key(r.gather(a.num(4), stop))
	if t := a.num(6); t != 0 {
		elem += " timeout " + nftTime(t)
	}
	for _, s := range r.within(a.nest(7), a.nest(10)) {
		elem += " " + s
	}
	if a.has(5) {
		elem += " : " + r.full(r.load(a.num(5)))
	}
	set := a.str(1)
	r.add(ops[op], "@"+set, "{ "+elem+" }")
}

// within writes the expressions that each element of a set keeps.
func (r *nftRule) within(one, list nlas) []string {
	inner := newNftRule(r.family, r.big)
	take := func(e nlas) {
		switch name := e.str(nftaExprName); name {
		case "counter", "limit", "quota", "connlimit", "last": // those that keep a state
			inner.statement(name, e.nest(nftaExprData))
		default:
			inner.add("[ " + name + " ]")
		}
	}
	if len(one.b) > 0 {
		take(one)
	}
	for len(inner.stmts) < nftMaxElems {
		_, p, rest, ok := list.next()
		if !ok {
			break
		}
		take(nlas{p, r.big})
		list = rest
	}
	var out []string
	for _, s := range inner.stmts {
		out = append(out, s.text)
	}
	return out
}

// inner is a field of the packet within a tunnel.
func (r *nftRule) inner(a nlas) {
	types := [...]string{"", "vxlan", "geneve"}
	name := "inner"
	if n := a.num(2); n > 0 && n < uint64(len(types)) {
		name = types[n]
	}
	e := a.nest(5)
	data := e.nest(nftaExprData)
	switch e.str(nftaExprName) {
	case "payload":
		in := newNftRule(7, r.big) // nothing is known of that packet
		v := in.packet(int(data.num(2)&0xff), int(data.num(3)&0xffff)*8, int(data.num(4)&0xff)*8)
		if data.num(2) == nftNetwork {
			v.text = name + " " + v.text
		}
		v.text = name + " " + strings.TrimPrefix(v.text, name+" ")
		v.len = int(data.num(4) & 0xff)
		r.store(data.num(1), v)
	case "meta":
		k := nftMetaKeys[data.num(2)]
		r.store(data.num(1), nftReg{text: name + " " + k.name, typ: k.typ, len: 4})
	default:
		r.add("[ inner ]")
	}
}
