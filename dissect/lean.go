package dissect

import "github.com/nlsniff/nlsniff/families"

// Lean has the Dissector leave out rows from now on that few outputs show, and
// that are half of a tree: nla_len and nla_type of every attribute, and the
// members of the netlink headers, of which Msg tells. What is in them is found
// fault with as ever, and they count for the bounds of a tree, so that nothing else
// is different; but not every byte has a leaf then. A request that an answer
// carries keeps its headers, as the kernel may point into them.
func (d *Dissector) Lean() { d.noHeads, d.noHeaders = true, true }

// netlinkHeader decodes an nlmsghdr or a genlmsghdr.
func (d *Dissector) netlinkHeader(s *families.Struct, off, end int) int32 {
	n := d.open(KindStruct, nil, s.Self(), off, end)
	d.headerMembers(s, off, end)
	d.close(n)
	return n
}

// headerMembers decodes the members of a netlink header.
func (d *Dissector) headerMembers(s *families.Struct, off, end int) {
	if d.noHeaders && !d.echo {
		d.left += len(s.Leaves())
		return
	}
	d.members(s, off, end)
}
