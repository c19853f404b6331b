package render

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
	if !b.Color {
		return dst
	}
	return append(dst, sgr[s]...)
}
