package render

import "github.com/nlsniff/nlsniff/dissect"

// style is what a part of the output stands for. Colour never says anything
// that the text does not.
type style uint8

const (
	styleOff style = iota
	styleDim
	styleType
	styleOK
	styleWarn
	styleError
	styleName
	styleValue
)

// sgr are the escape sequences of the styles: the terminal's own 16 colours,
// which its user has chosen to be readable.
var sgr = [...]string{
	styleOff: "\x1b[0m", styleDim: "\x1b[2m", styleType: "\x1b[1;36m", styleOK: "\x1b[32m",
	styleWarn: "\x1b[33m", styleError: "\x1b[1;31m", styleName: "\x1b[36m", styleValue: "\x1b[0m",
}

func (b *base) style(dst []byte, s style) []byte {
	if !b.Color || b.painted {
		return dst
	}
	return append(dst, sgr[s]...)
}

// paint begins a line that a rule has a style for: that of the whole line takes
// the place of those of its parts.
func (b *base) paint(dst []byte, m *dissect.Msg) []byte {
	if !b.Color || b.Paint == nil {
		return dst
	}
	sgr := b.Paint(b.ev, m)
	b.painted = sgr != ""
	return append(dst, sgr...)
}

// unpaint ends what paint began.
func (b *base) unpaint(dst []byte) []byte {
	if !b.painted {
		return dst
	}
	b.painted = false
	return b.style(dst, styleOff)
}
