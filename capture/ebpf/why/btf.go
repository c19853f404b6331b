package why

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
)

// The kinds of BTF that matter here (linux/btf.h).
const (
	kindInt      = 1
	kindPtr      = 2
	kindArray    = 3
	kindStruct   = 4
	kindUnion    = 5
	kindEnum     = 6
	kindTypedef  = 8
	kindVolatile = 9
	kindConst    = 10
	kindRestrict = 11
	kindFunc     = 12
	kindProto    = 13
	kindVar      = 14
	kindDatasec  = 15
	kindDeclTag  = 17
	kindTypeTag  = 18
	kindEnum64   = 19
)

var errBTF = errors.New("damaged BTF")

// btfTypes are the types of one BTF blob, raw: it is walked once, and most of
// it is never looked at. A module's continues that of the kernel.
type btfTypes struct {
	base    *btfTypes
	data    []byte   // the type section
	strings []byte   // the string section
	at      []uint32 // where each type is in data
	first   uint32   // id of at[0]
	offset  uint32   // of the first string
}

// parseBTF finds the types of a blob as the kernel has it in /sys/kernel/btf, in
// this machine's byte order.
func parseBTF(blob []byte, base *btfTypes) (*btfTypes, error) {
	e := binary.NativeEndian
	if len(blob) < 24 || e.Uint16(blob) != 0xeb9f {
		return nil, errBTF
	}
	head := uint64(e.Uint32(blob[4:]))
	part := func(at int) ([]byte, bool) {
		off, n := head+uint64(e.Uint32(blob[at:])), uint64(e.Uint32(blob[at+4:]))
		if off+n > uint64(len(blob)) {
			return nil, false
		}
		return blob[off : off+n], true
	}
	t := &btfTypes{base: base, first: 1}
	var ok1, ok2 bool
	t.data, ok1 = part(8)
	t.strings, ok2 = part(16)
	if !ok1 || !ok2 {
		return nil, errBTF
	}
	if base != nil {
		t.first = base.first + uint32(len(base.at))
		t.offset = base.offset + uint32(len(base.strings))
	}
	for at := 0; at < len(t.data); {
		if at+12 > len(t.data) {
			return nil, errBTF
		}
		t.at = append(t.at, uint32(at))
		info := e.Uint32(t.data[at+4:])
		n := int(info & 0xffff)
		at += 12
		switch info >> 24 & 31 {
		case kindInt, kindVar, kindDeclTag:
			at += 4
		case kindArray:
			at += 12
		case kindStruct, kindUnion, kindDatasec, kindEnum64:
			at += 12 * n
		case kindEnum, kindProto:
			at += 8 * n
		}
		if at > len(t.data) {
			return nil, errBTF
		}
	}
	return t, nil
}

// get returns the words of a type: name offset, info, size or type; and what
// follows them.
func (t *btfTypes) get(id uint32) (name string, kind, vlen, typ uint32, rest []byte) {
	for t.base != nil && id < t.first {
		t = t.base
	}
	if id < t.first || id-t.first >= uint32(len(t.at)) {
		return "", 0, 0, 0, nil
	}
	e := binary.NativeEndian
	b := t.data[t.at[id-t.first]:]
	info := e.Uint32(b[4:])
	return t.str(e.Uint32(b)), info >> 24 & 31, info & 0xffff, e.Uint32(b[8:]), b[12:]
}

func (t *btfTypes) str(off uint32) string {
	for t.base != nil && off < t.offset {
		t = t.base
	}
	off -= t.offset
	if uint64(off) >= uint64(len(t.strings)) {
		return ""
	}
	s := t.strings[off:]
	if i := bytes.IndexByte(s, 0); i >= 0 {
		s = s[:i]
	}
	return string(s)
}

// plain goes through typedefs and qualifiers.
func (t *btfTypes) plain(id uint32) (name string, kind, typ uint32, rest []byte) {
	for range 32 {
		name, kind, _, typ, rest := t.get(id)
		switch kind {
		case kindTypedef, kindVolatile, kindConst, kindRestrict, kindTypeTag:
			id = typ
		default:
			return name, kind, typ, rest
		}
	}
	return "", 0, 0, nil
}

// result is what a function returns.
type result uint8

const (
	resultNone    result = iota // nothing that can be an errno
	resultInt                   // int and enum: the upper half of the register means nothing
	resultLong                  // long
	resultPointer               // ERR_PTR
)

// structures that only functions on a request's way take.
var requestStructs = map[string]bool{
	"netlink_ext_ack": true, "nlmsghdr": true, "genl_info": true, "netlink_callback": true, "nlattr": true, "nft_ctx": true, "nfnl_info": true,
	"wiphy": true, "ip_set": true, "devlink": true, "xfrm_state": true, "xfrm_policy": true, "sk_buff": false,
}

var requestPrefixes = []string{"ethtool_", "ethnl_", "cfg80211_", "nft_", "devlink_", "fib_config", "fib6_config", "ieee80211_sub_if_data"}

func onRequestsWay(structure string) bool {
	if requestStructs[structure] {
		return true
	}
	for _, p := range requestPrefixes {
		if strings.HasPrefix(structure, p) {
			return true
		}
	}
	return false
}

// function is what BTF tells of a function.
type function struct {
	returns result
	seed    bool // takes what only functions on a request's way take
	outErr  bool // reports an errno through a pointer, as qdisc_create does
}

// functions calls yield with each function.
func (t *btfTypes) functions(yield func(name string, f function)) {
	e := binary.NativeEndian
	for i := range t.at {
		name, kind, _, proto, _ := t.get(t.first + uint32(i))
		if kind != kindFunc {
			continue
		}
		_, k, n, ret, params := t.get(proto)
		if k != kindProto || uint64(len(params)) < uint64(n)*8 {
			continue
		}
		var f function
		rname, rkind, _, rest := t.plain(ret)
		switch {
		case rkind == kindPtr:
			f.returns = resultPointer
		case rkind == kindEnum:
			f.returns = resultInt
		case rkind == kindInt && rname != "_Bool" && len(rest) >= 4 && rest[3]&1 != 0: // BTF_INT_SIGNED
			f.returns = resultInt
			if rest[0] == 64 {
				f.returns = resultLong
			}
		}
		for p := range n {
			id := e.Uint32(params[p*8+4:])
			f.outErr = f.outErr || t.errnoPointer(t.str(e.Uint32(params[p*8:])), id)
			for range 2 { // a pointer, or one to it
				_, pk, to, _ := t.plain(id)
				if pk != kindPtr {
					break
				}
				id = to
			}
			if pname, pk, _, _ := t.plain(id); pk == kindStruct && onRequestsWay(pname) {
				f.seed = true
			}
		}
		yield(name, f)
	}
}

// errnoPointer reports whether a parameter is where a function puts an errno:
// an int by reference that is named so.
func (t *btfTypes) errnoPointer(name string, id uint32) bool {
	if !strings.Contains(name, "err") && name != "ret" && name != "retval" {
		return false
	}
	_, kind, to, _ := t.plain(id)
	if kind != kindPtr {
		return false
	}
	_, kind, _, _ = t.plain(to)
	return kind == kindInt
}

// errorMembers are where structures keep an errno that was decided earlier, as
// dst_entry.error does: the offsets of signed members of 16 bits with such a
// name. An int's place would fit too much of the code.
func (t *btfTypes) errorMembers() map[uint32]bool {
	e := binary.NativeEndian
	found := map[uint32]bool{}
	for i := range t.at {
		_, kind, n, _, members := t.get(t.first + uint32(i))
		if kind != kindStruct || uint64(len(members)) < uint64(n)*12 {
			continue
		}
		for m := range n {
			b := members[m*12:]
			if name := t.str(e.Uint32(b)); name != "error" && name != "err" && name != "errno" {
				continue
			}
			_, k, size, rest := t.plain(e.Uint32(b[4:]))
			if k == kindInt && size == 2 && len(rest) >= 4 && rest[3]&1 != 0 {
				found[e.Uint32(b[8:])&0xffffff/8] = true
			}
		}
	}
	return found
}
