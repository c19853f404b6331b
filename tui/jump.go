package tui

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// aTime is a time behind a colon: of day, with a date before it, or as seconds since
// the first frame.
var aTime = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:(?:(\d{4}-\d\d-\d\d)[ T])?(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d{1,9})?))?|\+(\d{1,10}(?:\.\d{1,9})?))$`)
})

// toTime goes to the first message at or behind a time; false: that is no time.
func (m *Model) toTime(text string) (tea.Cmd, bool) {
	x := aTime().FindStringSubmatch(text)
	if x == nil {
		return nil, false
	}
	if x[5] != "" {
		seconds, _ := strconv.ParseFloat(x[5], 64)
		return m.seekTime(m.st.Start+int64(seconds*1e9+0.5), text), true
	}
	hour, _ := strconv.Atoi(x[2])
	minute, _ := strconv.Atoi(x[3])
	second, _ := strconv.ParseFloat("0"+x[4], 64)
	if hour > 23 || minute > 59 || second >= 60 {
		return m.complain(text + " is no time of day"), true
	}
	loc := m.renderOptions().Location
	if loc == nil {
		loc = time.UTC
	}
	day := time.Unix(0, m.st.Start).In(loc)
	if r := m.list().cache.get(m.list().cursor); r != nil && r.Err == nil {
		day = time.Unix(0, r.When).In(loc)
	}
	if x[1] != "" {
		var err error
		if day, err = time.ParseInLocation(time.DateOnly, x[1], loc); err != nil {
			return m.complain(x[1] + " is no date"), true
		}
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, int(second*1e9+0.5), loc)
	if x[1] == "" && at.AddDate(0, 0, 1).UnixNano() <= m.st.Last && at.UnixNano() < m.st.Start {
		at = at.AddDate(0, 0, 1) // the capture goes past midnight
	}
	return m.seekTime(at.UnixNano(), text), true
}

func (m *Model) seekTime(at int64, text string) tea.Cmd {
	s := m.store
	return func() tea.Msg {
		row, ok := s.RowAt(at)
		return frameMsg{row: row, ok: ok, what: "message at or behind " + strings.TrimPrefix(text, "+")}
	}
}
