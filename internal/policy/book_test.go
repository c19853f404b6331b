package policy

import (
	"fmt"
	"testing"
)

func TestBook(t *testing.T) {
	var b Book
	attr := attrOf(attrPolicy, attrOf(0, attrOf(1, num(typeType, 4)...)...)...)
	if b.Describe("x") != nil {
		t.Error("described before anything was told")
	}
	b.Learn("x", cat(attrOf(attrFamilyName, 'y', 0), attrOf(attrOps, attrOf(1, num(attrOpID, 3)...)...)), le)
	if b.Describe("x") != nil {
		t.Error("described without policies")
	}
	b.Learn("x", attr, le)
	b.Learn("x", attrOf(attrOpPolicy, attrOf(3, num(attrPolicyDo, 0)...)...), le)
	f := b.Describe("x")
	if f == nil || f.Genl != "x" || f.Table().Lookup(3, false).Body.Bodies[0].Set.Field(1).Type.String() != "u32" {
		t.Fatalf("%+v", f)
	}
	// A capture cannot make it remember without end.
	for i := range 2 * maxFamilies {
		b.Learn(fmt.Sprint("f", i), attr, le)
	}
	if len(b.families) != maxFamilies {
		t.Errorf("%d families", len(b.families))
	}
	for i := range 3 * maxAttrs {
		b.Learn(fmt.Sprint("f", i%200), attrOf(attrPolicy, attrOf(uint16(i/200%900), attrOf(uint16(i%0x3fff), num(typeType, 4)...)...)...), le)
	}
	if b.attrs > maxBookAttrs+1 {
		t.Errorf("%d attributes", b.attrs)
	}
}
