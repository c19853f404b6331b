package nft

import (
	"bytes"
	"strconv"
	"strings"
)

// lookup looks a key up in a set, and in a map for what it maps to.
func (r *nftRule) lookup(a nlas) {
	regs := r.gather(a.num(nftaLookupSreg), 0)
	name := r.set(a.str(nftaLookupSet), a.num(nftaLookupSetId), regs)
	key := r.key(regs)
	switch {
	case !a.has(nftaLookupDreg) && a.num(nftaLookupFlags)&1 != 0:
		r.add(key, "!=", name)
	case !a.has(nftaLookupDreg):
		r.add(key, name)
	case a.num(nftaLookupDreg) == 0:
		r.add(key, "vmap", name)
	default:
		r.store(a.num(nftaLookupDreg), nftReg{text: key + " map " + name, typ: nftHex, len: 4})
	}
}

// set is the name of a set, or what is in it if it has none of its own.
func (r *nftRule) set(name string, id uint64, regs []*nftReg) string {
	if !strings.HasPrefix(name, "__") {
		return "@" + name
	}
	elems := r.sets(name, id)
	if elems == nil {
		return "@" + name
	}
	var out []string
	for i := 0; i < len(elems); i++ {
		e := elems[i]
		if e.num(nftaSetElemFlags)&1 != 0 { // the end of what stood before the first
			continue
		}
		text := r.elementKey(regs, e.nest(nftaSetElemKey).get(nftaDataValue), e.nest(nftaSetElemKeyEnd).get(nftaDataValue))
		if e.num(nftaSetElemFlags)&2 != 0 {
			text = "*"
		}
		if i+1 < len(elems) && elems[i+1].num(nftaSetElemFlags)&1 != 0 {
			if s := r.interval(regs, e.nest(nftaSetElemKey).get(nftaDataValue), elems[i+1].nest(nftaSetElemKey).get(nftaDataValue)); s != "" {
				text = s
			}
		}
		switch data := e.nest(nftaSetElemData); {
		case data.has(nftaDataVerdict):
			text += " : " + r.verdict(data.nest(nftaDataVerdict))
		case data.has(nftaDataValue):
			text += " : 0x" + string(appendHex(nil, data.get(nftaDataValue)))
		case e.has(nftaSetElemObjref):
			text += ` : "` + e.str(nftaSetElemObjref) + `"`
		}
		out = append(out, text)
	}
	return "{ " + strings.Join(out, ", ") + " }"
}

// interval writes what lies from one key up to another, which is not in it.
func (r *nftRule) interval(regs []*nftReg, from, behind []byte) string {
	if len(regs) != 1 || len(from) != len(behind) || len(from) == 0 {
		return ""
	}
	to := bytes.Clone(behind)
	for i := len(to) - 1; i >= 0; i-- {
		to[i]--
		if to[i] != 0xff {
			break
		}
	}
	v := *regs[0]
	v.order, v.field, v.shift = true, nil, 0
	if bytes.Equal(from, to) {
		return r.value(&v, from)
	}
	if v.typ == nftIPv4 || v.typ == nftIPv6 {
		mask := make([]byte, len(from))
		prefix := true
		for i := range mask {
			mask[i] = ^(from[i] ^ to[i])
			prefix = prefix && from[i]&^mask[i] == 0
		}
		if n := nftPrefix(mask); n >= 0 && prefix {
			return r.value(&v, from) + "/" + strconv.Itoa(n)
		}
	}
	return r.value(&v, from) + "-" + r.value(&v, to)
}

// elementKey writes a key of one or several parts, or what lies between two.
func (r *nftRule) elementKey(regs []*nftReg, from, to []byte) string {
	var out []string
	for i, v := range regs {
		n := min(max(v.len, 1), len(from))
		if len(regs) == 1 {
			n = len(from)
		}
		if n == 0 {
			break
		}
		text := r.value(v, from[:n])
		if len(to) == len(from) && !bytes.Equal(from[:n], to[:n]) {
			text += "-" + r.value(v, to[:n])
		}
		out = append(out, text)
		next := min((n+3)&^3, len(from))
		if i == len(regs)-1 {
			break
		}
		from, to = from[next:], to[min(next, len(to)):]
	}
	if out == nil {
		return "0x" + string(appendHex(nil, from))
	}
	return strings.Join(out, " . ")
}
