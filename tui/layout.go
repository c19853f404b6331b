package tui

// pane is a part of the screen that can have the keys.
type pane uint8

const (
	paneList pane = iota
	paneDetail
	paneBytes
	paneLadder
	numPanes
)

var paneNames = [...]string{paneList: "list", paneDetail: "detail", paneBytes: "bytes", paneLadder: "ladder"}

// panesOf are the panes of each view.
var panesOf = [numViews][]pane{
	viewMessages: {paneList, paneDetail, paneBytes}, viewFindings: {paneList, paneDetail, paneBytes},
	viewExchanges: {paneList, paneLadder}, viewStats: {paneList},
}

// layout says where the panes of the view are.
func (m *Model) layout() (r [numPanes]rect) {
	switch m.view {
	case viewStats:
		r[paneList] = rect{0, 1, m.width, max(m.height-2, 0)}
		return r
	case viewExchanges:
		s := sizes{List: m.sizes.List}
		s.Hidden[paneBytes] = true
		focus := m.focus
		if focus == paneLadder {
			focus = paneDetail
		}
		r = s.layout(m.width, m.height, m.zoom, focus)
		r[paneLadder], r[paneDetail] = r[paneDetail], rect{}
		return r
	}
	return m.sizes.layout(m.width, m.height, m.zoom, m.focus)
}

// rect is where a pane is, its title line included.
type rect struct{ x, y, w, h int }

func (r rect) holds(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// inner is the part below the title.
func (r rect) inner() rect { return rect{r.x, r.y + 1, r.w, max(r.h-1, 0)} }

// sizes are what the user can change of the layout, and what is remembered.
type sizes struct {
	List   int              `json:"list"`   // of the height, in percent
	Detail int              `json:"detail"` // of the width of what is below the list
	Hidden [paneLadder]bool `json:"hidden"`
}

var defaultSizes = sizes{List: 50, Detail: 50}

const (
	minHeight = 3 // of a pane with its title
	minWidth  = 12
	bothWidth = 72 // from which on fields and bytes stand beside each other
)

// layout says where the panes are on a screen of w×h cells, of which the first
// and the last line are bars. A pane that is not shown has no height.
func (s *sizes) layout(w, h int, zoom bool, focus pane) (r [numPanes]rect) {
	body := rect{0, 1, w, max(h-2, 0)}
	if zoom || body.h < 2*minHeight {
		r[focus] = body
		return r
	}
	below := !s.Hidden[paneDetail] || !s.Hidden[paneBytes]
	list := body
	switch {
	case s.Hidden[paneList]:
		list.h = 0
	case below:
		list.h = min(max(body.h*s.List/100, minHeight), body.h-minHeight)
	}
	r[paneList] = list
	if !below {
		return r
	}
	low := rect{0, body.y + list.h, w, body.h - list.h}
	switch {
	case s.Hidden[paneBytes]:
		r[paneDetail] = low
	case s.Hidden[paneDetail]:
		r[paneBytes] = low
	case w < bothWidth:
		if focus == paneBytes {
			r[paneBytes] = low
		} else {
			r[paneDetail] = low
		}
	default:
		dw := min(max(w*s.Detail/100, minWidth), w-minWidth-1)
		r[paneDetail] = rect{0, low.y, dw, low.h}
		r[paneBytes] = rect{dw + 1, low.y, w - dw - 1, low.h}
	}
	return r
}
