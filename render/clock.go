package render

import (
	"math"
	"strconv"
	"time"
)

// TimeMode says how a line shows time (-t).
type TimeMode byte

// The time modes.
const (
	TimeOfDay        TimeMode = 'a'
	TimeDate         TimeMode = 'D' // with the date
	TimeDayOfYear    TimeMode = 'y' // with the year and the day in it
	TimeRelative     TimeMode = 'r'
	TimeDelta        TimeMode = 'd'
	TimeShown        TimeMode = 's' // since the frame that was shown before
	TimeEpoch        TimeMode = 'e'
	TimeUTC          TimeMode = 'u'
	TimeUTCDate      TimeMode = 'U'
	TimeUTCDayOfYear TimeMode = 'Y'
)

// TimeModes are all of them, with their names, which are tshark's.
var TimeModes = []struct {
	Mode TimeMode
	Name string
	Text string
}{
	{TimeOfDay, "a", "time of day"},
	{TimeDate, "ad", "date and time"},
	{TimeDayOfYear, "adoy", "day of the year and time"},
	{TimeRelative, "r", "seconds since the first frame"},
	{TimeDelta, "d", "seconds since the frame before"},
	{TimeShown, "dd", "seconds since the frame shown before"},
	{TimeEpoch, "e", "seconds since 1970"},
	{TimeUTC, "u", "time of day in UTC"},
	{TimeUTCDate, "ud", "date and time in UTC"},
	{TimeUTCDayOfYear, "udoy", "day of the year and time in UTC"},
}

// TimeNamed is the mode with a name.
func TimeNamed(name string) (TimeMode, bool) {
	for _, t := range TimeModes {
		if t.Name == name {
			return t.Mode, true
		}
	}
	return 0, false
}

// Width is how many cells most times take.
func (m TimeMode) Width() int {
	switch m {
	case TimeDate, TimeUTCDate:
		return len("2006-01-02 15:04:05.123456")
	case TimeDayOfYear, TimeUTCDayOfYear:
		return len("2006/002 15:04:05.123456")
	case TimeEpoch:
		return len("1136214245.123456")
	}
	return len("15:04:05.123456")
}

// time appends the time of a frame as -t wants it.
func (l *base) time(dst []byte) []byte {
	switch l.Time {
	case TimeRelative:
		return appendSeconds(dst, l.ev.Since)
	case TimeDelta:
		return appendSeconds(dst, l.ev.Delta)
	case TimeShown:
		return appendSeconds(dst, l.ev.DeltaShown)
	case TimeEpoch:
		return appendSeconds(dst, l.ev.Time)
	}
	t := time.Unix(0, l.ev.Time)
	switch {
	case l.Time == TimeUTC || l.Time == TimeUTCDate || l.Time == TimeUTCDayOfYear:
		t = t.UTC()
	case l.Location != nil:
		t = t.In(l.Location)
	}
	switch l.Time {
	case TimeDate, TimeUTCDate:
		y, m, d := t.Date()
		dst = append(appendDigits(dst, y, 4), '-')
		dst = append(appendDigits(dst, int(m), 2), '-')
		dst = append(appendDigits(dst, d, 2), ' ')
	case TimeDayOfYear, TimeUTCDayOfYear:
		dst = append(appendDigits(dst, t.Year(), 4), '/')
		dst = append(appendDigits(dst, t.YearDay(), 3), ' ')
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
