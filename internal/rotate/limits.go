package rotate

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits are conditions of -a and -b. Zero is no condition.
type Limits struct {
	Duration time.Duration
	Bytes    int64
	Packets  int
	Files    int
	Interval time.Duration // of when the next file begins only
}

// limitNames are the conditions, as tshark has them.
var limitNames = []string{"duration", "filesize", "packets", "files"}

// Mistake is a condition that nobody understands.
type Mistake struct{ Condition, Hint string }

func (e *Mistake) Error() string { return e.Condition }

// ParseLimits reads conditions, NAME:VALUE; an interval only where one may be. A
// duration is in seconds unless it has a unit, a file size in kB of 1000 bytes. An
// error is a *Mistake.
func ParseLimits(list []string, interval bool) (l Limits, err error) {
	for _, s := range list {
		name, val, _ := strings.Cut(s, ":")
		if !slices.Contains(limitNames, name) && (name != "interval" || !interval) {
			return l, &Mistake{s, "duration:SECONDS, filesize:KB, packets:N or files:N"}
		}
		ok := false
		switch name {
		case "duration":
			l.Duration, ok = parseDuration(val)
		case "interval":
			l.Interval, ok = parseDuration(val)
			ok = ok && l.Interval >= time.Second
		case "filesize":
			l.Bytes, ok = ParseSize(val, 1000, 1000)
		case "packets":
			l.Packets, ok = parseCount(val)
		case "files":
			l.Files, ok = parseCount(val)
		}
		if !ok {
			return l, &Mistake{s, limitHints[name]}
		}
	}
	return l, nil
}

var limitHints = map[string]string{
	"duration": "seconds, such as duration:10, or with a unit, such as duration:1.5h",
	"filesize": "kB, such as filesize:500, or with a unit, such as filesize:10M",
	"interval": "seconds, such as interval:3600: a file for each hour",
	"packets":  "a number above 0, such as packets:100",
	"files":    "a number above 0, such as files:5",
}

// turned reports whether an interval of the clock ended between two times.
func (l *Limits) turned(from, to time.Time) bool {
	return l.Interval > 0 && from.UnixNano()/int64(l.Interval) != to.UnixNano()/int64(l.Interval)
}

func parseCount(s string) (int, bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	return int(n), err == nil && n > 0
}

func parseDuration(s string) (time.Duration, bool) {
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		d := f * float64(time.Second)
		return time.Duration(d), d >= 1 && d < math.MaxInt64
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d > 0
}

// ParseSize reads a size in bytes. A number alone counts unit; k, M and G are
// powers of thousand.
func ParseSize(s string, unit, thousand int64) (int64, bool) {
	s = strings.TrimSuffix(strings.TrimSuffix(s, "B"), "i")
	if n := len(s); n > 0 {
		switch s[n-1] {
		case 'k', 'K':
			s, unit = s[:n-1], thousand
		case 'M', 'm':
			s, unit = s[:n-1], thousand*thousand
		case 'G', 'g':
			s, unit = s[:n-1], thousand*thousand*thousand
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false
	}
	f *= float64(unit)
	return int64(f), f >= 1 && f < math.MaxInt64
}
