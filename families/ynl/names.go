package ynl

import (
	"strconv"
	"strings"
)

// maxName bounds a name; the longest upstream has 50 letters.
const maxName = 128

// validName says whether s may be printed as it is wherever names are shown.
func validName(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case c == '-' || c == '_' || c == '.' || c == '+':
		default:
			return false
		}
	}
	return true
}

// quote shows a word from the file in a message.
func quote(s string) string {
	if len(s) > maxName {
		s = s[:maxName] + "…"
	}
	return strconv.QuoteToGraphic(s)
}

// upper turns a YNL name into that of a C constant.
func upper(s string) string { return strings.ToUpper(ident(s)) }

// ident turns a YNL name into a C identifier.
func ident(s string) string { return strings.ReplaceAll(s, "-", "_") }

// prefix turns a stated prefix into that of C constants. Some specs leave out
// the dash at its end.
func prefix(s string) string {
	s = upper(s)
	if s != "" && !strings.HasSuffix(s, "_") {
		s += "_"
	}
	return s
}

// setPrefix is the prefix of the constants of an attribute set that states
// none: FAMILY_A_SET_, and FAMILY_A_ for the set named like the family.
func setPrefix(family, set string) string {
	if family == set {
		return upper(family + "-a-")
	}
	return upper(family + "-a-" + set + "-")
}

// enumPrefix is the prefix of the constants of an enum that states none.
func enumPrefix(family, enum string) string { return upper(family + "-" + enum + "-") }

// opPrefix is the prefix of the commands of a family that states none.
func opPrefix(family string) string { return upper(family + "-cmd-") }

// newName returns the name of a thing, what with its article, that must not be
// called like one before it. It reports what is wrong and returns "" otherwise.
func newName[V any](r *reader, o *object, what string, taken map[string]V) string {
	name := o.name("name")
	if name == "" {
		r.errorf(o.at("name"), "%s needs a name", what)
		return ""
	}
	if _, ok := taken[name]; ok {
		_, noun, _ := strings.Cut(what, " ")
		r.errorf(o.at("name"), "%s %s is there twice", noun, quote(name))
		return ""
	}
	return name
}
