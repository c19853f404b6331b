package foreign

import "strings"

// printed takes the bytes of a call from its arguments, if they are there as strings:
// so older versions of strace have what they do not take apart, and all of them with
// -s with enough. If one byte is missing it takes none.
func (c *call) printed() {
	var data []byte
	text := c.text
	for {
		from := strings.IndexByte(text, '"')
		if from < 0 {
			break
		}
		end := from + 1
		for end < len(text) && text[end] != '"' {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(text) {
			return
		}
		data = append(data, decode(text[from+1:end], style{})...)
		text = text[end+1:]
	}
	if _, ok := beginsMessage(data); !ok || int64(len(data)) != c.ret || c.vectored() {
		return
	}
	c.dumped, c.parts = true, [][]byte{data}
}
