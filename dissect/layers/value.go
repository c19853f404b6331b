package layers

import (
	"bytes"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/render"
)

// Value is an attribute, a member of a header, or an element of an array. The
// zero Value is one that is not there; its methods return zero values.
type Value struct {
	layer *Netlink
	row   int32
}

// Exists says whether the value is in the message.
func (v Value) Exists() bool { return v.layer != nil }

func (v Value) node() *dissect.Node { return &v.layer.tree.Nodes[v.row] }

// Name returns the uapi name (IFLA_MTU), or the number where nobody knows one.
func (v Value) Name() string {
	if !v.Exists() {
		return ""
	}
	n := v.node()
	if described(n) {
		return n.Field.Name
	}
	return strconv.Itoa(int(n.ID))
}

// described says whether a row's description is its own. The elements of an
// array share that of the array.
func described(n *dissect.Node) bool {
	return n.Field != nil && (n.Kind != dissect.KindElem || n.Type == &n.Field.Type)
}

// Type returns the attribute's type without its flag bits, or the index of an
// element.
func (v Value) Type() uint16 {
	if !v.Exists() {
		return 0
	}
	return v.node().ID
}

// Bytes returns the payload: of an attribute, what is between its header and
// its padding. It is part of the packet. Key material is not masked.
func (v Value) Bytes() []byte {
	if !v.Exists() {
		return nil
	}
	t, n := v.layer.tree, v.node()
	if n.Kind.Leaf() {
		return t.Bytes(n)
	}
	from, to := t.Payload(v.row)
	if from >= to {
		return nil
	}
	end := n.Off + n.Len
	if to < n.End {
		end = t.Nodes[to].Off
	}
	return t.Data[t.Nodes[from].Off:end]
}

// scalar returns the row that holds the bytes of a value that is not made of
// others, or nil.
func (v Value) scalar() *dissect.Node {
	if !v.Exists() {
		return nil
	}
	n := v.node()
	if n.Kind.Leaf() {
		return n
	}
	if from, to := v.layer.tree.Payload(v.row); from < to && v.layer.tree.Nodes[from].Kind.Leaf() {
		return &v.layer.tree.Nodes[from]
	}
	return nil
}

// Uint returns an integer of 1, 2, 4 or 8 bytes in its byte order.
func (v Value) Uint() uint64 {
	if n := v.scalar(); n != nil {
		return v.layer.tree.Uint(n)
	}
	return 0
}

// Int is Uint with the sign extended.
func (v Value) Int() int64 {
	n := v.scalar()
	if n == nil || n.Len == 0 || n.Len > 8 {
		return 0
	}
	return dissect.Int(v.layer.tree.Uint(n), int(n.Len))
}

// Text returns the payload up to the first NUL. It can hold anything that a
// local user chose to put there, terminal escapes included; String is safe.
func (v Value) Text() string {
	b := v.Bytes()
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// Attr returns the first attribute at a path below v, as Message.Attr does.
func (v Value) Attr(path string) Value { return v.find(path, dissect.KindAttr, dissect.KindElem) }

// Member returns a member of the struct that v is or starts with.
func (v Value) Member(name string) Value {
	return v.find(name, dissect.KindMember, dissect.KindStruct)
}

// Attrs returns the attributes and elements right below v.
func (v Value) Attrs() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for row := range v.children() {
			if k := v.layer.tree.Nodes[row].Kind; (k == dissect.KindAttr || k == dissect.KindElem) && !yield(Value{v.layer, row}) {
				return
			}
		}
	}
}

// children yields the rows right below v. The members of a header count as
// such, except for those of the netlink and generic headers.
func (v Value) children() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		if !v.Exists() {
			return
		}
		t, i := v.layer.tree, v.row+1
		if v.node().Kind == dissect.KindMessage {
			i = behindHeaders(t, v.row)
		}
		for i < v.node().End {
			n := &t.Nodes[i]
			if n.Kind == dissect.KindStruct && n.Field == nil {
				i++
				continue
			}
			if !yield(i) {
				return
			}
			i = n.End
		}
	}
}

// behindHeaders returns the row behind the nlmsghdr and genlmsghdr of a
// message.
func behindHeaders(t *dissect.Tree, message int32) int32 {
	i := t.Nodes[message+1].End
	for k := range t.Msgs {
		if t.Msgs[k].Node == message && t.Msgs[k].HasGenl {
			return t.Nodes[i].End
		}
	}
	return i
}

// find walks along a path over rows of some kinds.
func (v Value) find(path string, kinds ...dissect.Kind) Value {
	for name := range strings.SplitSeq(path, "/") {
		next := Value{}
		for row := range v.children() {
			if n := &v.layer.tree.Nodes[row]; slices.Contains(kinds, n.Kind) && bears(n, name) {
				next = Value{v.layer, row}
				break
			}
		}
		v = next
	}
	return v
}

func bears(n *dissect.Node, name string) bool {
	if described(n) {
		return n.Field.Name == name || n.Field.Short == name
	}
	return strconv.Itoa(int(n.ID)) == name
}

// String returns the value as nlsniff shows it: an address as an address, an
// enum by its name, key material masked, control characters escaped. The
// attributes of a nest stand in braces.
func (v Value) String() string {
	if !v.Exists() {
		return ""
	}
	ev := v.layer.event()
	return string(v.append(nil, &ev))
}

func (v Value) append(dst []byte, ev *render.Event) []byte {
	t := v.layer.tree
	from, to := v.row, v.row+1
	if !v.node().Kind.Leaf() {
		from, to = t.Payload(v.row)
		if from < to && (t.Nodes[from].Kind == dissect.KindMember || !t.Nodes[from].Kind.Leaf()) {
			return v.appendAll(dst, ev)
		}
	}
	for i := from; i < to; i = t.Nodes[i].End {
		if i > from {
			dst = append(dst, ' ')
		}
		dst = render.AppendValue(dst, render.Options{}, ev, &t.Nodes[i])
	}
	return dst
}

func (v Value) appendAll(dst []byte, ev *render.Event) []byte {
	dst = append(dst, '{')
	open := len(dst)
	for row := range v.children() {
		switch v.layer.tree.Nodes[row].Kind {
		case dissect.KindAttr, dissect.KindElem, dissect.KindMember, dissect.KindStruct:
			c := Value{v.layer, row}
			if len(dst) > open {
				dst = append(dst, ' ')
			}
			dst = append(dst, c.Name()...)
			dst = append(dst, '=')
			dst = c.append(dst, ev)
		}
	}
	return append(dst, '}')
}
