package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

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
		dst = append(dst, n.Kind.String()...)
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
		dst = p.ev.spill(append(dst, '}'))
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

// nodeValue appends what a leaf says as a text, as a tree shows it.
func (p *JSON) nodeValue(dst []byte, n *dissect.Node) []byte {
	dst = append(dst, '"')
	switch {
	case n.Kind == dissect.KindLen || n.Kind == dissect.KindType:
		dst = strconv.AppendUint(dst, p.t.Uint(n), 10)
	case p.secret(n):
		dst = append(dst, hidden...)
	case n.Type == nil || n.Kind >= dissect.KindPadding:
		dst = appendHex(dst, p.t.Bytes(n))
	case n.Type.Kind == families.KindString || n.Type.Kind == families.KindStrings:
		return appendJSONString(dst[:len(dst)-1], cstring(p.t.Bytes(n)))
	default:
		p.text = p.value(p.text[:0], n)
		for _, c := range p.text {
			if c == '"' || c == '\\' {
				dst = append(dst, '\\')
			}
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
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
	return append(dst, n.Kind.String()...)
}
