package filter

import (
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// ref returns the exchange of the message at hand.
func (m *Matcher) ref() flow.Ref {
	if m.none || m.no >= len(m.ev.Refs) {
		return flow.Ref{}
	}
	return m.ev.Refs[m.no]
}

// exchange returns what is known of the exchange of the message at hand, or
// nil.
func (m *Matcher) exchange() *flow.Exchange {
	r := m.ref()
	if r.Exchange == 0 || m.ev.Exchange == nil {
		return nil
	}
	return m.ev.Exchange(r.Exchange)
}

// ofRef is a field that says to which exchange a message belongs.
func ofRef(get func(flow.Ref) uint64) builtin {
	return builtin{need: NeedExchange, load: func(m *Matcher, d []value, t *families.Type) []value {
		r := m.ref()
		if r.Exchange == 0 {
			return d
		}
		return addNum(d, t, get(r))
	}}
}

// ofCopy is a field of messages that went to another receiver before.
func ofCopy(get func(flow.Ref) uint64) builtin {
	return builtin{need: NeedExchange, load: func(m *Matcher, d []value, t *families.Type) []value {
		if r := m.ref(); r.Copy > 0 {
			return addNum(d, t, get(r))
		}
		return d
	}}
}

// ofExchange is a field that says what came of an exchange.
func ofExchange(get func(*flow.Exchange) (int64, bool)) builtin {
	return builtin{need: NeedExchange, load: func(m *Matcher, d []value, t *families.Type) []value {
		e := m.exchange()
		if e == nil {
			return d
		}
		n, ok := get(e)
		if !ok {
			return d
		}
		return append(d, value{kind: valNum, t: t, num: uint64(n), neg: n < 0})
	}}
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
