package families

import "strings"

import "math"

// blockWords says how many words each block's first line has, itself included.
var blockWords = map[string]struct{ least, most int }{
	"family": {2, 2}, "protocol": {2, 2}, "genl": {2, 4}, "subsys": {2, 2}, "unknown": {2, 2}, "base": {2, 2}, "datagram": {2, 2},
	"ids": {2, math.MaxInt}, "headers": {2, math.MaxInt}, "use": {2, math.MaxInt},
	"enum": {2, 3}, "numbers": {2, 3}, "flags": {2, 3}, "bits": {2, 3}, "struct": {2, math.MaxInt},
	"attrs": {2, 4}, "tlv": {2, 4}, "sub": {2, 3}, "body": {2, 2},
	"messages": {1, 2}, "requests": {1, 2}, "replies": {1, 2}, "events": {1, 2}, "groups": {1, 1},
}

// blockHead checks a block's first line. said collects what a file says once.
func (p *parser) blockHead(w []string, said map[string]bool) error {
	n, ok := blockWords[w[0]]
	switch {
	case !ok:
		return p.fail("unknown block %s", w[0])
	case len(w) < n.least:
		return p.fail("%s needs a name", w[0])
	case len(w) > n.most:
		return p.fail("unexpected %s", w[n.most])
	}
	once := w[0]
	if w[0] == "attrs" {
		if len(w) == n.most && w[3] != "secret" {
			return p.fail("unexpected %s", w[3])
		}
		w, n.most = w[:min(len(w), 3)], 3
	}
	switch w[0] {
	case "protocol", "ids", "headers", "use", "groups", "messages", "requests", "replies", "events":
		// not a name, or one that may be missing
	case "genl":
		// What the kernel registers may have blanks: "802.15.4 MAC".
		for _, part := range strings.Split(w[1], " ") {
			if err := p.name(part); err != nil {
				return err
			}
		}
	default:
		if err := p.name(w[1]); err != nil {
			return err
		}
	}
	switch w[0] {
	case "genl":
		once = "protocol" // it has one or the other
	case "family", "protocol", "subsys", "base", "datagram", "unknown":
	case "enum", "numbers", "flags", "attrs", "tlv", "messages", "requests", "replies", "events":
		if i := prefixAt(w[0]); len(w) > i && w[i] != "" {
			return p.name(w[i])
		}
		return nil
	default:
		return nil
	}
	if said[once] {
		return p.fail("%s: there is a line like this already", w[0])
	}
	said[once] = true
	return nil
}

// prefixAt is the word of a block's first line that is the prefix of its names.
func prefixAt(block string) int {
	switch block {
	case "messages", "requests", "replies", "events":
		return 1
	}
	return 2
}
