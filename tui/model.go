package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// Model is the whole interface: the one model of the program. Panes are parts
// of it that draw lines and know nothing of each other. Update does no I/O and
// waits for nothing: what takes time is a command, and what a source brings is
// looked at on a tick.
type Model struct {
	opt    Options
	store  *store.Store
	st     store.State
	th     theme
	gl     glyphs
	width  int
	height int
	sizes  sizes
	zoom   bool
	focus  pane
	drag   drag

	chosenColumns [numViews][]string // by the user; none: what fits
	view          view
	lists         [numViews]list
	sorted        ordering
	tab           completion
	ladder        ladder
	stats         statsPage
	spark         sparkline
	found         findings
	filter        filtering
	back0         int // the row that had the cursor before the filter, -1 for none
	detail        detail
	bytes         bytesPane
	detailBusy    bool

	kept    remembered // of the run before, and what was chosen in this one
	ground  ground
	input   input
	menu    *menu
	notice  []string
	base    *store.Detail // taken for a comparison
	compare *compare
	asking  *asking
	help    *help
	pending string // a key that waits for another
	note    note
	search  search
	marks   map[rune]int // rows of the store
	paused  bool
	ticking bool
	// reference is one more than the row that time is counted from, 0: the
	// first frame, whose time is firstTime.
	reference int
	firstTime int64
	scratch   []byte
	// first and end are the span of the filtered list, seen whether that is
	// all of it.
	first, end int
	seen       bool
	// The same of the exchanges.
	exFirst, exEnd, exShifts int
	quit                     bool
}

// view is what fills the screen.
type view uint8

const (
	viewMessages view = iota
	viewExchanges
	viewFindings
	viewStats
	numViews
)

var viewNames = [...]string{viewMessages: "Messages", viewExchanges: "Exchanges", viewFindings: "Findings", viewStats: "Statistics"}

// list is the list of the view that is shown.
func (m *Model) list() *list { return &m.lists[m.view] }

// note is what the bottom line says until the next key.
type note struct {
	text string
	bad  bool
}

// newModel returns a model that shows a store.
func newModel(o Options, s *store.Store) *Model {
	m := &Model{opt: o, store: s, gl: unicodeGlyphs, sizes: defaultSizes, marks: map[rune]int{}, width: 80, height: 24}
	if o.ASCII {
		m.gl = asciiGlyphs
	}
	m.ground.fromEnv(o.Env)
	m.setTheme(o.Theme)
	m.st = s.State()
	m.lists[viewMessages].follow = m.st.Live
	m.lists[viewExchanges].follow = m.st.Live
	m.input = newInput()
	m.filter.env, m.back0 = s.FilterEnv(), -1
	m.notice = o.Notice
	if o.Warning != "" {
		m.complain(o.Warning)
	}
	return m
}

// tickMsg says that it is time to look at the store again.
type tickMsg struct{}

// tickEvery is how often the store is looked at while it grows: 25 times a
// second.
const tickEvery = 40 * time.Millisecond

func (m *Model) tick() tea.Cmd {
	m.ticking = true
	return m.opt.after(tickEvery, tickMsg{})
}

// Update takes in a message.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.update(msg)
	if m.quit {
		return m, tea.Quit
	}
	m.place()
	if !m.ticking && !m.settled() {
		cmd = tea.Batch(cmd, m.tick())
	}
	return m, tea.Batch(cmd, m.want())
}

// settled says whether nothing will change unless the user does something.
func (m *Model) settled() bool { return m.st.Done && m.filtered() }

func (m *Model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.place()
		m.showSelection()
	case tea.BackgroundColorMsg:
		m.ground.known, m.ground.light = true, !msg.IsDark()
		m.chooseTheme()
	case tea.ColorProfileMsg:
		m.ground.few = msg.Profile == colorprofile.ANSI
		m.chooseTheme()
	case tickMsg:
		return m.ticked()
	case tea.KeyPressMsg:
		return m.key(msg)
	case tea.PasteMsg:
		return m.pasted(msg.Content)
	case tea.MouseClickMsg:
		return m.clicked(msg.Mouse())
	case tea.MouseReleaseMsg:
		m.drag = drag{}
	case tea.MouseMotionMsg:
		m.dragged(msg.Mouse())
	case tea.MouseWheelMsg:
		m.wheel(msg.Mouse())
	case rowsMsg:
		m.gotRows(msg)
	case detailMsg:
		m.gotDetail(msg)
	case searchMsg:
		return m.searched(msg)
	case frameMsg:
		m.gotFrame(msg)
	case compiledMsg:
		return m.gotCompiled(msg)
	case partnerMsg:
		m.gotPartner(msg)
	case ladderMsg:
		m.gotLadder(msg)
	case statsMsg:
		m.gotStats(msg)
	case foundMsg:
		return m.gotFound(msg)
	case reopenedMsg:
		return m.reopened(msg)
	case completedMsg:
		return m.gotCompleted(msg)
	case orderedMsg:
		m.gotOrder(msg)
	case fieldMsg:
		return m.gotField(msg)
	case offeredMsg:
		return m.gotOffer(msg)
	case plannedMsg:
		return m.planned(msg)
	case replayedMsg:
		return m.replayed(msg)
	case doneMsg:
		m.note = note(msg)
	}
	return nil
}

// ticked takes in what the store has got.
func (m *Model) ticked() tea.Cmd {
	m.refresh()
	m.spark.ticked(m.st.End)
	if m.settled() {
		m.ticking = false
		return nil
	}
	return m.tick()
}

// filtered says whether the filter, if there is one, has looked at everything.
func (m *Model) filtered() bool {
	if m.filter.run == nil {
		return true
	}
	_, done := m.filter.run.Looked()
	return done && m.seen
}

// refresh looks at the store.
func (m *Model) refresh() {
	st := m.store.State()
	if st.Gen != m.st.Gen {
		m.forget()
	}
	if run := m.filter.run; run != nil && !m.paused {
		_, m.seen = run.Looked()
		m.first, m.end = run.Span()
		shifts := m.exShifts
		if m.exFirst, m.exEnd, m.exShifts = run.Exchanges(); m.exShifts != shifts {
			m.lists[viewExchanges].cache.clear()
		}
		if at := m.back0; at >= 0 && m.end > m.first && m.view == viewMessages {
			// The cursor stays on its message, or on what is near it.
			if pos := run.Pos(at); pos < m.end {
				m.list().cursor, m.back0 = pos, -1
				m.list().top = pos - m.list().height/2
			} else if m.seen {
				m.list().cursor, m.back0 = m.end-1, -1
			}
		}
	}
	m.filterFound()
	if m.paused {
		st.First, st.End = max(st.First, m.st.First), m.st.End
		st.FirstExchange, st.EndExchange = max(st.FirstExchange, m.st.FirstExchange), m.st.EndExchange
	}
	if st.Err != nil && m.st.Err == nil {
		m.note = note{} // the bottom line has to say that
	}
	m.st = st
	if m.list().follow && !m.paused {
		_, end := m.span()
		m.list().cursor = end - 1
	}
}

// place fits the panes to the screen.
func (m *Model) place() {
	r := m.layout()
	m.list().height = r[paneList].inner().h
	if m.headed(m.list().height) {
		m.list().height--
	}
	if m.view == viewStats && m.stats.have {
		m.statsLines(m.width) // for the rows that can be chosen
		m.stats.cursor = max(min(m.stats.cursor, len(m.stats.items)-1), 0)
	}
	m.placeLadder(r[paneLadder].inner())
	m.placeDetail(r[paneDetail].inner())
	m.bytes.height, m.bytes.perRow = r[paneBytes].inner().h, rowBytes(r[paneBytes].w)
	m.list().clamp(m.span())
	m.detail.clamp()
}

// forget lets go of everything that would look different now.
func (m *Model) forget() {
	for i := range m.lists {
		m.lists[i].cache.clear()
	}
	m.detail.stale, m.ladder.stale, m.stats.stale = true, true, true
}

func (m *Model) renderOptions() render.Options { return m.store.Options().Render }

// say puts a remark into the bottom line.
func (m *Model) say(text string) tea.Cmd {
	m.note = note{text: text}
	return nil
}

// complain is say for what could not be done.
func (m *Model) complain(text string) tea.Cmd {
	m.note = note{text, true}
	return nil
}
