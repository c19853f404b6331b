package families

import "testing"

// TestStringParts: what the parser cannot make has a form all the same.
func TestStringParts(t *testing.T) {
	enum := &Enum{Name: "hex"}
	for _, c := range []struct {
		in   Type
		want string
	}{
		{Type{}, "binary"},
		{Type{Kind: KindPad}, "pad"},
		{Type{Kind: KindUint, Size: 1, Enum: enum}, "u8 hex"},
		{Type{Kind: KindUint, Size: 1, Hint: HintHex, Enum: enum}, "u8 hex"},
		{Type{Kind: KindUint, Size: 1, Hint: HintNs, Enum: enum}, "u8 hex ns"},
		{Type{Kind: KindSint, Size: 4, Order: OrderBig}, "sbe32"},
		{Type{Kind: KindTypeValue, Levels: []string{"a"}}, "levels a nest -"},
		{Type{Kind: KindArray, Elem: &Type{Kind: KindUint, Size: 2}, CountMember: &Field{Name: "n"}}, "array by n u16"},
		{Type{Kind: KindBinary, Hint: HintFDDI}, "binary fddi"},
	} {
		if got := c.in.String(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
