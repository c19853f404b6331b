package dissect

import (
	"encoding/binary"
	"unsafe"

	"github.com/nlsniff/nlsniff/families"
)

// Sets is what a capture says of the sets of nf_tables: what the bytes of their
// elements mean, by family, table and name.
type Sets = families.Timeline[string]

// Numbers of linux/netfilter/nf_tables.h that tell what a set holds.
const (
	nftMsgNewset      = 10<<8 | 9 // NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWSET
	nftaSetTable      = 1
	nftaSetName       = 2
	nftaSetFlags      = 3
	nftaSetKeyType    = 4
	nftaSetKeyLen     = 5
	nftaSetDataType   = 6
	nftaSetDataLen    = 7
	nftaSetDesc       = 9
	nftaSetID         = 10
	nftaSetDescConcat = 2
	nftaListElem      = 1
	nftaSetFieldLen   = 1

	nftSetInterval = 0x4
	nfgenmsgLen    = 4
	maxSetName     = 256 // NFT_SET_MAXNAMELEN
	maxSetParts    = 16  // NFT_REG32_COUNT
	partBits       = 6   // of the datatype of each part of a concatenation
)

// appendSetKey appends the name of a set within a capture. The kernel numbers anonymous
// sets (__set%d); until it has, their id in the transaction tells them apart.
func appendSetKey(key []byte, family byte, table, name, id []byte) []byte {
	table, name = cString(table), cString(name)
	key = append(key, family)
	key = append(key, table...)
	key = append(key, 0)
	key = append(key, name...)
	for _, c := range name {
		if c == '%' {
			key = append(append(key, 0), id...)
			break
		}
	}
	return key
}

func cString(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			b = b[:i]
			break
		}
	}
	return b[:min(len(b), maxSetName)]
}

// setInfo is what is known of a set. In a Timeline it is a string: five
// big-endian numbers, then a byte for each part's length.
type setInfo struct {
	flags, keyType, keyLen, dataType, dataLen uint32
	parts                                     string
}

const setInfoLen = 20

func parseSetInfo(s string) (i setInfo, ok bool) {
	if len(s) < setInfoLen {
		return i, false
	}
	b := []byte(s[:setInfoLen])
	for n, p := range []*uint32{&i.flags, &i.keyType, &i.keyLen, &i.dataType, &i.dataLen} {
		*p = binary.BigEndian.Uint32(b[4*n:])
	}
	i.parts = s[setInfoLen:]
	return i, true
}

// learnSet takes what a NEWSET of either direction tells.
func (s *Session) learnSet(in *Input, sec *section, msg []byte) {
	if len(msg) < hdrLen+nfgenmsgLen {
		return
	}
	attrs := msg[hdrLen+nfgenmsgLen:]
	table, name := attrBytes(attrs, nftaSetTable, in.Big), attrBytes(attrs, nftaSetName, in.Big)
	if len(attrBytes(attrs, nftaSetKeyType, in.Big)) != 4 || len(name) == 0 {
		return
	}
	info := make([]byte, 0, setInfoLen+maxSetParts)
	for _, typ := range []uint64{nftaSetFlags, nftaSetKeyType, nftaSetKeyLen, nftaSetDataType, nftaSetDataLen} {
		var v [4]byte
		if b := attrBytes(attrs, typ, in.Big); len(b) == 4 {
			copy(v[:], b)
		}
		info = append(info, v[:]...)
	}
	concat := attrBytes(attrBytes(attrs, nftaSetDesc, in.Big), nftaSetDescConcat, in.Big)
	for len(concat) >= nlaHdrLen && len(info) < setInfoLen+maxSetParts {
		n := int(Uint(concat[:2], in.Big))
		if n < nlaHdrLen || n > len(concat) {
			break
		}
		field := attrBytes(concat[nlaHdrLen:n], nftaSetFieldLen, in.Big)
		info = append(info, byte(min(Uint(field, true), 255)))
		concat = concat[min(len(concat), align4(n)):]
	}
	key := string(appendSetKey(nil, msg[hdrLen], table, name, attrBytes(attrs, nftaSetID, in.Big)))
	if sec.sets.Name(key, in.Number) != string(info) && s.room(in.Number, key) {
		sec.sets.Learn(in.Number, key, string(info))
	}
}

// setData decodes a value in an element of a set by what is known of the set:
// one leaf a part. It stays one leaf where nothing is known or it does not fit.
func (d *Dissector) setData(t *families.Type, f *families.Field, node int32, off, end int) {
	format := t.Sub.Default
	info, ok := d.setInfo()
	typ, parts := info.keyType, info.parts
	if t.Choose == families.BySetData {
		typ, parts = info.dataType, ""
	}
	var list [maxSetParts]setPart
	n := 0
	if ok && typ != 0 && typ < 1<<30 {
		n = splitSet(t.Sub, typ, parts, end-off, &list)
	}
	switch {
	case n == 0:
		d.t.Nodes[node].Type = format
		if format != nil {
			d.value(format, f, off, end)
		} else {
			d.rest(KindUnknown, off, end)
		}
		return
	case n == 1:
		d.t.Nodes[node].Type = list[0].format
	default:
		d.t.Nodes[node].Type = concatType
	}
	for _, p := range list[:n] {
		i := d.leaf(KindValue, f, p.format, off, off+p.size)
		if info.flags&nftSetInterval != 0 && p.format.Order == families.OrderHost {
			d.t.Nodes[i].Big = true // the order of numbers is that of bytes
		}
		off += p.size
		if stop := min(off+p.pad, end); stop > off {
			d.padding(off, stop, PaddingNonzero)
			off = stop
		}
	}
}

// concatType is the type of an attribute with several values.
var concatType = &families.Type{Kind: families.KindStrings}

// setPart is one value of a concatenation, and the bytes that align the next.
type setPart struct {
	format    *families.Type
	size, pad int
}

// splitSet finds out what the n bytes of an element are. It returns 0 where
// they do not fit.
func splitSet(sub *families.SubMessage, typ uint32, lengths string, n int, list *[maxSetParts]setPart) int {
	count := 0
	for v := typ; v != 0; v >>= partBits {
		count++
	}
	if lengths != "" && len(lengths) != count {
		return 0
	}
	left := n
	for i := range count {
		p := &list[i]
		p.format = sub.ByValue[uint64(typ>>(partBits*(count-1-i))&(1<<partBits-1))]
		if p.format == nil {
			p.format = sub.Default
		}
		if p.format == nil || !oneValue(p.format) {
			return 0
		}
		p.size = p.format.FixedSize()
		if lengths != "" {
			p.size = int(lengths[i])
		}
		if count == 1 {
			p.size = n
		}
		// An element may be shorter than its register, not longer.
		if want := p.format.FixedSize(); want != 0 && p.size != want {
			if p.format.Kind != families.KindString || p.size > want {
				p.format = sub.Default
			}
		}
		if p.size == 0 || p.size > left || p.format == nil || !oneValue(p.format) {
			return 0
		}
		left -= p.size
		p.pad = min(align4(p.size)-p.size, left)
		left -= p.pad
	}
	if left != 0 {
		return 0
	}
	return count
}

// oneValue says whether a type is of values without parts.
func oneValue(t *families.Type) bool {
	switch t.Kind {
	case families.KindUint, families.KindSint, families.KindString, families.KindBinary:
		return true
	}
	return false
}

// setInfo finds what is known of the set that the elements at hand are of.
func (d *Dissector) setInfo() (setInfo, bool) {
	if d.in.Sets == nil {
		return setInfo{}, false
	}
	for i := len(d.scopes) - 1; i >= 0; i-- {
		s := &d.scopes[i]
		if s.set == nil || s.header == nil || s.base >= len(d.data) {
			continue
		}
		name := s.set.ByName("NFTA_SET_ELEM_LIST_SET")
		if name == nil {
			continue
		}
		table, id := s.set.ByName("NFTA_SET_ELEM_LIST_TABLE"), s.set.ByName("NFTA_SET_ELEM_LIST_SET_ID")
		if d.setAt != s.off {
			d.setKey = appendSetKey(d.setKey[:0], d.data[s.base], d.located(s, table), d.located(s, name), d.located(s, id))
			// For looking up only: nothing keeps the string.
			key := unsafe.String(unsafe.SliceData(d.setKey), len(d.setKey))
			d.setAt, d.setOf = s.off, d.in.Sets.Name(key, d.in.Number)
		}
		return parseSetInfo(d.setOf)
	}
	return setInfo{}, false
}

// located is the payload of an attribute of a scope.
func (d *Dissector) located(s *scope, f *families.Field) []byte {
	if f == nil {
		return nil
	}
	at := d.locate(s, f)
	if at < 0 {
		return nil
	}
	return d.data[at+nlaHdrLen : max(at+nlaHdrLen, min(at+int(d.uint(at, 2)), s.end))]
}
