package tui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/render"
)

// View draws the screen.
func (m *Model) View() tea.View {
	v := tea.NewView(strings.Join(m.lines(), "\n"))
	v.AltScreen = true
	if !m.opt.NoMouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	v.WindowTitle = "nlsniff " + render.Escape(m.opt.Name)
	if m.input.mode != inputOff {
		v.Cursor = m.input.cursor(m.height - 1)
	}
	return v
}

// lines are the lines of the screen, each exactly as wide as it.
func (m *Model) lines() []string {
	if m.width < 20 || m.height < 5 {
		return m.empty(m.width, m.height, "too small")
	}
	out := append(make([]string, 0, m.height), m.topBar())
	switch {
	case m.help != nil:
		out = append(out, m.drawHelp(m.width, m.height-2)...)
	case m.compare != nil:
		out = append(out, m.drawCompare(m.width, m.height-2)...)
	default:
		out = append(out, m.panes()...)
	}
	if m.menu != nil {
		m.overlay(out, m.drawMenu())
	}
	if m.input.mode == inputFilter && len(m.filter.offers) > 0 {
		m.overlay(out, m.drawOffers())
	}
	if m.input.mode == inputCommand && len(m.tab.offer) > 1 {
		m.overlay(out, m.drawCompletion())
	}
	if m.notice != nil {
		m.drawNotice(out)
	}
	return append(out, m.bottomBar())
}

// drawNotice puts a box with remarks over the middle of the screen.
func (m *Model) drawNotice(lines []string) {
	w := 0
	for _, s := range m.notice {
		w = max(w, width(s))
	}
	w = min(w+4, m.width)
	var box []string
	for _, s := range append(append([]string{""}, m.notice...), "") {
		for _, part := range wrap(s, w-4) {
			l := m.line(w)
			l.put(stBar, "  ")
			l.put(stBar, part)
			l.to(stBar, w)
			box = append(box, l.b.String())
		}
	}
	box = box[:min(len(box), len(lines)-1)]
	top, left := 1+(len(lines)-1-len(box))/2, (m.width-w)/2
	for i, s := range box {
		lines[top+i] = spaces(left) + s + spaces(m.width-w-left)
	}
}

// wrap breaks a text into lines of so many cells, within a word where that has
// more.
func wrap(s string, cells int) []string {
	var out []string
	line := ""
	cells = max(cells, 8)
	for _, word := range strings.Fields(s) {
		if line != "" && width(line)+1+width(word) <= cells {
			line += " " + word
			continue
		}
		if line != "" {
			out = append(out, line)
		}
		for line = word; width(line) > cells; line = skip(line, cells) {
			out = append(out, cut(line, cells, ""))
		}
	}
	return append(out, line)
}

// panes draws what is between the bars.
func (m *Model) panes() []string {
	var out []string
	r := m.layout()
	if m.view == viewStats {
		q := r[paneList]
		return append([]string{m.title(paneList, q.w)}, m.drawStats(q.w, q.h-1)...)
	}
	if q := r[paneList]; q.h > 0 {
		out = append(out, m.title(paneList, q.w))
		out = append(out, m.drawList(q.w, q.h-1)...)
	}
	if q := r[paneLadder]; q.h > 0 {
		return append(append(out, m.title(paneLadder, q.w)), m.drawLadder(q.w, q.h-1)...)
	}
	d, b := r[paneDetail], r[paneBytes]
	switch {
	case d.h > 0 && b.h > 0:
		left := append([]string{m.title(paneDetail, d.w)}, m.drawDetail(d.w, d.h-1)...)
		right := append([]string{m.title(paneBytes, b.w)}, m.drawBytes(b.w, b.h-1)...)
		for i := range left {
			l := m.line(1)
			bar := m.gl.bar
			if i == 0 {
				bar = m.gl.tee
			}
			l.put(stRule, bar)
			out = append(out, left[i]+l.end()+right[i])
		}
	case d.h > 0:
		out = append(append(out, m.title(paneDetail, d.w)), m.drawDetail(d.w, d.h-1)...)
	case b.h > 0:
		out = append(append(out, m.title(paneBytes, b.w)), m.drawBytes(b.w, b.h-1)...)
	}
	return out
}

// title is the rule above a pane.
func (m *Model) title(p pane, w int) string {
	l := m.line(w)
	l.put(stRule, m.gl.rule)
	st := stTitle
	if m.focus == p {
		st = stTitleOn
	}
	l.put(st, " "+m.titleText(p)+" ")
	right := m.position(p)
	l.repeat(stRule, m.gl.rule, w-width(right)-1)
	if width(right) < w-l.w {
		l.put(stTitle, right)
	}
	l.repeat(stRule, m.gl.rule, w)
	return l.end()
}

func (m *Model) titleText(p pane) string {
	switch p {
	case paneDetail:
		if d := m.detail.tree.d; d != nil && d.Event.Number > 0 {
			return "Detail of frame " + strconv.Itoa(d.Event.Number)
		}
		return "Detail"
	case paneBytes:
		if d := m.detail.tree.d; d != nil {
			if from, to := m.detail.selection(); to > from {
				return "Bytes " + strconv.Itoa(from) + "…" + strconv.Itoa(to-1)
			}
		}
		return "Bytes"
	case paneLadder:
		if m.ladder.id > 0 {
			return "Exchange #" + strconv.Itoa(m.ladder.id)
		}
		return "Exchange"
	}
	name := viewNames[m.view]
	if m.filter.run != nil {
		name += " with " + render.Escape(m.filter.text)
	}
	if m.view == viewExchanges && m.sorted.ids != nil {
		name += ", by " + orderNames[m.sorted.by]
	}
	if m.paused {
		return name + ", paused"
	}
	if m.list().follow && m.st.Live {
		return name + ", following"
	}
	return name
}

// position says where in a pane's content the screen is.
func (m *Model) position(p pane) string {
	switch p {
	case paneList:
		first, end := m.span()
		if end == first || m.view == viewStats {
			return ""
		}
		if m.view == viewExchanges && m.filter.run == nil && m.sorted.ids == nil {
			return " " + thousands(m.list().cursor) + " of " + thousands(end-1) + " "
		}
		if p := m.filterProgress(); m.view <= viewExchanges && p != "" {
			return " " + thousands(m.list().cursor+1) + " of " + thousands(end) + ", " + p + " "
		}
		at := " " + thousands(m.list().cursor+1) + " of " + thousands(end) + " "
		if looked := m.looked(); m.view == viewFindings && looked != "" {
			at += "(" + looked + ") "
		}
		return at
	case paneLadder:
		return " " + plural(len(m.ladder.rows), "message") + " "
	case paneDetail:
		if n := len(m.detail.tree.rows); n > m.detail.height {
			return " " + strconv.Itoa(m.detail.cursor+1) + " of " + strconv.Itoa(n) + " "
		}
	case paneBytes:
		if d := m.detail.tree.d; d != nil {
			return " " + plural(len(d.Tree.Data), "byte") + " "
		}
	}
	return ""
}

// topBar says what is shown, and what was lost on the way.
func (m *Model) topBar() string {
	l := m.line(m.width)
	l.put(stBarName, " nlsniff ")
	for v := range numViews {
		text := " " + strconv.Itoa(int(v)+1) + " "
		if m.width >= 100 || v == m.view {
			text += viewNames[v] + " "
		}
		st := stBar
		if v == m.view {
			st = stTab
		}
		l.put(st, text)
	}
	name := " " + render.Escape(m.opt.Name)
	right := m.condition()
	// What does not fit goes, the least important first; the loss stays.
	for len(right) > 1 && barWidth(right) > m.width-l.w {
		right = right[1:]
	}
	if room := m.width - l.w - barWidth(right); room < 0 {
		// Not even beside the names of the views.
		l = m.line(m.width)
		l.put(stBarName, cut(" nlsniff ", max(m.width-barWidth(right), 0), m.gl.more))
	}
	l.put(stBar, cut(name, max(m.width-l.w-barWidth(right), 0), m.gl.more))
	l.to(stBar, m.width-barWidth(right))
	for _, p := range right {
		l.put(p.style, " "+p.text+" ")
	}
	l.to(stBar, m.width)
	return l.end()
}

// barWidth is how many cells parts of a bar take.
func barWidth(list []part) (w int) {
	for _, p := range list {
		w += width(p.text) + 2
	}
	return w
}

// part is a piece of a bar.
type part struct {
	text  string
	style style
}

// condition says how far reading is and what is missing. Loss is always there,
// be it none.
func (m *Model) condition() []part {
	st := &m.st
	var out []part
	if st.Following {
		out = append(out, part{"following", stBar})
	}
	if !st.Done && st.Size > 0 && !st.Following {
		out = append(out, part{m.progress(), stBar})
	}
	if st.First > 0 {
		out = append(out, part{"oldest " + thousands(st.First) + " dropped", stBarWarn})
	}
	out = append(out, part{plural(st.End-st.First-st.Events, "message"), stBar})
	if st.Events > 0 {
		out = append(out, part{plural(st.Events, "event"), stBar})
	}
	switch {
	case st.Err != nil:
		out = append(out, part{"failed", stBarWarn})
	case st.Live && st.Done:
		out = append(out, part{"ended", stBar})
	case st.Live:
		if rate := m.spark.text(m.gl.spark); rate != "" && m.width >= 100 {
			out = append(out, part{rate, stBar})
		}
		out = append(out, part{"live", stBar})
	}
	if st.Damaged > 0 {
		out = append(out, part{plural(st.Damaged, "damaged part"), stBarWarn})
	}
	if st.Lost > 0 {
		return append(out, part{"lost " + plural(int(st.Lost), "frame"), stBarWarn})
	}
	return append(out, part{"lost 0", stBar})
}

// progress is a bar of how much of the file was read.
func (m *Model) progress() string {
	const cells = 10
	share := float64(m.st.Read) / float64(max(m.st.Size, 1))
	n := min(int(share*cells), cells)
	return strings.Repeat(m.gl.full, n) + strings.Repeat(m.gl.empty, cells-n) + " " + strconv.Itoa(min(int(share*100), 100)) + "%"
}

// bottomBar is the line for input, for remarks, or for the keys that are of use.
func (m *Model) bottomBar() string {
	l := m.line(m.width)
	switch {
	case m.input.mode != inputOff:
		m.input.draw(m, l)
	case m.search.busy:
		l.put(stText, " "+m.search.progress()+"; esc stops")
	case m.note.text != "":
		st := stText
		if m.note.bad {
			st = stWarn
		}
		l.put(st, " "+m.note.text)
	case m.menu != nil || m.help != nil || m.compare != nil || m.notice != nil:
		m.drawHints(l)
	case m.st.Err != nil:
		l.put(stError, " reading stopped: "+render.Escape(m.st.Err.Error()))
	case m.st.Damaged > 0:
		d := m.st.Damage[0]
		l.put(stWarn, " damaged: "+render.Escape(d.Error())+", "+plural(int(d.Skipped), "byte")+" passed over")
	default:
		m.drawHints(l)
	}
	return l.end()
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n int, what string) string {
	return thousands(n) + " " + phrase.Word(n, what)
}
