package nlsniff

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync/atomic"
	"time"

	"github.com/nlsniff/nlsniff/capture"
)

// Frames yields the frames of a source, decoded, to its end. A part of the
// source that cannot be read is yielded as a *capture.CorruptError, and what
// stands behind it goes on; any other error is the last. The names that a live
// source can tell are learned first.
//
// When ctx ends, its error is yielded and that is all: also while the source
// waits for a frame, which it is then closed for. A loop that is left early
// leaves the source open.
func (d *Decoder) Frames(ctx context.Context, src capture.Source) iter.Seq2[*Frame, error] {
	return func(yield func(*Frame, error) bool) {
		d.introduce(src)
		p := pull(ctx, src)
		defer p.stop()
		for {
			f, err := p.next(nil)
			switch {
			case errors.Is(err, io.EOF):
				return
			case err != nil:
				if !yield(nil, err) || !p.goesOn(err) {
					return
				}
			case !yield(d.Decode(f), nil):
				return
			}
		}
	}
}

// Exchanges joins the messages of a source and yields the exchanges in the
// order in which they end; at the source's end also those that are still open.
// Errors and ctx are as in Frames. An exchange whose end is known is yielded
// though no frame follows, at most a second later.
func (d *Decoder) Exchanges(ctx context.Context, src capture.Source) iter.Seq2[*Exchange, error] {
	return func(yield func(*Exchange, error) bool) {
		d.introduce(src)
		p := pull(ctx, src)
		defer p.stop()
		j := newJoiner(d.db)
		hand := func() bool {
			for _, x := range j.take() {
				if !yield(x, nil) {
					return false
				}
			}
			return true
		}
		for {
			f, err := p.next(func(now int64) bool { j.t.Tick(now); return hand() })
			switch {
			case errors.Is(err, errLeft):
				return
			case errors.Is(err, io.EOF):
				j.t.Close()
				hand()
				return
			case err != nil:
				if !yield(nil, err) || !p.goesOn(err) {
					return
				}
			default:
				d.join(j, f)
				if !hand() {
					return
				}
			}
		}
	}
}

// join has a joiner take the next frame, whose bytes are the source's.
func (d *Decoder) join(j *joiner, f *capture.Frame) {
	d.mu.Lock()
	defer d.mu.Unlock()
	in := d.learn(f)
	j.observe(f, in)
}

// introduce learns the names that a live source asks the kernel for. Where that
// fails, messages go without.
func (d *Decoder) introduce(src capture.Source) {
	s, ok := src.(interface {
		Introduce(func(*capture.Frame) error) error
	})
	if !ok {
		return
	}
	_ = s.Introduce(func(f *capture.Frame) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.learn(f)
		return nil
	})
}

// errLeft says that the loop was left.
var errLeft = errors.New("the loop was left")

// puller reads a source in a goroutine of its own, one frame ahead of nobody: a
// frame's bytes are valid until the next is asked for.
type puller struct {
	ctx  context.Context
	src  capture.Source
	ask  chan struct{}
	got  chan error
	f    capture.Frame
	time int64       // of the last frame
	came time.Time   // when it came
	busy bool        // a read is under way
	gone atomic.Bool // nobody waits for it any more
}

const (
	// tickEvery is how often a loop that waits is told the time, and a source
	// that follows a file is asked again.
	tickEvery = 50 * time.Millisecond
)

func pull(ctx context.Context, src capture.Source) *puller {
	p := &puller{ctx: ctx, src: src, ask: make(chan struct{}), got: make(chan error, 1), came: time.Now()}
	go func() {
		for range p.ask {
			p.got <- src.Next(&p.f)
		}
		if p.gone.Load() {
			_ = src.Close()
		}
	}()
	return p
}

// next waits for a frame. Meanwhile tick, if it is not nil, is told the time, as
// far as the frames' clock tells: false ends with errLeft.
func (p *puller) next(tick func(now int64) bool) (*capture.Frame, error) {
	if err := p.ctx.Err(); err != nil {
		return nil, p.cancelled(err)
	}
	p.ask <- struct{}{}
	p.busy = true
	timer := time.NewTimer(tickEvery)
	defer timer.Stop()
	for {
		select {
		case err := <-p.got:
			p.busy = false
			if errors.Is(err, capture.ErrTryAgain) {
				again := time.NewTimer(tickEvery)
				select {
				case <-again.C:
				case <-p.ctx.Done():
					again.Stop()
					return nil, p.cancelled(p.ctx.Err())
				}
				if !p.tell(tick) {
					return nil, errLeft
				}
				p.ask <- struct{}{}
				p.busy = true
				continue
			}
			if err != nil {
				return nil, err
			}
			p.time, p.came = p.f.Time, time.Now()
			return &p.f, nil
		case <-p.ctx.Done():
			return nil, p.cancelled(p.ctx.Err())
		case <-timer.C:
			if !p.tell(tick) {
				// The read goes on; its frame is lost.
				return nil, errLeft
			}
			timer.Reset(tickEvery)
		}
	}
}

func (p *puller) tell(tick func(now int64) bool) bool {
	return tick == nil || p.time == 0 || tick(p.time+int64(time.Since(p.came)))
}

// cancelled ends a read that may be waiting, and closes the source.
func (p *puller) cancelled(err error) error {
	interrupt := p.interrupt()
	if p.busy && interrupt != nil {
		p.gone.Store(true) // whose goroutine closes the source
		interrupt()
		return err
	}
	_ = p.src.Close()
	return err
}

// interrupt returns what ends a read that waits, nil if only Close does.
func (p *puller) interrupt() func() {
	switch s := p.src.(type) {
	case interface{ Interrupt() }:
		return s.Interrupt
	case interface{ Stop() }:
		return s.Stop
	}
	return nil
}

// stop lets the goroutine end.
func (p *puller) stop() { close(p.ask) }

// goesOn says whether there may be more behind an error.
func (p *puller) goesOn(err error) bool {
	var corrupt *capture.CorruptError
	return errors.As(err, &corrupt)
}
