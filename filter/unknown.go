package filter

import (
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/near"
)

// unknown is the error for a name that nothing has.
func (c *compiler) unknown(e *word) *Error {
	if !looksLikeName(e.text) {
		return fail(e.span, printable(e.text)+" is not a field", "a value stands behind a field and an operator: FIELD == "+printable(e.text))
	}
	names, shorts := c.env.everything()
	hint := c.env.otherwise(e.text)
	if hint == "" {
		hint = near.Hint(e.text, names)
	}
	if hint == "" {
		// The last part of a path is what is mistyped most.
		if i := strings.LastIndexAny(e.text, "./"); i >= 0 {
			for _, n := range near.Names(e.text[i+1:], mapKeys(shorts)) {
				hint = "did you mean " + e.text[:i+1] + n + "?"
				break
			}
		}
	}
	if hint == "" {
		hint = "nlsniff fields lists them; a word to look for stands in quotes: " + quote(e.text)
	}
	return fail(e.span, "no field is called "+printable(e.text), hint)
}

// otherwise says how to ask for what is called so and is no field: a family, or
// what a message does.
func (e *Env) otherwise(name string) string {
	for _, i := range e.db.List() {
		if i.Name == name || i.Genl == name {
			return "family == " + name
		}
	}
	if len(e.types[name])+len(e.cmds[name]) > 0 {
		return "op == " + name
	}
	return ""
}

func mapKeys(m map[string][]*families.Field) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func looksLikeName(s string) bool {
	if s == "" {
		return false
	}
	c := s[0]
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}
