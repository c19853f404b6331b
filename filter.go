package nlsniff

import (
	"sync"
	"time"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/render"
)

// Filter is a display filter (docs/filter.md). It may be used by several
// goroutines, and for messages of every Decoder and of package dissect/layers:
// it looks for names in the descriptions that a message was decoded with.
type Filter struct {
	mu sync.Mutex
	f  *filter.Filter
	m  *filter.Matcher
}

func newFilter(expr string, db *families.DB) (*Filter, error) {
	f, err := filter.Compile(expr, filter.NewEnv(db, time.Local))
	if err != nil {
		return nil, err
	}
	return &Filter{f: f, m: f.Matcher()}, nil
}

// NewFilter compiles a display filter whose names are those of the descriptions
// that nlsniff came with; Decoder.Filter knows the decoder's own too. The error
// is a *filter.Error, which shows where the expression is wrong.
func NewFilter(expr string) (*Filter, error) { return newFilter(expr, families.Embedded()) }

// Match says whether a message is one that the filter asks for.
func (f *Filter) Match(m *Message) bool {
	ev, ok := m.Words().(*render.Event)
	if !ok {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.m.Message(ev, m.Row())
}

// MatchFrame says whether the filter asks for a frame: for one of its messages,
// or for what it is if it holds none.
func (f *Filter) MatchFrame(x *Frame) bool {
	if x.event.Tree == nil {
		return false // filters ask of messages
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n, _ := f.m.Frame(&x.event)
	return n > 0
}

// String returns the expression as it would be written without shorthands.
func (f *Filter) String() string { return f.f.String() }
