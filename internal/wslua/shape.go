package wslua

import (
	"fmt"

	"github.com/nlsniff/nlsniff/families"
)

// bitmap says whether an array's words are bits that are counted through.
func bitmap(t *families.Type) bool {
	return t.Kind == families.KindArray && (t.Elem.Hint == families.HintBitmap || t.Elem.Hint == families.HintGroups) && t.Elem.FixedSize() > 0
}

func (g *generator) bitmap(t *families.Type) string {
	size := t.Elem.FixedSize()
	more := room(t.Count*size, t.Count*size)
	if o := t.Elem.Order; o != families.OrderHost {
		more += fmt.Sprintf(",o=%d", o)
	}
	if e := t.Elem.Enum; e != nil && e.Kind != families.EnumBits {
		more += fmt.Sprintf(",e=%d,p=%q", g.enum(e), e.Prefix)
	}
	if t.Elem.Hint == families.HintGroups {
		more += ",groups=true"
	}
	return fmt.Sprintf("{k='w',n=%d%s}", size, more)
}

// tlv writes a list of elements that are no attributes.
func (g *generator) tlv(t *families.TLV) string {
	s := fmt.Sprintf("{k='v',s=%d,align=%d,unit=%d,whole=%v", g.setID(t.Set), max(t.Align, 1), max(t.Unit, 1), t.LenIncludesHeader)
	if t.Head != nil {
		typ, length := t.TypeMember, t.LenMember
		return s + fmt.Sprintf(",t=%d,head=%d,ioff=%d,isize=%d,iorder=%d,loff=%d,lsize=%d,lorder=%d}", g.structID(t.Head), t.Head.Size,
			typ.Off, typ.Type.FixedSize(), typ.Type.Order, length.Off, length.Type.FixedSize(), length.Type.Order)
	}
	ioff, loff := 0, t.TypeSize
	if t.LenFirst {
		ioff, loff = t.LenSize, 0
	}
	return s + fmt.Sprintf(",head=%d,ioff=%d,isize=%d,iorder=%d,loff=%d,lsize=%d,lorder=%d}", t.TypeSize+t.LenSize, ioff, t.TypeSize, t.Order, loff, t.LenSize, t.Order)
}
