package foreign

import (
	"strconv"
	"strings"
	"time"
)

// clock reads the times of strace's lines: -ttt (or --absolute-timestamps=unix)
// has them whole, -t and -tt have a time of day, -r the time since the line
// before.
type clock struct {
	location *time.Location
	last     int64
	day      int // days that have passed
}

var (
	unixTime  = pattern(`^(\d{8,10})(?:\.(\d{1,9}))? `)
	timeOfDay = pattern(`^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? `)
	sinceLast = pattern(`^\(?(?:\+ +)?(\d{1,7})\.(\d{3,9})\)? `)
)

// read takes the time from the front of a line; one without has that of the line
// before. A time of day is one of 2 January 1970, or as many days later as it went
// back.
func (c *clock) read(line string) (int64, string) {
	if m := unixTime().FindStringSubmatch(line); m != nil {
		c.last = nanoseconds(m[1], m[2])
		line = line[len(m[0]):]
	} else if m := timeOfDay().FindStringSubmatch(line); m != nil {
		at := c.at(m)
		if at < c.last-int64(12*time.Hour) {
			c.day++
			at = c.at(m)
		}
		c.last = at
		line = line[len(m[0]):]
	} else if m := sinceLast().FindStringSubmatch(line); m != nil {
		c.last += nanoseconds(m[1], m[2])
		return c.last, strings.TrimLeft(line[len(m[0]):], " ")
	}
	if m := sinceLast().FindStringSubmatch(line); m != nil && line[0] == '(' {
		line = line[len(m[0]):] // -r beside another
	}
	return c.last, strings.TrimLeft(line, " ")
}

func (c *clock) at(m []string) int64 {
	location := c.location
	if location == nil {
		location = time.UTC
	}
	h, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	s, _ := strconv.Atoi(m[3])
	return time.Date(1970, 1, 2+c.day, h, minute, s, int(nanoseconds("0", m[4])), location).UnixNano()
}

// nanoseconds reads seconds and their decimals.
func nanoseconds(seconds, decimals string) int64 {
	s, _ := strconv.ParseInt(seconds, 10, 64)
	f, _ := strconv.ParseInt((decimals + "000000000")[:9], 10, 64)
	return s*1e9 + f
}
