package dissect

import (
	"bytes"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Value is an attribute, a member of a header, or an element of an array. The
// zero Value is one that is not there; its methods return zero values.
type Value struct {
	in  *view
	row int32
}

// Exists says whether the value is in the message.
func (v Value) Exists() bool { return v.in != nil }

func (v Value) node() *Node { return &v.in.t.Nodes[v.row] }

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
func described(n *Node) bool {
	return n.Field != nil && (n.Kind != KindElem || n.Type == &n.Field.Type)
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
	t, n := v.in.t, v.node()
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
func (v Value) scalar() *Node {
	if !v.Exists() {
		return nil
	}
	n := v.node()
	if n.Kind.Leaf() {
		return n
	}
	if from, to := v.in.t.Payload(v.row); from < to && v.in.t.Nodes[from].Kind.Leaf() {
		return &v.in.t.Nodes[from]
	}
	return nil
}

// Uint returns an integer of 1, 2, 4 or 8 bytes in its byte order.
func (v Value) Uint() uint64 {
	if n := v.scalar(); n != nil {
		return v.in.t.Uint(n)
	}
	return 0
}

// Int is Uint with the sign extended.
func (v Value) Int() int64 {
	n := v.scalar()
	if n == nil || n.Len == 0 || n.Len > 8 {
		return 0
	}
	return Int(v.in.t.Uint(n), int(n.Len))
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
func (v Value) Attr(path string) Value { return v.find(path, KindAttr, KindElem) }

// Member returns a member of the struct that v is or starts with.
func (v Value) Member(name string) Value {
	return v.find(name, KindMember, KindStruct)
}

// Attrs returns the attributes and elements right below v.
func (v Value) Attrs() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for row := range v.children() {
			if k := v.in.t.Nodes[row].Kind; (k == KindAttr || k == KindElem) && !yield(Value{v.in, row}) {
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
		t, i := v.in.t, v.row+1
		if m := t.MsgOf(v.row); m != nil {
			i = t.Body(m)
		}
		for i < v.node().End {
			n := &t.Nodes[i]
			if n.Kind == KindStruct && n.Field == nil {
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

// find walks along a path over rows of some kinds.
func (v Value) find(path string, kinds ...Kind) Value {
	for name := range strings.SplitSeq(path, "/") {
		next := Value{}
		for row := range v.children() {
			if n := &v.in.t.Nodes[row]; slices.Contains(kinds, n.Kind) && bears(n, name) {
				next = Value{v.in, row}
				break
			}
		}
		v = next
	}
	return v
}

func bears(n *Node, name string) bool {
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
	return string(v.append(nil))
}

func (v Value) append(dst []byte) []byte {
	t := v.in.t
	from, to := v.row, v.row+1
	if !v.node().Kind.Leaf() {
		from, to = t.Payload(v.row)
		if from < to && (t.Nodes[from].Kind == KindMember || !t.Nodes[from].Kind.Leaf()) {
			return v.appendAll(dst)
		}
	}
	for i := from; i < to; i = t.Nodes[i].End {
		if i > from {
			dst = append(dst, ' ')
		}
		if v.in.w != nil {
			dst = v.in.w.AppendValue(dst, &t.Nodes[i])
		}
	}
	return dst
}

func (v Value) appendAll(dst []byte) []byte {
	dst = append(dst, '{')
	open := len(dst)
	for row := range v.children() {
		switch v.in.t.Nodes[row].Kind {
		case KindAttr, KindElem, KindMember, KindStruct:
			c := Value{v.in, row}
			if len(dst) > open {
				dst = append(dst, ' ')
			}
			dst = append(dst, c.Name()...)
			dst = append(dst, '=')
			dst = c.append(dst)
		}
	}
	return append(dst, '}')
}
