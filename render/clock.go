package render

import (
	"math"
	"strconv"
	"time"
)

// time appends the time of a frame as -t wants it.
func (l *base) time(dst []byte) []byte {
	switch l.Time {
	case TimeRelative:
		return appendSeconds(dst, l.ev.Since)
	case TimeDelta:
		return appendSeconds(dst, l.ev.Delta)
	case TimeEpoch:
		return appendSeconds(dst, l.ev.Time)
	}
	t := time.Unix(0, l.ev.Time)
	if l.Location != nil {
		t = t.In(l.Location)
	}
	h, m, s := t.Clock()
	dst = append(dst, byte('0'+h/10), byte('0'+h%10), ':', byte('0'+m/10), byte('0'+m%10), ':', byte('0'+s/10), byte('0'+s%10), '.')
	return appendDigits(dst, t.Nanosecond()/1000, 6)
}

// appendSeconds appends nanoseconds as seconds with six decimals.
func appendSeconds(dst []byte, ns int64) []byte {
	if ns < 0 {
		dst, ns = append(dst, '-'), -max(ns, -math.MaxInt64)
	}
	dst = strconv.AppendInt(dst, ns/1e9, 10)
	dst = append(dst, '.')
	return appendDigits(dst, int(ns%1e9/1000), 6)
}

// appendRFC3339 appends nanoseconds since the epoch as UTC with nine decimals.
func appendRFC3339(dst []byte, ns int64) []byte {
	t := time.Unix(0, ns).UTC()
	y, mo, d := t.Date()
	h, mi, s := t.Clock()
	dst = append(appendDigits(dst, y, 4), '-')
	dst = append(appendDigits(dst, int(mo), 2), '-')
	dst = append(appendDigits(dst, d, 2), 'T')
	dst = append(appendDigits(dst, h, 2), ':')
	dst = append(appendDigits(dst, mi, 2), ':')
	dst = append(appendDigits(dst, s, 2), '.')
	return append(appendDigits(dst, t.Nanosecond(), 9), 'Z')
}

// appendDigits appends v with leading zeros.
func appendDigits(dst []byte, v, width int) []byte {
	for range width {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; v > 0 && width > 0; i, width = i-1, width-1 {
		dst[i] = byte('0' + v%10)
		v /= 10
	}
	return dst
}
