package filter

import (
	"bytes"
	"unicode"

	"github.com/nlsniff/nlsniff/render"
)

// searchTest looks for a text in what a message shows: its line, and the
// values of its attributes. Case does not matter.
type searchTest struct{ low []byte }

func newSearch(s string) *searchTest { return &searchTest{bytes.ToLower([]byte(s))} }

func (t *searchTest) eval(m *Matcher) verdict {
	if m.stage < NeedTree {
		return open
	}
	if m.none {
		return no
	}
	m.show = m.shower().Message(m.show[:0], m.ev, m.msg)
	if containsFold(m.show, t.low) {
		return yes
	}
	for i := m.msg.Node; i < m.tree.Nodes[m.msg.Node].End; i++ {
		n := &m.tree.Nodes[i]
		if !n.Kind.Leaf() || n.Type == nil {
			continue
		}
		m.show = m.parts.Value(m.show[:0], m.ev, n)
		if containsFold(m.show, t.low) {
			return yes
		}
	}
	return no
}

// shower returns what shows messages and values.
func (m *Matcher) shower() *render.Parts {
	if m.parts == nil {
		m.parts = render.NewParts(render.Options{Time: render.TimeEpoch})
	}
	return m.parts
}

// containsFold says whether b contains a lower-case text, whatever its case.
func containsFold(b, low []byte) bool {
	for i := 0; i+len(low) <= len(b); i++ {
		if foldedPrefix(b[i:], low) {
			return true
		}
	}
	for _, c := range b {
		if c >= 0x80 { // lower case may have another length
			return bytes.Contains(bytes.ToLower(b), low)
		}
	}
	return false
}

func foldedPrefix(b, low []byte) bool {
	for i, c := range low {
		x := b[i]
		if x < 0x80 {
			x = byte(unicode.ToLower(rune(x)))
		}
		if x != c {
			return false
		}
	}
	return true
}
