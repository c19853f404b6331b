package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
)

var kindNames = [...]string{"link", "message", "struct", "attribute", "element",
	"member", "nla_len", "nla_type", "value", "padding", "unknown", "trailing"}

// nodes appends the lossless tree: every row with its bytes.
func (p *JSON) nodes(dst []byte, from, to int32, origin uint32) []byte {
	dst = key(dst, "nodes")
	dst = append(dst, '[')
	hide := p.secrets(from, to)
	for i := from; i < to; i++ {
		n := &p.t.Nodes[i]
		if i > from {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"name":"`...)
		dst = nodeName(dst, n)
		dst = append(dst, `","type":"`...)
		dst = append(dst, kindNames[n.Kind]...)
		dst = append(dst, `","offset":`...)
		dst = strconv.AppendInt(dst, int64(n.Off)-int64(origin), 10)
		dst = key(dst, "length")
		dst = strconv.AppendUint(dst, uint64(n.Len), 10)
		dst = key(dst, "depth")
		dst = strconv.AppendInt(dst, int64(n.Depth-p.t.Nodes[from].Depth), 10)
		if n.Kind.Leaf() {
			dst = key(dst, "hex")
			dst = append(dst, '"')
			dst = p.maskedHex(dst, n, hide)
			dst = append(dst, '"')
			dst = key(dst, "value")
			dst = p.nodeValue(dst, n)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// maskedHex appends the bytes of a leaf, those of key material as asterisks.
func (p *JSON) maskedHex(dst []byte, n *dissect.Node, hide []span) []byte {
	if len(hide) == 0 {
		return appendHex(dst, p.t.Bytes(n))
	}
	for k, c := range p.t.Bytes(n) {
		if covers(hide, int(n.Off)+k) {
			dst = append(dst, '*', '*')
			continue
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

func (p *JSON) nodeValue(dst []byte, n *dissect.Node) []byte {
	switch n.Kind {
	case dissect.KindLen, dissect.KindType:
		return strconv.AppendUint(dst, p.t.Uint(n), 10)
	}
	return p.leaf(dst, n)
}

func nodeName(dst []byte, n *dissect.Node) []byte {
	switch n.Kind {
	case dissect.KindAttr:
		if n.Field == nil {
			dst = append(dst, "type "...)
		}
		return appendKey(dst, n)
	case dissect.KindElem:
		return appendKey(dst, n)
	case dissect.KindStruct, dissect.KindLink:
		return append(dst, structName(n)...)
	case dissect.KindMember, dissect.KindValue:
		return append(dst, leafName(n)...)
	}
	return append(dst, kindNames[n.Kind]...)
}
