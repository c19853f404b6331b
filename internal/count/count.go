// Package count counts the messages of a file that a filter matches: in one loop,
// or, as soon as what a frame means does not depend on those before it, in parts
// side by side.
package count

import (
	"errors"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

// Matches is how much was read, and how much of it matches.
type Matches struct{ Read, Frames, Messages int }

func (m *Matches) add(o Matches) {
	m.Read += o.Read
	m.Frames += o.Frames
	m.Messages += o.Messages
}

// Config says what to count.
type Config struct {
	Source  *pcapng.Reader
	Session *dissect.Session
	DB      *families.DB
	Filter  *filter.Filter
	// Limit ends after so many frames, 0: at the end.
	Limit int
	// Sequential has everything read in one loop.
	Sequential bool
	// PartSize is about how large a part is, 0 stands for 4 MiB: enough that what it
	// costs to begin one does not matter, and little enough that several can be
	// shared out.
	PartSize int64
	// Prepared is called when a frame's input is ready and the filter needs names.
	Prepared func(*pipeline.Job)
	// Event takes over what is known of a frame.
	Event func(*render.Event, *pipeline.Job)
	// Corrupt is called for each part of the source that cannot be read.
	Corrupt func(*capture.CorruptError)
}

const partSize = 4 << 20

// Cheap says whether a filter finds its answer in the bytes of each message,
// so cheaply that copying frames to other cores would cost more.
func Cheap(f *filter.Filter) bool {
	return f.Needs() == filter.NeedHeader || f.Needs() == filter.NeedAttrs && (!f.NeedsNames() || f.Local())
}

// counter asks a filter of frames, one after the other.
type counter struct {
	m  *filter.Matcher
	d  *dissect.Dissector
	ev render.Event
	Matches
}

// count takes one more frame.
func (c *counter) count(in *dissect.Input) {
	c.Read++
	n, known := c.m.Quick(in, &c.ev)
	if !known {
		c.ev.Tree = c.d.Frame(in)
		n, _ = c.m.Frame(&c.ev)
	}
	if n > 0 {
		c.Frames++
		c.Messages += n
	}
}

// Messages counts. The error is the source's, if it is not its end.
func Messages(cfg *Config) (Matches, error) {
	var (
		c     = counter{m: cfg.Filter.Matcher(), d: dissect.New(cfg.DB)}
		j     pipeline.Job
		names = cfg.Filter.NeedsNames() // else nothing has to be learned
		parts = cfg.Filter.Local() && !cfg.Sequential && cfg.Limit == 0
		first int64
		last  int64
	)
	for cfg.Limit == 0 || c.Read < cfg.Limit {
		if err := cfg.Source.Next(&j.Frame); err != nil {
			var corrupt *capture.CorruptError
			switch {
			case errors.As(err, &corrupt):
				cfg.Corrupt(corrupt)
				continue
			case err == io.EOF:
				return c.Matches, nil
			}
			return c.Matches, err
		}
		f := &j.Frame
		if c.Read == 0 {
			first, last = f.Time, f.Time
		}
		j.Delta, j.Since, last = f.Time-last, f.Time-first, f.Time
		j.Input = dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		if names {
			cfg.Session.Prepare(&j.Input, f.Stream())
			cfg.Prepared(&j)
		} else {
			cfg.Session.Glance(&j.Input, f.Stream())
		}
		cfg.Event(&c.ev, &j)
		c.count(&j.Input)
		if parts && cfg.Session.Settled() {
			parts = false
			if rest, ok := cfg.rest(f.Number); ok {
				c.add(rest)
				return c.Matches, nil
			}
		}
	}
	return c.Matches, nil
}
