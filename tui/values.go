package tui

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// values appends the names of all values that a leaf can have: those of an
// enum with the one it has marked, those of flags as a list to tick.
func (t *tree) values(i int32, e *families.Enum, depth int, key string) {
	n := &t.d.Tree.Nodes[i]
	b := t.d.Tree.Bytes(n)
	v, care := t.d.Tree.Uint(n), ^uint64(0)
	if n.Type.Kind == families.KindBitfield32 && len(b) == 8 {
		v, care = dissect.Uint(b[:4], n.Big), dissect.Uint(b[4:], n.Big)
	}
	switch e.Kind {
	case families.EnumFlags:
		t.flags(i, e, v, care, depth, key)
		return
	case families.EnumBits:
		for k := range e.Entries {
			x := &e.Entries[k]
			part := v >> x.Value
			if x.Width < 64 {
				part &= 1<<x.Width - 1
			}
			t.add(treeRow{kind: rowText, node: i, depth: depth, key: key + "/" + x.Name, name: x.Name,
				value: strconv.FormatUint(part, 10) + "  (" + strconv.Itoa(int(x.Width)) + " bits)"}, false)
		}
		return
	}
	if n.Type.Kind == families.KindSint {
		v = uint64(dissect.Int(v, len(b))) // enum values are kept sign-extended
	}
	if n.Type.Hint == families.HintErrno && int64(dissect.Int(t.d.Tree.Uint(n), len(b))) < 0 {
		v = uint64(-dissect.Int(t.d.Tree.Uint(n), len(b)))
		t.oneOf(i, e, v, depth, key)
		return
	}
	for k := range e.Entries {
		t.value(i, &e.Entries[k], v, depth, key)
	}
}

// oneOf appends the one value of an enum that is too long to be shown whole.
func (t *tree) oneOf(i int32, e *families.Enum, v uint64, depth int, key string) {
	for k := range e.Entries {
		if e.Entries[k].Value == v {
			t.value(i, &e.Entries[k], v, depth, key)
		}
	}
}

func (t *tree) value(i int32, x *families.Entry, v uint64, depth int, key string) {
	t.add(treeRow{kind: rowValue, node: i, depth: depth, key: key + "/" + x.Name, name: x.Name,
		value: strconv.FormatInt(int64(x.Value), 10), on: x.Value == v}, false)
}

// flags appends each bit that has a name, and what is left over.
func (t *tree) flags(i int32, e *families.Enum, v, care uint64, depth int, key string) {
	left := v
	for k := range e.Entries {
		x := &e.Entries[k]
		on := x.Value != 0 && v&x.Value == x.Value
		if on {
			left &^= x.Value
		}
		note := "0x" + strconv.FormatUint(x.Value, 16)
		if care != ^uint64(0) && care&x.Value != x.Value {
			note += "  (not selected)"
		}
		t.add(treeRow{kind: rowFlag, node: i, depth: depth, key: key + "/" + x.Name, name: x.Name, value: note, on: on}, false)
	}
	if left != 0 {
		t.add(treeRow{kind: rowFlag, node: i, depth: depth, key: key + "/rest", name: "0x" + strconv.FormatUint(left, 16),
			value: "bits without a name", on: true}, false)
	}
}
