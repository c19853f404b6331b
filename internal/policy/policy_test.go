package policy

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

var le = binary.LittleEndian

func attrOf(typ uint16, payload ...byte) []byte {
	b := le.AppendUint16(le.AppendUint16(nil, uint16(4+len(payload))), typ)
	b = append(b, payload...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func num(typ uint16, v uint32) []byte { return attrOf(typ, le.AppendUint32(nil, v)...) }
func big(typ uint16, v uint64) []byte { return attrOf(typ, le.AppendUint64(nil, v)...) }

func cat(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// told is a family with a policy of each type, as the kernel tells it: an
// attribute a message.
func told() *Family {
	f := &Family{}
	f.Learn(cat(attrOf(attrFamilyID, 40, 0), attrOf(attrFamilyName, []byte("exa mple\x00")...), num(attrVersion, 3), num(attrMaxAttr, 9),
		attrOf(attrOps, cat(attrOf(1, cat(num(1, 7), num(2, 2))...), attrOf(2, num(1, 2)...), attrOf(3, num(1, 5)...))...)), le)
	f.Learn(attrOf(attrOpPolicy, cat(attrOf(2, cat(num(1, 0), num(2, 0))...), attrOf(7, cat(num(1, 0), num(2, 1))...))...), le)
	attr := func(policy, id uint16, parts ...[]byte) {
		f.Learn(attrOf(attrPolicy, attrOf(policy, attrOf(id, cat(parts...)...)...)...), le)
	}
	attr(0, 1, num(typeType, 2), big(typeMinU, 1), big(typeMaxU, 7)) // u8
	attr(0, 2, num(typeType, 4), big(typeMinU, 0), big(typeMaxU, 1<<32-1))
	attr(0, 3, num(typeType, 10), num(typeMinLen, 6), num(typeMaxLen, 6))
	attr(0, 4, num(typeType, 12), num(typeMaxLen, 15))
	attr(0, 5, num(typeType, 13), num(typePolicyIdx, 2), num(typeMaxType, 4))
	attr(0, 6, num(typeType, 14), num(typePolicyIdx, 2), num(typeMaxType, 4))
	attr(0, 8, num(typeType, 1))
	attr(1, 1, num(typeType, 9), big(typeMinS, 0), big(typeMaxS, 5))
	attr(2, 3, num(typeType, 13), num(typePolicyIdx, 2), num(typeMaxType, 4)) // in itself
	return f
}

// exampleNames names what the test's family has.
type exampleNames struct{}

func (exampleNames) Names(s Space) map[uint16]string {
	switch {
	case s.Commands:
		return map[uint16]string{2: "EXAMPLE_CMD_GET", 9: "EXAMPLE_CMD_NTF"}
	case s.Parent == "EXAMPLE_A_INNER" || s.Parent == "EXAMPLE_INNER_A_AGAIN":
		return map[uint16]string{3: "EXAMPLE_INNER_A_AGAIN"}
	case len(s.Users) > 0 && s.Users[0] == "exa-mple-cmd-5":
		return nil
	}
	return map[uint16]string{1: "EXAMPLE_A_MODE", 2: "EXAMPLE_A_IFINDEX", 5: "EXAMPLE_A_INNER", 9: "EXAMPLE_A_LATER", 8: "a\x1b"}
}

func TestDescribe(t *testing.T) {
	fam, err := told().Describe(exampleNames{})
	if err != nil {
		t.Fatalf("%v\n%s", err, told().Spec(exampleNames{}))
	}
	if !fam.Guess || fam.Genl != "exa mple" || fam.Version != 3 {
		t.Errorf("%+v", fam)
	}
	names := map[uint16]string{}
	for _, m := range fam.Messages {
		names[m.ID] = m.Name
	}
	for id, want := range map[uint16]string{2: "EXAMPLE_CMD_GET", 5: "exa-mple-cmd-5", 7: "exa-mple-cmd-7", 9: "EXAMPLE_CMD_NTF"} {
		if names[id] != want {
			t.Errorf("command %d is %q, want %q", id, names[id], want)
		}
	}
	set := fam.Table().Lookup(2, false).Body.Bodies[0].Set
	tests := []struct {
		id        uint16
		name, typ string
	}{
		{1, "EXAMPLE_A_MODE", "u8"}, {2, "EXAMPLE_A_IFINDEX", "u32 ifindex"}, {3, "attr-3", "binary"}, {4, "attr-4", "string"},
		{5, "EXAMPLE_A_INNER", "nest policy-2"}, {6, "attr-6", "indexed nest policy-2"}, {8, "attr-8", "flag"},
		{9, "EXAMPLE_A_LATER", "sub by-flag by @nested"},
	}
	for _, tt := range tests {
		f := set.Field(tt.id)
		if f == nil || f.Name != tt.name || f.Type.String() != tt.typ || !f.Guess {
			t.Errorf("attribute %d is %+v, want %+v", tt.id, f, tt)
		}
	}
	if f := set.Field(1); !f.Type.HasMin || f.Type.Min != 1 || !f.Type.HasMax || f.Type.Max != 7 {
		t.Errorf("bounds of %s: %+v", f.Name, f.Type)
	}
	if f := set.Field(3); f.Type.MinLen != 6 || f.Type.MaxLen != 6 {
		t.Errorf("lengths of %s: %+v", f.Name, f.Type)
	}
	if dump := fam.Table().Lookup(7, false).Body.Bodies; len(dump) != 2 || dump[0].Set.Name != "policy-1" || dump[1].Set.Name != "policy-0" {
		t.Errorf("a dump has %+v", dump)
	}
}

// Without anyone to guess names there are numbers.
func TestDescribeWithoutNames(t *testing.T) {
	fam, err := told().Describe(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := fam.Table().Lookup(2, false).Name; got != "exa-mple-cmd-2" {
		t.Errorf("got %s", got)
	}
	if _, err := (&Family{Name: "a\x1b[2J"}).Describe(nil); err != nil && strings.Contains(err.Error(), "\x1b") {
		t.Errorf("the error has the name as it was: %q", err)
	}
}

// FuzzLearn: whatever the controller is said to have told becomes a
// description or an error.
func FuzzLearn(f *testing.F) {
	f.Add(cat(attrOf(attrFamilyName, 'x', 0), num(attrMaxAttr, 3), attrOf(attrOps, attrOf(1, num(1, 7)...)...)), false)
	f.Add(attrOf(attrPolicy, attrOf(0, attrOf(1, cat(num(typeType, 13), num(typePolicyIdx, 0))...)...)...), false)
	f.Add(attrOf(attrOpPolicy, attrOf(2, num(1, 0)...)...), false)
	f.Fuzz(func(t *testing.T, b []byte, bigEndian bool) {
		var order binary.ByteOrder = le
		if bigEndian {
			order = binary.BigEndian
		}
		fam := &Family{Name: "fuzz"}
		fam.Learn(b, order)
		fam.Name = "fuzz"
		fam.Learn(b[len(b)/2:], order)
		name := fam.Name
		fam.Name = "fuzz"
		if _, err := fam.Describe(exampleNames{}); err != nil {
			t.Fatalf("%v\n%s", err, fam.Spec(exampleNames{}))
		}
		fam.Name = name
		if d, err := fam.Describe(nil); err == nil && d.Protocol != families.ProtoGeneric {
			t.Fatal("not a generic family")
		}
	})
}
