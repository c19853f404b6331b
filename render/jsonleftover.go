package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
)

// leftover is a row of the object at hand that its key does not tell, or not
// whole.
type leftover struct {
	row    int32
	again  bool // an attribute that may not repeat did
	number bool // under the number of its type: its name is another's
	levels int  // as of object, where again is set
}

// leftovers appends what the object's keys do not tell: under "repeated" the
// earlier ones of attributes that may not repeat, under "raw" the bytes that
// are not of the type described, each by key and as a list.
func (p *JSON) leftovers(dst []byte, open, mark int) []byte {
	if len(p.left) == mark {
		return dst
	}
	dst = p.repeated(dst, open, mark)
	prev := -1
	for k := mark; k < len(p.left); k++ {
		x := p.left[k]
		if x.again {
			continue
		}
		switch {
		case prev < 0:
			dst = append(objectKey(dst, open, "raw"), '{')
		case p.sameKey(x, p.left[prev]):
			dst = append(p.rawJSON(append(dst[:len(dst)-1], ','), x.row), ']')
			prev = k
			continue
		default:
			dst = append(dst, ',')
		}
		dst = append(p.leftKey(dst, x), '[')
		dst = append(p.rawJSON(dst, x.row), ']')
		prev = k
	}
	if prev >= 0 {
		dst = append(dst, '}')
	}
	p.left = p.left[:mark]
	return dst
}

// repeated appends the earlier ones of attributes that may not repeat. The
// last is under the attribute's own key.
func (p *JSON) repeated(dst []byte, open, mark int) []byte {
	prev := -1
	for k, end := mark, len(p.left); k < end; k++ {
		x := p.left[k]
		if !x.again {
			continue
		}
		switch {
		case prev < 0:
			dst = append(objectKey(dst, open, "repeated"), '{')
			dst = append(p.leftKey(dst, x), '[')
		case p.sameKey(x, p.left[prev]):
			if dst = dst[:len(dst)-1]; dst[len(dst)-1] != '[' {
				dst = append(dst, ',')
			}
		default:
			dst = append(p.leftKey(append(dst, ','), x), '[')
		}
		value, much := len(dst), gotAll
		if x.levels > 0 {
			from, to := p.t.Payload(x.row)
			dst = p.object(dst, from, to, x.levels-1)
		} else {
			dst, much = p.attrValue(dst, x.row)
		}
		if much == gotNone {
			if dst = dst[:value]; dst[len(dst)-1] == ',' {
				dst = dst[:len(dst)-1]
			}
		}
		if much != gotAll {
			p.left = append(p.left, leftover{row: x.row})
		}
		dst = append(dst, ']')
		prev = k
	}
	if prev >= 0 {
		dst = append(dst, '}')
	}
	return dst
}

// sameKey says whether two leftovers have one key.
func (p *JSON) sameKey(a, b leftover) bool {
	x, y := &p.t.Nodes[a.row], &p.t.Nodes[b.row]
	return a.number == b.number && x.Kind == y.Kind && x.Field == y.Field && x.ID == y.ID
}

func (p *JSON) leftKey(dst []byte, x leftover) []byte {
	n := &p.t.Nodes[x.row]
	dst = append(dst, '"')
	switch {
	case x.number:
		dst = strconv.AppendUint(dst, uint64(n.ID), 10)
	case n.Kind == dissect.KindAttr || n.Kind == dissect.KindElem:
		dst = appendKey(dst, n)
	default:
		dst = append(dst, leafName(n)...)
	}
	return append(dst, '"', ':')
}
