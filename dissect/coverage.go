package dissect

import "github.com/nlsniff/nlsniff/families"

// Coverage counts how much of some messages the descriptions explain. The
// cooked header is not counted.
type Coverage struct {
	Messages      int
	Attrs         int // attributes that are described
	UnknownAttrs  int
	Bytes         int // explained
	UnknownBytes  int
	OpaqueBytes   int // explained as binary: part of Bytes
	TrailingBytes int // behind the end of what they should belong to: part of UnknownBytes
}

// Add sums two counts.
func (c *Coverage) Add(o Coverage) {
	c.Messages += o.Messages
	c.Attrs += o.Attrs
	c.UnknownAttrs += o.UnknownAttrs
	c.Bytes += o.Bytes
	c.UnknownBytes += o.UnknownBytes
	c.OpaqueBytes += o.OpaqueBytes
	c.TrailingBytes += o.TrailingBytes
}

// Count counts the rows from…to. An attribute that nobody described counts as
// unknown with its header.
func (t *Tree) Count(from, to int32) Coverage {
	var c Coverage
	for i := from; i < to; i++ {
		n := &t.Nodes[i]
		switch {
		case n.Kind == KindMessage:
			c.Messages++
		case n.Kind == KindAttr && n.Field == nil:
			c.UnknownAttrs++
			c.UnknownBytes += int(n.Len)
			i = n.End - 1
		case n.Kind == KindAttr:
			c.Attrs++
		case n.Kind == KindTrailing:
			c.TrailingBytes += int(n.Len)
			c.UnknownBytes += int(n.Len)
		case n.Kind == KindUnknown:
			c.UnknownBytes += int(n.Len)
		case n.Kind.Leaf():
			c.Bytes += int(n.Len)
			if n.Type != nil && n.Type.Kind == families.KindBinary && n.Type.Hint == families.HintNone {
				c.OpaqueBytes += int(n.Len)
			}
		}
	}
	return c
}
