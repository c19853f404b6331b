package dissect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// outline writes the rows from…to on one line, so that a test can say what it
// wants of a tree:
//
//	fixed{fam=2 index=5}   a struct and its members
//	T_U32(7) #99(?0100)    attributes, described and not
//	[0](7)                 an element
//	?00ff !00ff _2         unknown and trailing bytes, two bytes of padding
func outline(t *dissect.Tree, from, to int32) string {
	var out []string
	for i := from; i < to; i = t.Nodes[i].End {
		n := &t.Nodes[i]
		sub := func() string { return outline(t, i+1, n.End) }
		switch n.Kind {
		case dissect.KindLen, dissect.KindType:
		case dissect.KindMessage:
			out = append(out, "msg{"+sub()+"}")
		case dissect.KindStruct:
			name := ""
			if n.Field != nil {
				name = n.Field.Name
			} else {
				name = n.Type.Struct.Name
			}
			out = append(out, name+"{"+sub()+"}")
		case dissect.KindAttr:
			name := fmt.Sprintf("#%d", n.ID)
			if n.Field != nil {
				name = n.Field.Name
			}
			out = append(out, name+"("+sub()+")")
		case dissect.KindElem:
			name := fmt.Sprintf("[%d]", n.ID)
			if n.Field != nil && n.Type == &n.Field.Type {
				name = n.Field.Name
			}
			out = append(out, name+"("+sub()+")")
		case dissect.KindMember:
			out = append(out, n.Field.Name+"="+value(t, n))
		case dissect.KindValue:
			out = append(out, value(t, n))
		case dissect.KindPadding:
			out = append(out, fmt.Sprintf("_%d", n.Len))
		case dissect.KindUnknown:
			out = append(out, fmt.Sprintf("?%x", t.Bytes(n)))
		case dissect.KindTrailing:
			out = append(out, fmt.Sprintf("!%x", t.Bytes(n)))
		}
	}
	return strings.Join(out, " ")
}

func value(t *dissect.Tree, n *dissect.Node) string {
	switch n.Type.Kind {
	case families.KindUint:
		return fmt.Sprint(t.Uint(n))
	case families.KindSint:
		return fmt.Sprint(dissect.Int(t.Uint(n), int(n.Len)))
	case families.KindString:
		return fmt.Sprintf("%q", t.Bytes(n))
	}
	return fmt.Sprintf("%x", t.Bytes(n))
}

// bodyOf is the outline of what stands behind a message's headers.
func bodyOf(t *dissect.Tree, msg int) string {
	m := &t.Msgs[msg]
	from := t.Nodes[m.Node+1].End
	if m.HasGenl {
		from = t.Nodes[from].End
	}
	return outline(t, from, t.Nodes[m.Node].End)
}

// codesOf names a tree's findings in their order.
func codesOf(t *dissect.Tree) string {
	var out []string
	for i := range t.Findings {
		out = append(out, t.Findings[i].Name())
	}
	return strings.Join(out, " ")
}

// texts are the findings as a person reads them.
func texts(t *dissect.Tree) string {
	var out []string
	for i := range t.Findings {
		out = append(out, string(t.Findings[i].AppendText(nil)))
	}
	return strings.Join(out, "; ")
}

// steps writes the way to an attribute as the printers do.
func steps(path []dissect.Step) string {
	var out []string
	for _, s := range path {
		switch {
		case s.Index:
			out = append(out, fmt.Sprint(s.ID))
		case s.Field != nil:
			out = append(out, s.Field.Name)
		default:
			out = append(out, fmt.Sprintf("#%d", s.ID))
		}
	}
	return strings.Join(out, "/")
}

// payloadCase is a frame of one message with one run of bytes as its body.
type payloadCase struct {
	name  string
	body  []byte
	want  string // outline
	codes string // findings
}

// T_BARE is a message whose body is attributes and nothing else.
const tBare = 20

// runBodies decodes each body as that of a T_BARE from the kernel.
func runBodies(t *testing.T, cases []payloadCase) {
	t.Helper()
	d := dissect.New(testDB(t, testSpec))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tree := decode(t, d, frame(families.ProtoRoute, le.msg(hdr{typ: tBare}, c.body)))
			if got := bodyOf(tree, 0); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if got := codesOf(tree); got != c.codes {
				t.Errorf("findings %q, want %q", got, c.codes)
			}
		})
	}
}
