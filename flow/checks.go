package flow

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// above: a number is greater than the kernel takes.
func above(name string, most uint64) check {
	return func(r *request) string {
		if v, ok := r.number(name); ok && v > most {
			return fmt.Sprintf("%s is %d, at most %d", name, v, most)
		}
		return ""
	}
}

// prefix: a prefix is longer than an address of the family.
func prefix(name string) check {
	return func(r *request) string {
		if v, ok := r.number(name); ok && r.bits() > 0 && v > r.bits() {
			return fmt.Sprintf("%s is %d, an address of %s has %s", name, v, familyName(r.family()), phrase.Count(r.bits(), "bit"))
		}
		return ""
	}
}

func familyName(af uint8) string {
	if af == afInet {
		return "AF_INET"
	}
	return "AF_INET6"
}

// hostBits: IPv4 routes may not have bits behind their prefix.
func hostBits(attr, member string) check {
	return func(r *request) string {
		b := r.bytes(attr)
		v, ok := r.number(member)
		if r.family() != afInet || len(b) != 4 || !ok || v > 32 {
			return ""
		}
		if addr := uint32(dissect.Uint(b, true)); addr<<v != 0 && v < 32 {
			return fmt.Sprintf("%s has bits set behind the prefix of %d", attr, v)
		}
		return ""
	}
}

// lacks: a nest, or with "" the message, has none of some attributes.
func lacks(nest, names string) check {
	return func(r *request) string {
		i, end, where := r.m.Node, r.t.Nodes[r.m.Node].End, "the request"
		if nest != "" {
			if i = r.row(nest); i < 0 {
				return ""
			}
			end, where = r.t.Nodes[i].End, nest
		}
		for i++; i < end; i++ {
			if f := r.t.Nodes[i].Field; f != nil && has(names, f.Name) {
				return ""
			}
		}
		return where + " lacks " + strings.ReplaceAll(names, " ", " or ")
	}
}

// of: something is wrong with a message if it is of a family.
func of(family uint8, c check) check {
	return func(r *request) string {
		if r.family() != family {
			return ""
		}
		return c(r)
	}
}

// shorter: an attribute has fewer bytes than most devices want.
func shorter(name string, want int) check {
	return func(r *request) string {
		if r.row(name) < 0 {
			return ""
		}
		if n := len(r.bytes(name)); n < want {
			return fmt.Sprintf("%s has %s, the address of most devices %d", name, phrase.Count(n, "byte"), want)
		}
		return ""
	}
}

// badName: the kernel takes no interface names with these.
func badName(name string) check {
	return func(r *request) string {
		if r.row(name) < 0 {
			return ""
		}
		s, _, _ := bytes.Cut(r.bytes(name), []byte{0})
		switch {
		case len(s) == 0:
			return name + " is empty"
		case string(s) == "." || string(s) == "..":
			return name + " is " + string(s)
		}
		for _, c := range s {
			if c == '/' || c == ':' || c == ' ' || c >= '\t' && c <= '\r' {
				return name + " has a character that no interface name may have: " + strconv.QuoteRune(rune(c))
			}
		}
		return ""
	}
}

// unknownKind: what else is wrong has other errnos.
func unknownKind(name, what string) check {
	return func(r *request) string {
		s, _, _ := bytes.Cut(r.bytes(name), []byte{0})
		if len(s) == 0 || r.m.Class != families.ClassNew {
			return ""
		}
		return "this kernel has no " + what + " of kind " + string(s) + ", or lacks its module"
	}
}
