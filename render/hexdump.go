package render

import "sort"

// hexdump appends the bytes from…to, 16 a line, with their offsets from the
// start of the frame. Key material in the rows of these bytes, first…last, is
// masked here too.
func (b *base) hexdump(dst []byte, first, last int32, from, to int) []byte {
	hide := b.secrets(first, last)
	for off := from; off < to; off += 16 {
		dst = b.style(dst, styleDim)
		dst = append(dst, "      "...)
		for shift := 12; shift >= 0; shift -= 4 {
			dst = append(dst, hexDigits[off>>shift&15])
		}
		dst = b.style(dst, styleOff)
		dst = append(dst, ' ')
		row := b.t.Data[off:min(off+16, to)]
		for i := range 16 {
			if i == 8 {
				dst = append(dst, ' ')
			}
			switch {
			case i >= len(row):
				dst = append(dst, "   "...)
			case covers(hide, off+i):
				dst = append(dst, " **"...)
			default:
				dst = append(dst, ' ', hexDigits[row[i]>>4], hexDigits[row[i]&15])
			}
		}
		dst = append(dst, "  "...)
		for i, c := range row {
			if c < 0x20 || c >= 0x7f {
				c = '.'
			}
			if covers(hide, off+i) {
				c = '*'
			}
			dst = append(dst, c)
		}
		dst = append(dst, '\n')
	}
	return append(dst, '\n')
}

// span is a range of bytes within a frame.
type span struct{ from, to int }

// covers says whether one of the spans, which are in order and apart, holds
// off.
func covers(spans []span, off int) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i].to > off })
	return i < len(spans) && spans[i].from <= off
}

// secrets lists the bytes of the rows from…to that are key material, in order.
func (b *base) secrets(from, to int32) []span {
	if b.ShowSecrets {
		return nil
	}
	var out []span
	for i := from; i < to; i++ {
		n := &b.t.Nodes[i]
		if !n.Secret || !n.Kind.Leaf() {
			continue
		}
		s := span{int(n.Off), int(n.Off + n.Len)}
		if k := len(out) - 1; k >= 0 && s.from <= out[k].to {
			out[k].to = max(out[k].to, s.to)
		} else if s.from < s.to {
			out = append(out, s)
		}
	}
	return out
}
