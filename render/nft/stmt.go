package nft

import (
	"strconv"
	"strings"
)

// verdict writes what becomes of the packet.
func (r *nftRule) verdict(a nlas) string {
	chain := a.str(nftaVerdictChain)
	if chain == "" && a.has(nftaVerdictChainId) {
		chain = "#" + strconv.FormatUint(a.num(nftaVerdictChainId), 10)
	}
	switch code := int32(a.num(nftaVerdictCode)); code {
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
	data := a.nest(nftaImmediateData)
	if data.has(nftaDataVerdict) {
		r.add(r.verdict(data.nest(nftaDataVerdict)))
		return
	}
	b := data.get(nftaDataValue)
	r.store(a.num(nftaImmediateDreg), nftReg{imm: append([]byte{}, b...), len: len(b), typ: nftHex})
}

// statement writes an expression that does something.
func (r *nftRule) statement(name string, a nlas) {
	switch name {
	case "counter":
		r.add("counter packets", nftDecimal(a.num(nftaCounterPackets)), "bytes", nftDecimal(a.num(nftaCounterBytes)))
	case "limit":
		r.add(nftLimit(a))
	case "quota":
		r.add(nftQuota(a))
	case "connlimit":
		r.add("ct count", nftOver(a.num(nftaConnlimitFlags)&1 != 0)+nftDecimal(a.num(nftaConnlimitCount)))
	case "last":
		if a.num(nftaLastSet) == 0 {
			r.add("last used never")
		} else {
			r.add("last used", nftTime(a.num(nftaLastMsecs)))
		}
	case "log":
		r.add(nftLog(a))
	case "reject":
		r.reject(a)
	case "nat":
		r.nat(a)
	case "masq":
		r.add("masquerade", r.ports(a, nftaMasqRegProtoMin, nftaMasqRegProtoMax), nftNatFlags(a.num(nftaMasqFlags)))
	case "redir":
		r.add("redirect", r.ports(a, nftaRedirRegProtoMin, nftaRedirRegProtoMax), nftNatFlags(a.num(nftaRedirFlags)))
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
		r.add("flow add @" + a.str(nftaFlowTableName))
	case "synproxy":
		r.add(nftSynproxy(a))
	case "objref":
		r.objref(a)
	case "dynset":
		r.dynset(a)
	case "meta":
		k := nftMetaKeys[a.num(nftaMetaKey)]
		if k.name == "" {
			r.add("[ meta ]")
			return
		}
		k.name = strings.TrimPrefix(k.name, "meta ")
		size := 0
		if a.num(nftaMetaKey) == 12 || a.num(nftaMetaKey) == 19 {
			size = 1
		}
		r.add("meta", k.name, "set", r.as(r.load(a.num(nftaMetaSreg)), k.typ, size))
	case "ct":
		k := nftCTKeys[a.num(nftaCtKey)]
		if k.name == "" {
			r.add("[ ct ]")
			return
		}
		dir := ""
		if p := a.get(nftaCtDirection); len(p) == 1 {
			dir = nftCTDirs[uint64(p[0])]
		}
		r.add("ct", dir, k.name, "set", r.as(r.load(a.num(nftaCtSreg)), k.typ, 0))
	case "exthdr":
		text, f := r.exthdrField(a)
		if !a.has(nftaExthdrSreg) {
			r.add("reset", text)
			return
		}
		typ := nftNumber
		if f != nil {
			typ = f.typ
		}
		r.add(text, "set", r.as(r.load(a.num(nftaExthdrSreg)), typ, int(a.num(nftaExthdrLen)&0xff)))
	case "match":
		r.add(`xt match "` + a.str(nftaMatchName) + `"`)
	case "target":
		r.add(`xt target "` + a.str(nftaTargetName) + `"`)
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
	unit := units[a.num(nftaLimitUnit)]
	if unit == "" {
		unit = nftDecimal(a.num(nftaLimitUnit)) + "s"
	}
	over := nftOver(a.num(nftaLimitFlags)&1 != 0)
	if a.num(nftaLimitType) == 1 {
		out := "limit rate " + over + nftSize(a.num(nftaLimitRate)) + "/" + unit
		if b := a.num(nftaLimitBurst); b != 0 {
			out += " burst " + nftSize(b)
		}
		return out
	}
	return "limit rate " + over + nftDecimal(a.num(nftaLimitRate)) + "/" + unit + " burst " + nftDecimal(a.num(nftaLimitBurst)) + " packets"
}

func nftQuota(a nlas) string {
	out := "quota " + nftOver(a.num(nftaQuotaFlags)&1 != 0) + nftSize(a.num(nftaQuotaBytes))
	if used := a.num(nftaQuotaConsumed); used != 0 {
		out += " used " + nftSize(used)
	}
	return out
}

func nftLog(a nlas) string {
	out := "log"
	if s := a.str(nftaLogPrefix); s != "" {
		out += ` prefix "` + s + `"`
	}
	if a.has(nftaLogGroup) {
		out += " group " + nftDecimal(a.num(nftaLogGroup))
	}
	if n := a.num(nftaLogSnaplen); n != 0 {
		out += " snaplen " + nftDecimal(n)
	}
	if n := a.num(nftaLogQthreshold); n != 0 {
		out += " queue-threshold " + nftDecimal(n)
	}
	levels := [...]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug", "audit"}
	if n := a.num(nftaLogLevel); a.has(nftaLogLevel) && n != 4 && n < uint64(len(levels)) {
		out += " level " + levels[n]
	}
	flags := a.num(nftaLogFlags)
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
	if p := a.get(nftaRejectIcmpCode); len(p) == 1 {
		code = int(p[0])
	}
	name := func(list []string) string {
		if code >= 0 && code < len(list) && list[code] != "" {
			return list[code]
		}
		return strconv.Itoa(code)
	}
	switch a.num(nftaRejectType) {
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
		if a.num(nftaQueueFlags)&f.mask != 0 {
			flags = append(flags, f.name)
		}
	}
	out := "queue"
	if flags != nil {
		out += " flags " + strings.Join(flags, ",")
	}
	switch {
	case a.has(nftaQueueSregQnum):
		out += " to " + r.full(r.load(a.num(nftaQueueSregQnum)))
	case a.num(nftaQueueTotal) > 1:
		out += " to " + nftDecimal(a.num(nftaQueueNum)) + "-" + nftDecimal(a.num(nftaQueueNum)+a.num(nftaQueueTotal)-1)
	default:
		out += " to " + nftDecimal(a.num(nftaQueueNum))
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
	if a.has(nftaDupSregDev) {
		dev = r.as(r.load(a.num(nftaDupSregDev)), nftIfIndex, 4)
	}
	if a.has(nftaDupSregAddr) {
		to = r.address(a.num(nftaDupSregAddr))
		if dev != "" {
			dev = "device " + dev
		}
	}
	r.add("dup to", to, dev)
}

func (r *nftRule) fwd(a nlas) {
	dev := ""
	if a.has(nftaFwdSregDev) {
		dev = r.as(r.load(a.num(nftaFwdSregDev)), nftIfIndex, 4)
	}
	if a.has(nftaFwdSregAddr) {
		r.add("fwd", nftFamilies[a.num(nftaFwdNfproto)], "to", r.address(a.num(nftaFwdSregAddr)), "device", dev)
		return
	}
	r.add("fwd to", dev)
}

func nftSynproxy(a nlas) string {
	out := "synproxy"
	flags := a.num(nftaSynproxyFlags)
	if flags&1 != 0 {
		out += " mss " + nftDecimal(a.num(nftaSynproxyMss))
	}
	if flags&2 != 0 {
		out += " wscale " + nftDecimal(a.num(nftaSynproxyWscale))
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
	if a.has(nftaObjrefSetSreg) {
		regs := r.gather(a.num(nftaObjrefSetSreg), 0)
		// The type is the set's, which is not at hand.
		r.add("object name", r.key(regs), "map", r.set(a.str(nftaObjrefSetName), a.num(nftaObjrefSetId), regs))
		return
	}
	what := nftObjects[a.num(nftaObjrefImmType)]
	if what == "" {
		what = "object name"
	}
	r.add(what, `"`+a.str(nftaObjrefImmName)+`"`)
}

// dynset adds what was seen to a set.
func (r *nftRule) dynset(a nlas) {
	ops := [...]string{"add", "update", "delete"}
	op := a.num(nftaDynsetOp)
	if op >= uint64(len(ops)) {
		r.add("[ dynset ]")
		return
	}
	stop := uint64(0)
	if a.has(nftaDynsetSregData) {
		stop = a.num(nftaDynsetSregData)
	}
	elem := r.key(r.gather(a.num(nftaDynsetSregKey), stop))
	if t := a.num(nftaDynsetTimeout); t != 0 {
		elem += " timeout " + nftTime(t)
	}
	for _, s := range r.within(a.nest(nftaDynsetExpr), a.nest(nftaDynsetExpressions)) {
		elem += " " + s
	}
	if a.has(nftaDynsetSregData) {
		elem += " : " + r.full(r.load(a.num(nftaDynsetSregData)))
	}
	set := a.str(nftaDynsetSetName)
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
	if n := a.num(nftaInnerType); n > 0 && n < uint64(len(types)) {
		name = types[n]
	}
	e := a.nest(nftaInnerExpr)
	data := e.nest(nftaExprData)
	switch e.str(nftaExprName) {
	case "payload":
		in := newNftRule(7, r.big) // nothing is known of that packet
		v := in.packet(int(data.num(nftaPayloadBase)&0xff), int(data.num(nftaPayloadOffset)&0xffff)*8, int(data.num(nftaPayloadLen)&0xff)*8)
		if data.num(nftaPayloadBase) == nftNetwork {
			v.text = name + " " + v.text
		}
		v.text = name + " " + strings.TrimPrefix(v.text, name+" ")
		v.len = int(data.num(nftaPayloadLen) & 0xff)
		r.store(data.num(nftaPayloadDreg), v)
	case "meta":
		k := nftMetaKeys[data.num(nftaMetaKey)]
		r.store(data.num(nftaMetaDreg), nftReg{text: name + " " + k.name, typ: k.typ, len: 4})
	default:
		r.add("[ inner ]")
	}
}
