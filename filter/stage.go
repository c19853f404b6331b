package filter

// Need says how much of a frame a filter asks for at most.
type Need uint8

// What a filter can need, each with all before it.
const (
	// NeedHeader: the headers of the frame and its messages.
	NeedHeader Need = iota
	// NeedAttrs: attributes that can be looked up where they stand, and what
	// a message's type means.
	NeedAttrs
	// NeedTree: the decoded frame.
	NeedTree
	// NeedExchange: what became of requests (Refs and Exchange of
	// render.Event), and maybe the decoded frame as well.
	NeedExchange
)

// verdict is the answer of a test: what was not looked at yet leaves it open.
type verdict uint8

const (
	no verdict = iota
	yes
	open
)

func verdictOf(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// test is a compiled expression.
type test interface{ eval(m *Matcher) verdict }

type (
	andTest []test
	orTest  []test
	xorTest []test
	notTest struct{ x test }
)

func (t andTest) eval(m *Matcher) verdict {
	out := yes
	for _, x := range t {
		switch x.eval(m) {
		case no:
			return no
		case open:
			out = open
		}
	}
	return out
}

func (t orTest) eval(m *Matcher) verdict {
	out := no
	for _, x := range t {
		switch x.eval(m) {
		case yes:
			return yes
		case open:
			out = open
		}
	}
	return out
}

func (t xorTest) eval(m *Matcher) verdict {
	odd := no
	for _, x := range t {
		v := x.eval(m)
		if v == open {
			return open
		}
		odd ^= v
	}
	return odd
}

func (t notTest) eval(m *Matcher) verdict {
	switch t.x.eval(m) {
	case no:
		return yes
	case yes:
		return no
	}
	return open
}
