package foreign

import "strings"

// tsharkRaw leaves of the JSON of tshark what whole frames are: -T jsonraw, and -x with
// -T json or ek, have the bytes of each field, too, which may look like messages.
type tsharkRaw struct {
	seen   bool // it is such a text
	wanted bool // the array that was begun is a frame's
}

// only returns what is to be read of a line.
func (t *tsharkRaw) only(line string) string {
	if _, rest, ok := strings.Cut(line, `"frame_raw"`); ok {
		t.seen, t.wanted = true, true
		rest, _, _ = strings.Cut(rest, `,"`)
		return rest
	}
	switch {
	case !t.seen:
		return line
	case strings.Contains(line, `_raw"`):
		t.wanted = false
	}
	if !t.wanted {
		return ""
	}
	return line
}
