package families

import (
	"fmt"
	"strconv"
	"strings"
)

// String writes a type as the description language does.
func (t *Type) String() string {
	var b strings.Builder
	switch t.Kind {
	case KindUint, KindSint:
		b.WriteString(t.intName())
	case KindString, KindBinary, KindPad:
		b.WriteString([...]string{KindBinary: "binary", KindString: "string", KindPad: "pad"}[t.Kind])
		if t.Size > 0 {
			b.WriteString("[" + strconv.Itoa(t.Size) + "]")
		}
		if t.ToNUL {
			return "cstring"
		}
		if t.CountMember != nil {
			b.WriteString(" by " + t.countExpr())
		}
	case KindStrings:
		return "strings"
	case KindPacket:
		return "packet " + wordOf(layerWords, t.Layer)
	case KindFlag:
		return "flag"
	case KindBitfield32:
		b.WriteString("bitfield32")
	case KindNest:
		b.WriteString("nest " + t.setName())
		if t.Struct != nil {
			b.WriteString(" header " + t.Struct.Name)
		}
		if t.Ordered {
			b.WriteString(" ordered")
		}
	case KindIndexed:
		if t.Ordered {
			return "indexed ordered " + t.Elem.String()
		}
		return "indexed " + t.Elem.String()
	case KindTypeValue:
		return "levels " + strings.Join(t.Levels, " ") + " nest " + t.setName()
	case KindStruct:
		return "struct " + t.Struct.Name
	case KindArray:
		b.WriteString("array ")
		switch {
		case t.Count > 0:
			b.WriteString(strconv.Itoa(t.Count) + " ")
		case t.CountMember != nil:
			b.WriteString("by " + t.countExpr() + " ")
		}
		return b.String() + t.Elem.String()
	case KindSub:
		if t.Choose != ByName {
			return "sub " + t.Sub.Name + " by " + wordOf(choiceWords, t.Choose)
		}
		s := "sub " + t.Sub.Name + " by " + strings.Join(append([]string{t.Selector}, t.Inside...), "/")
		if t.Present {
			s += "?"
		}
		return s
	case KindMessage:
		return "message"
	case KindTLV:
		return "tlv " + t.TLV.String()
	case KindRecords:
		b.WriteString("records " + t.Struct.Name)
		if t.Set != nil {
			b.WriteString(" attrs " + t.Set.Name)
		}
	}
	// Where an enum is called like a hint, its name means both: the word that
	// says more comes last.
	word, isHint := hintWord(t.Hint), false
	if t.Enum != nil {
		_, isHint = hintWords[t.Enum.Name]
	}
	if isHint {
		b.WriteString(" " + t.Enum.Name)
	}
	if word != "" && (t.Enum == nil || t.Enum.Name != word) {
		b.WriteString(" " + word)
	}
	if t.Enum != nil && !isHint {
		b.WriteString(" " + t.Enum.Name)
	}
	return b.String()
}

// String writes what stands behind the word tlv.
func (t *TLV) String() string {
	s := t.Set.Name
	if t.Head != nil {
		s += " head=" + t.Head.Name + " type=" + t.TypeMember.Name + " len=" + t.LenMember.Name
	}
	if t.Unit > 1 {
		s += " unit=" + strconv.Itoa(t.Unit)
	}
	for _, x := range []struct {
		key string
		n   int
	}{{"type", t.TypeSize}, {"len", t.LenSize}, {"align", t.Align}} {
		if x.n != 1 {
			s += " " + x.key + "=" + strconv.Itoa(x.n)
		}
	}
	if t.LenFirst {
		s += " len-first"
	}
	if t.LenIncludesHeader {
		s += " inclusive"
	}
	return s + [...]string{OrderHost: "", OrderBig: " be", OrderLittle: " le"}[t.Order]
}

func (t *Type) setName() string {
	if t.Set == nil {
		return "-"
	}
	return t.Set.Name
}

func (t *Type) intName() string {
	bits := strconv.Itoa(8 * t.Size)
	switch {
	case t.Size == 0 && t.Kind == KindUint:
		return "uint"
	case t.Size == 0:
		return "sint"
	case t.Order == OrderBig && t.Kind == KindSint:
		return "sbe" + bits
	case t.Order == OrderBig:
		return "be" + bits
	case t.Order == OrderLittle:
		return "le" + bits
	case t.Kind == KindSint:
		return "s" + bits
	}
	return "u" + bits
}

func (t *Type) countExpr() string {
	s := t.CountMember.Name
	if t.CountMul > 1 {
		s += "*" + strconv.Itoa(t.CountMul)
	}
	if t.CountDiv > 1 {
		s += "/" + strconv.Itoa(t.CountDiv)
	}
	if t.CountAdd != 0 {
		s += fmt.Sprintf("%+d", t.CountAdd)
	}
	return s
}

func hintWord(h Hint) string { return wordOf(hintWords, h) }

// wordOf finds the word for a value; none has two.
func wordOf[T comparable](words map[string]T, v T) string {
	for w, x := range words {
		if x == v {
			return w
		}
	}
	return ""
}
