package craft

import (
	"fmt"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
)

// cookedLen is the size in bytes of LINKTYPE_NETLINK's header.
const cookedLen = 16

// frameOf puts the cooked header before messages.
func frameOf(proto uint8, data []byte) []byte {
	out := make([]byte, cookedLen, cookedLen+len(data))
	out[2], out[3], out[15] = 824>>8, 824&0xff, proto
	return append(out, data...)
}

// decode takes a request apart. The generic family has whatever id is in it.
func decode(d *dissect.Dissector, m *encode.Message) *dissect.Tree {
	ids := &families.Registry{}
	if m.Genl != "" && m.Genl != "nlctrl" {
		ids.Learn(0, uint16(dissect.Uint(m.Data[4:6], m.Big)), m.Genl)
	}
	frame := frameOf(m.Protocol, m.Data)
	return d.Frame(&dissect.Input{Number: 1, Data: frame, OrigLen: len(frame), Dir: dissect.DirToKernel, Big: m.Big,
		IDs: ids, Links: &dissect.Links{}, Sets: &dissect.Sets{}})
}

// Check returns what is not as the descriptions say it should be.
func Check(db *families.DB, m *encode.Message) []string {
	t := decode(dissect.New(db), m)
	var out []string
	for i := range t.Findings {
		out = append(out, finding(t, &t.Findings[i]))
	}
	return append(out, unnamed(t)...)
}

// CheckPolicy returns what the running kernel does not accept, by the policy that
// it tells of the message's generic family: attributes that it does not know,
// lengths, ranges.
func CheckPolicy(pol *families.Family, m *encode.Message) []string {
	if pol == nil || pol.Genl != m.Genl {
		return nil
	}
	db := families.Embedded()
	db.Add(pol, false)
	var out []string
	t := decode(dissect.New(db), m)
	for i := range t.Findings {
		switch f := &t.Findings[i]; f.Code {
		case dissect.AttrUnknown, dissect.AttrRange, dissect.AttrSize, dissect.StringLong, dissect.GenlCmdUnknown:
			out = append(out, finding(t, f))
		}
	}
	return out
}

// unnamed lists the flags that have bits without a name: kernels refuse what is
// reserved, some of it only since lately.
func unnamed(t *dissect.Tree) (out []string) {
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if n.Kind != dissect.KindMember && n.Kind != dissect.KindValue || n.Type == nil || n.Type.Kind != families.KindUint || n.Type.Enum == nil || n.Type.Enum.Kind != families.EnumFlags {
			continue
		}
		if rest := t.Uint(n) &^ n.Type.Enum.Known(); rest != 0 && n.Type.Enum.ValueName(t.Uint(n)) == "" {
			out = append(out, fmt.Sprintf("%s: 0x%x is reserved: no flag of that value has a name", pathOf(t, int32(i)), rest))
		}
	}
	return out
}

// finding is one with the path of what it is about.
func finding(t *dissect.Tree, f *dissect.Finding) string {
	s := string(f.AppendText(nil)) + " [" + f.Name() + "]"
	if p := pathOf(t, f.Node); p != "" {
		s = p + ": " + s
	}
	return s
}

// pathOf names a row and what it is in.
func pathOf(t *dissect.Tree, row int32) string {
	var names []string
	for i := row; i >= 0; i = t.Nodes[i].Parent {
		if n := &t.Nodes[i]; n.Field != nil && n.Kind != dissect.KindValue {
			names = append([]string{n.Field.Name}, names...)
		} else if n.Kind == dissect.KindAttr {
			names = append([]string{fmt.Sprint(n.ID)}, names...)
		}
	}
	return strings.Join(names, "/")
}
