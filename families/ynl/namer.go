package ynl

import (
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// namer finds the constants that messages are known by. A spec names
// operations, and only some of their messages: what answers RTM_GETLINK is an
// RTM_NEWLINK, which bears the name of another operation.
type namer struct {
	r        *reader
	req, rep *space
	commands *families.Enum // of all commands, if the spec has it
}

func newNamer(r *reader, req, rep *space) *namer {
	n := &namer{r: r, req: req, rep: rep}
	for _, d := range sorted(r.enums) {
		if d.enum.Kind == families.EnumValues && n.isCommands(d.enum) {
			n.commands = d.enum
			break
		}
	}
	return n
}

// isCommands says whether an enum has every operation under its number.
func (n *namer) isCommands(e *families.Enum) bool {
	if len(n.req.order) < 2 || len(e.Entries) < len(n.req.order) {
		return false
	}
	ids := make(map[string]uint64, len(e.Entries))
	for _, x := range e.Entries {
		ids[x.Short] = x.Value
	}
	for _, id := range n.req.order {
		if v, ok := ids[n.req.uses[id][0].op.name]; !ok || v != uint64(id) {
			return false
		}
	}
	return true
}

// request names what is sent to the kernel: by its operation.
func (n *namer) request(id uint16) (name, short string) {
	short = n.req.uses[id][0].op.name
	return n.r.model.prefix + upper(short), short
}

// reply names what the kernel sends.
//
// With an enum of its own for replies, as ethtool has, an answer is called
// …_REPLY and a notification by its operation. Elsewhere requests and replies
// share one enum. There the number is looked up among the requests, then in the
// enum of commands. What is still without a name and answers a "get" is the
// "new" that goes with it; that is how all such families are made.
func (n *namer) reply(id uint16) (name, short string) {
	uses := n.rep.uses[id]
	m := &n.r.model
	// A notification says more about its number than an answer does.
	p := uses[0].op
	for _, u := range uses {
		if u.op.async() {
			p = u.op
			break
		}
	}
	prefix := m.prefix
	if p.async() {
		prefix = m.async
	}
	if !m.directional {
		return prefix + upper(p.name), p.name
	}
	if m.split {
		if p.async() {
			return prefix + upper(p.name), p.name
		}
		return prefix + upper(p.name) + "_REPLY", p.name + "-reply"
	}
	if n.req.uses[id] != nil {
		return n.request(id)
	}
	if n.commands != nil {
		for _, x := range n.commands.Entries {
			if x.Value == uint64(id) {
				return m.prefix + upper(x.Short), x.Short
			}
		}
	}
	if p.async() {
		return prefix + upper(p.name), p.name
	}
	if s, ok := answer(p.name); ok {
		return prefix + upper(s), s
	}
	return prefix + upper(p.name) + "_REPLY", p.name + "-reply"
}

// answer turns getx, get-x and x-get into newx, new-x and x-new.
func answer(name string) (string, bool) {
	words := strings.Split(name, "-")
	for i, w := range words {
		if w == "get" {
			words[i] = "new"
			return strings.Join(words, "-"), true
		}
	}
	if rest, ok := strings.CutPrefix(name, "get"); ok {
		return "new" + rest, true
	}
	return "", false
}
