package families

import "strings"

// Names go to terminals, into JSON, filters and file names as they are, and a
// type's String is read again.

// name reports a word that cannot be a name.
func (p *parser) name(words ...string) error {
	for _, s := range words {
		if !validName(s) {
			return p.fail("%q cannot be a name: letters, digits and _ - . + only", clip(s))
		}
	}
	return nil
}

func validName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '_', c == '-', c == '.', c == '+':
		default:
			return false
		}
	}
	return s != "" && s != "-"
}

// maxQuoted is how many bytes of a word an error repeats.
const maxQuoted = 80

func clip(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	return strings.ToValidUTF8(s[:maxQuoted], "") + "…"
}
