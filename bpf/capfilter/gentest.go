package capfilter

import (
	"slices"

	cbpf "golang.org/x/net/bpf"
)

// genTest goes to yes if a test holds, else to no. Where that depends on the
// name of an id that is not known, maybe says which way to go.
func (c *compiler) genTest(t *test, maybe bool, yes, no label) {
	switch t.kind {
	case testProto:
		c.emit(cbpf.LoadExtension{Num: cbpf.ExtProto})
		for _, p := range t.protos {
			next := c.label()
			c.branch(cbpf.JumpEqual, uint32(p), yes, next)
			c.here(next)
		}
		c.jump(no)
	case testType:
		c.genType(t, yes, no)
	case testFamily:
		c.genFamily(t, maybe, yes, no)
	case testCmd:
		c.genCmd(t, maybe, yes, no)
	case testRequest:
		c.emit(cbpf.LoadAbsolute{Off: c.lowByte(6), Size: 1})
		c.branch(cbpf.JumpBitsSet, flagRequest, yes, no)
	case testReply:
		c.emit(cbpf.LoadAbsolute{Off: c.lowByte(6), Size: 1})
		c.branch(cbpf.JumpBitsSet, flagRequest, no, yes)
	case testError:
		c.genError(t, yes, no)
	case testAck:
		typed, fits := c.label(), c.label()
		c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memType})
		c.branch(cbpf.JumpEqual, typeError, typed, no)
		c.here(typed)
		c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memEnd})
		c.branch(cbpf.JumpGreaterOrEqual, echoOff, fits, no)
		c.here(fits)
		c.emit(cbpf.LoadAbsolute{Off: hdrLen, Size: 4})
		c.branch(cbpf.JumpEqual, 0, yes, no)
	case testNum:
		c.genNum(t, yes, no)
	}
}

// inRange compares A, which it leaves as it is, with a range.
func (c *compiler) inRange(r Range, yes, no label) {
	if r.Lo == r.Hi {
		c.branch(cbpf.JumpEqual, uint32(r.Lo), yes, no)
		return
	}
	above := c.label()
	c.branch(cbpf.JumpGreaterOrEqual, uint32(r.Lo), above, no)
	c.here(above)
	c.branch(cbpf.JumpGreaterThan, uint32(r.Hi), no, yes)
}

// inRanges compares what two places of the scratch memory hold with ranges.
func (c *compiler) inRanges(ranges []Range, yes, no label, places ...int) {
	for _, at := range places {
		c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: at})
		for _, r := range ranges {
			next := c.label()
			c.inRange(r, yes, next)
			c.here(next)
		}
	}
	c.jump(no)
}

// genType compares the type of the message, and of the request that it
// answers, a protocol at a time.
func (c *compiler) genType(t *test, yes, no label) {
	for i := 0; i < len(t.types); {
		first := t.types[i]
		var group []Range
		for ; i < len(t.types) && t.types[i].any == first.any && t.types[i].proto == first.proto; i++ {
			group = append(group, t.types[i].Range)
		}
		next := c.label()
		if !first.any {
			same := c.label()
			c.emit(cbpf.LoadExtension{Num: cbpf.ExtProto})
			c.branch(cbpf.JumpEqual, uint32(first.proto), same, next)
			c.here(same)
		}
		c.inRanges(group, yes, next, memType, memEcho)
		c.here(next)
	}
	c.jump(no)
}

// idsOf returns the ids that some families have, in ascending ranges. With
// maybe, ids that nobody was known to have count too: the kernel gives out
// ids in ascending order, so that a family that registers later has one of
// those.
func (c *compiler) idsOf(names []string, maybe bool) []Range {
	ids := make([]uint16, 0, len(c.known)+1)
	for id, name := range c.known {
		if id > minGenlID && name != "" {
			ids = append(ids, id)
		}
	}
	ids = append(ids, minGenlID)
	slices.Sort(ids)
	var out []Range
	add := func(lo, hi int) {
		if n := len(out) - 1; n >= 0 && int(out[n].Hi)+1 == lo {
			out[n].Hi = uint16(hi)
		} else if lo <= hi {
			out = append(out, Range{uint16(lo), uint16(hi)})
		}
	}
	next := minGenlID // the lowest id that nothing was said of
	for _, id := range ids {
		name := c.known[id]
		if id == minGenlID {
			name = nameCtrl
		}
		if maybe && next < int(id) {
			add(next, int(id)-1)
		}
		if slices.Contains(names, name) {
			add(int(id), int(id))
		}
		next = int(id) + 1
	}
	if maybe && next <= 0xffff {
		add(next, 0xffff)
	}
	return out
}

func (c *compiler) genFamily(t *test, maybe bool, yes, no label) {
	var ranges []Range
	if len(t.fams) > 0 {
		ranges = c.idsOf(t.fams, maybe)
	}
	for _, id := range t.ids {
		ranges = append(ranges, Range{id, id})
	}
	generic := c.label()
	c.emit(cbpf.LoadExtension{Num: cbpf.ExtProto})
	c.branch(cbpf.JumpEqual, protoGeneric, generic, no)
	c.here(generic)
	c.inRanges(ranges, yes, no, memType, memEcho)
}

func (c *compiler) genCmd(t *test, maybe bool, yes, no label) {
	generic := c.label()
	c.emit(cbpf.LoadExtension{Num: cbpf.ExtProto})
	c.branch(cbpf.JumpEqual, protoGeneric, generic, no)
	c.here(generic)
	for _, r := range t.cmds {
		next, named, way := c.label(), c.label(), c.label()
		c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memCmd})
		c.inRange(Range{uint16(r.lo), uint16(r.hi)}, way, next)
		c.here(way)
		if !r.req || !r.rep {
			c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memReq})
			if r.req {
				c.branch(cbpf.JumpEqual, 1, named, next)
			} else {
				c.branch(cbpf.JumpEqual, 0, named, next)
			}
		}
		c.here(named)
		ids := []Range{{minGenlID, 0xffff}}
		if r.genl != "" {
			ids = c.idsOf([]string{r.genl}, maybe)
		}
		c.inRanges(ids, yes, next, memID)
		c.here(next)
	}
	c.jump(no)
}

// genError compares the number of an NLMSG_ERROR or NLMSG_DONE.
func (c *compiler) genError(t *test, yes, no label) {
	isError, other, isDone, negative, number := c.label(), c.label(), c.label(), c.label(), c.label()
	c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memEnd})
	fits := c.label()
	c.branch(cbpf.JumpGreaterOrEqual, echoOff, fits, no)
	c.here(fits)
	c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memType})
	c.branch(cbpf.JumpEqual, typeError, isError, other)
	c.here(other)
	c.branch(cbpf.JumpEqual, typeDone, isDone, no)
	c.here(isDone)
	c.emit(cbpf.LoadExtension{Num: cbpf.ExtProto})
	netfilter := c.label()
	c.branch(cbpf.JumpEqual, protoConn, no, netfilter)
	c.here(netfilter)
	flags := c.label()
	c.branch(cbpf.JumpEqual, protoNetflt, flags, negative)
	c.here(flags)
	c.emit(cbpf.LoadAbsolute{Off: 6, Size: 2})
	c.branch(cbpf.JumpEqual, 0, no, negative)
	c.here(negative)
	sign := uint32(hdrLen + 3)
	if c.big {
		sign = hdrLen
	}
	c.emit(cbpf.LoadAbsolute{Off: sign, Size: 1})
	c.branch(cbpf.JumpBitsSet, 0x80, isError, no)
	c.here(isError)
	c.emit(cbpf.LoadAbsolute{Off: hdrLen, Size: 4})
	if len(t.errnos) == 0 {
		c.branch(cbpf.JumpEqual, 0, no, yes)
		return
	}
	c.here(number)
	for _, n := range t.errnos {
		next := c.label()
		c.branch(cbpf.JumpEqual, c.swapped(uint32(-n)), yes, next)
		c.here(next)
	}
	c.jump(no)
}

// genNum compares a number of the nlmsghdr. For equality the constant is
// swapped; else the number has to be.
func (c *compiler) genNum(t *test, yes, no label) {
	v := t.value
	off := map[numField]uint32{fieldSeq: 8, fieldPortID: 12}[t.field]
	switch {
	case t.field == fieldLen:
		c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memLen})
	case t.op == opEq || t.op == opNe:
		c.emit(cbpf.LoadAbsolute{Off: off, Size: 4})
		v = c.swapped(v)
	default:
		c.hostWord(off)
	}
	switch t.op {
	case opEq:
		c.branch(cbpf.JumpEqual, v, yes, no)
	case opNe:
		c.branch(cbpf.JumpEqual, v, no, yes)
	case opLt:
		c.branch(cbpf.JumpGreaterOrEqual, v, no, yes)
	case opLe:
		c.branch(cbpf.JumpGreaterThan, v, no, yes)
	case opGt:
		c.branch(cbpf.JumpGreaterThan, v, yes, no)
	case opGe:
		c.branch(cbpf.JumpGreaterOrEqual, v, yes, no)
	}
}
