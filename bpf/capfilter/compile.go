package capfilter

import (
	"math/bits"
	"slices"

	cbpf "golang.org/x/net/bpf"
)

// Scratch memory of a program.
const (
	memLen  = iota // nlmsg_len of the first message
	memEnd         // where that message ends
	memType        // its nlmsg_type
	memEcho        // the type of the request that it answers, or none
	memID          // the generic family id that memCmd belongs to
	memCmd         // the generic command, or none
	memReq         // 1 if that is a request
	memSwap        // a number whose bytes change places
)

// none is a value that no 16-bit number has.
const none = 0x10000

// compiler makes one program.
type compiler struct {
	asm
	known          KnownIDs
	big            bool // the host is big-endian
	learn          bool // let the controller's messages through
	accept, reject label
}

// compile lays out the program:
//
//	a datagram without an nlmsghdr: what its protocol decides
//	one of several messages:        likewise, as any of them may be the one
//	one of one message:             all tests
func (c *compiler) compile(root node, coarse coarseness, snap uint32) []cbpf.Instruction {
	c.accept, c.reject = c.asm.label(), c.asm.label()
	full := normal(root, false)
	bare, several := replace(full, bareTest), replace(full, severalTest)
	single := full
	if coarse == byProtocol {
		single = several
	}
	if coarse == everything {
		bare, several, single = always{true}, always{true}, always{true}
	}
	if c.learn {
		several, single = or{several, learnTest{}}, or{single, learnTest{}}
		several = replace(several, func(l literal) node { return l })
	}
	if needsHeader(single) || needsHeader(several) {
		long, header, short := c.label(), c.label(), c.label()
		c.emit(cbpf.LoadExtension{Num: cbpf.ExtLen})
		c.branch(cbpf.JumpGreaterOrEqual, hdrLen, long, short)
		c.here(long)
		c.emit(cbpf.LoadExtension{Num: cbpf.ExtProto})
		c.branch(cbpf.JumpEqual, protoUevent, short, header)
		c.here(short)
		c.gen(bare, c.accept, c.reject)
		c.here(header)
		c.split(several)
		c.setup(single)
	}
	c.gen(single, c.accept, c.reject)
	c.here(c.accept)
	c.emit(cbpf.RetConstant{Val: snap})
	c.here(c.reject)
	c.emit(cbpf.RetConstant{Val: 0})
	return c.layout()
}

// split sends datagrams of several messages one way. For the others it notes
// where their message ends.
func (c *compiler) split(several node) {
	malformed, inside, alone, one, many := c.label(), c.label(), c.label(), c.label(), c.label()
	sized := c.label()
	c.hostWord(0)
	c.emit(cbpf.StoreScratch{Src: cbpf.RegA, N: memLen})
	c.branch(cbpf.JumpGreaterOrEqual, hdrLen, sized, malformed)
	c.here(malformed)
	c.emit(cbpf.LoadConstant{Dst: cbpf.RegA, Val: hdrLen})
	c.jump(one)
	c.here(sized)
	c.emit(cbpf.LoadExtension{Num: cbpf.ExtLen}, cbpf.TAX{}, cbpf.LoadScratch{Dst: cbpf.RegA, N: memLen})
	c.branchX(cbpf.JumpGreaterOrEqual, alone, inside)
	c.here(inside) // A < X, so that there is no overflow
	c.emit(alu(cbpf.ALUOpAdd, hdrLen+3), alu(cbpf.ALUOpAnd, ^uint32(3)))
	last := c.label()
	c.branchX(cbpf.JumpGreaterThan, last, many)
	c.here(last) // less than a header is left behind it
	c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memLen})
	c.jump(one)
	c.here(many)
	c.gen(several, c.accept, c.reject)
	c.here(alone)
	c.emit(cbpf.TXA{})
	c.here(one)
	c.emit(cbpf.StoreScratch{Src: cbpf.RegA, N: memEnd})
}

// gen goes to yes if n holds, else to no. A literal that cannot be decided
// counts as holding.
func (c *compiler) gen(n node, yes, no label) {
	switch n := n.(type) {
	case and:
		next := c.label()
		c.gen(n.l, next, no)
		c.here(next)
		c.gen(n.r, yes, no)
	case or:
		next := c.label()
		c.gen(n.l, yes, next)
		c.here(next)
		c.gen(n.r, yes, no)
	case always:
		if n.value {
			c.jump(yes)
		} else {
			c.jump(no)
		}
	case learnTest:
		c.learnTest(yes, no)
	case literal:
		if n.negated {
			c.genTest(n.test, false, no, yes)
		} else {
			c.genTest(n.test, true, yes, no)
		}
	}
}

// learnTest lets the messages of the generic netlink controller through, which
// tell user space what ids mean.
type learnTest struct{}

func (learnTest) isNode() {}

func (c *compiler) learnTest(yes, no label) {
	generic := c.label()
	c.emit(cbpf.LoadExtension{Num: cbpf.ExtProto})
	c.branch(cbpf.JumpEqual, protoGeneric, generic, no)
	c.here(generic)
	c.hostHalf(4)
	c.branch(cbpf.JumpEqual, minGenlID, yes, no)
}

// bareTest is what is known of a test if there is no nlmsghdr.
func bareTest(l literal) node {
	if l.kind == testProto {
		return l
	}
	return always{l.negated}
}

// severalTest is what is known of a test if any of several messages may be the
// one: no more than the protocol.
func severalTest(l literal) node {
	if l.kind == testProto {
		return l
	}
	if l.negated {
		return always{true}
	}
	t := &test{kind: testProto, text: l.text}
	switch l.kind {
	case testFamily, testCmd:
		t.protos = []uint8{protoGeneric}
		return literal{test: t}
	case testType:
		for _, r := range l.types {
			if r.any {
				return always{true}
			}
			if !slices.Contains(t.protos, r.proto) {
				t.protos = append(t.protos, r.proto)
			}
		}
		return literal{test: t}
	}
	return always{true}
}

// needsHeader says whether a program has to read an nlmsghdr.
func needsHeader(n node) bool {
	found := false
	visit(n, func(n node) {
		switch n := n.(type) {
		case learnTest:
			found = true
		case literal:
			found = found || n.kind != testProto
		}
	})
	return found
}

func visit(n node, fn func(node)) {
	switch n := n.(type) {
	case and:
		visit(n.l, fn)
		visit(n.r, fn)
	case or:
		visit(n.l, fn)
		visit(n.r, fn)
	default:
		fn(n)
	}
}

// hostWord loads 32 bits at an offset into A. BPF takes them for big-endian,
// so that on a little-endian host their bytes have to change places. One load
// and arithmetic is far cheaper than four loads.
func (c *compiler) hostWord(off uint32) {
	c.emit(cbpf.LoadAbsolute{Off: off, Size: 4})
	if c.big {
		return
	}
	c.emit(cbpf.StoreScratch{Src: cbpf.RegA, N: memSwap})
	c.emit(alu(cbpf.ALUOpShiftLeft, 24), cbpf.TAX{})
	c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memSwap}, alu(cbpf.ALUOpAnd, 0xff00), alu(cbpf.ALUOpShiftLeft, 8), cbpf.ALUOpX{Op: cbpf.ALUOpOr}, cbpf.TAX{})
	c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memSwap}, alu(cbpf.ALUOpShiftRight, 8), alu(cbpf.ALUOpAnd, 0xff00), cbpf.ALUOpX{Op: cbpf.ALUOpOr}, cbpf.TAX{})
	c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memSwap}, alu(cbpf.ALUOpShiftRight, 24), cbpf.ALUOpX{Op: cbpf.ALUOpOr})
}

// hostHalf does the same for 16 bits.
func (c *compiler) hostHalf(off uint32) {
	c.emit(cbpf.LoadAbsolute{Off: off, Size: 2})
	if c.big {
		return
	}
	c.emit(cbpf.StoreScratch{Src: cbpf.RegA, N: memSwap})
	c.emit(alu(cbpf.ALUOpAnd, 0xff), alu(cbpf.ALUOpShiftLeft, 8), cbpf.TAX{})
	c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memSwap}, alu(cbpf.ALUOpShiftRight, 8), cbpf.ALUOpX{Op: cbpf.ALUOpOr})
}

func alu(op cbpf.ALUOp, v uint32) cbpf.ALUOpConstant { return cbpf.ALUOpConstant{Op: op, Val: v} }

// swapped is what LD gives for a word that is v on this host.
func (c *compiler) swapped(v uint32) uint32 {
	if c.big {
		return v
	}
	return bits.ReverseBytes32(v)
}

// lowByte and highByte are where the bytes of a 16-bit number at off are.
func (c *compiler) lowByte(off uint32) uint32 {
	if c.big {
		return off + 1
	}
	return off
}

func (c *compiler) highByte(off uint32) uint32 {
	if c.big {
		return off
	}
	return off + 1
}
