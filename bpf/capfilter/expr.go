package capfilter

// node is a part of a filter.
type node interface{ isNode() }

type (
	and struct{ l, r node }
	or  struct{ l, r node }
	not struct{ x node }
	// always is the empty filter, and what the compiler puts in the place of
	// a test that it cannot decide.
	always struct{ value bool }
)

// test is one test of a message.
type test struct {
	kind testKind
	text string // as it was typed

	protos []uint8     // testProto
	types  []typeRange // testType
	fams   []string    // testFamily: registered names
	ids    []uint16    // testFamily: ids
	cmds   []cmdRange  // testCmd
	errnos []int       // testError: none means any
	field  numField    // testNum
	op     numOp
	value  uint32
}

type testKind uint8

const (
	testProto   testKind = iota
	testType             // nlmsg_type, of the message or of what it answers
	testFamily           // the generic family, of the message or of what it answers
	testCmd              // genlmsghdr.cmd, likewise
	testRequest          // NLM_F_REQUEST is set
	testReply            // it is not
	testError            // NLMSG_ERROR, or NLMSG_DONE, with an errno
	testAck              // NLMSG_ERROR without
	testNum              // a number of the nlmsghdr
)

// typeRange is message types of one protocol, or of any.
type typeRange struct {
	any   bool
	proto uint8
	Range
}

// cmdRange is commands of a generic family, or of any.
type cmdRange struct {
	genl     string // "": any
	lo, hi   uint8
	req, rep bool // which way
}

// numField is a number of struct nlmsghdr.
type numField uint8

const (
	fieldLen numField = iota
	fieldSeq
	fieldPortID
)

// numOp is a comparison.
type numOp uint8

const (
	opEq numOp = iota
	opNe
	opLt
	opLe
	opGt
	opGe
)

var numOps = map[string]numOp{"=": opEq, "==": opEq, "!=": opNe, "<": opLt, "<=": opLe, ">": opGt, ">=": opGe}

func (op numOp) holds(a, b uint32) bool {
	switch op {
	case opEq:
		return a == b
	case opNe:
		return a != b
	case opLt:
		return a < b
	case opLe:
		return a <= b
	case opGt:
		return a > b
	}
	return a >= b
}

func (and) isNode()    {}
func (or) isNode()     {}
func (not) isNode()    {}
func (always) isNode() {}
func (*test) isNode()  {}

// tests calls fn for every test of a filter.
func tests(n node, fn func(*test)) {
	switch n := n.(type) {
	case and:
		tests(n.l, fn)
		tests(n.r, fn)
	case or:
		tests(n.l, fn)
		tests(n.r, fn)
	case not:
		tests(n.x, fn)
	case *test:
		fn(n)
	}
}

// literal is a test, or the opposite of one.
type literal struct {
	*test
	negated bool
}

func (literal) isNode() {}

// normal pushes not down to the tests. What is left is monotone: putting true
// in the place of a literal never makes it accept less.
func normal(n node, negated bool) node {
	switch n := n.(type) {
	case and:
		if negated {
			return or{normal(n.l, true), normal(n.r, true)}
		}
		return and{normal(n.l, false), normal(n.r, false)}
	case or:
		if negated {
			return and{normal(n.l, true), normal(n.r, true)}
		}
		return or{normal(n.l, false), normal(n.r, false)}
	case not:
		return normal(n.x, !negated)
	case always:
		return always{n.value != negated}
	case *test:
		return literal{n, negated}
	}
	return n
}

// replace puts what fn returns in the place of each literal of a normal form
// and folds what became constant.
func replace(n node, fn func(literal) node) node {
	switch n := n.(type) {
	case and:
		l, r := replace(n.l, fn), replace(n.r, fn)
		if c, ok := l.(always); ok {
			if !c.value {
				return c
			}
			return r
		}
		if c, ok := r.(always); ok {
			if !c.value {
				return c
			}
			return l
		}
		return and{l, r}
	case or:
		l, r := replace(n.l, fn), replace(n.r, fn)
		if c, ok := l.(always); ok {
			if c.value {
				return c
			}
			return r
		}
		if c, ok := r.(always); ok {
			if c.value {
				return c
			}
			return l
		}
		return or{l, r}
	case literal:
		return fn(n)
	}
	return n
}
