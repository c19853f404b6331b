// Package otlp sends exchanges to an OpenTelemetry collector: a span each, a log
// record for what was found, and metrics, as OTLP over HTTP or as lines of JSON.
package otlp

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// Options are what an exporter is told by who starts it.
type Options struct {
	Config   *Config
	Lines    io.Writer // JSON goes here instead, a request a line
	Resource map[string]string
	Version  string
	Seed     []byte          // what makes the ids of this run its own
	Live     bool            // what is full drops; a file waits
	Counts   func() Counts   // of the capture, so far; may be nil
	Warn     func(err error) // may be nil

	wait func(ctx context.Context, d time.Duration) error // for tests
}

// Counts is what a capture says of itself.
type Counts struct{ Captured, Dropped uint64 }

// Exporter sends what it is given in the background.
type Exporter struct {
	o        Options
	resource *resourcepb.Resource
	scope    *commonpb.InstrumentationScope
	queue    chan item
	done     chan struct{} // the background has ended
	ctx      context.Context
	cancel   context.CancelFunc
	began    time.Time
	gaveUp   bool // on a collector that does not answer

	mu      sync.Mutex
	metrics *metrics
	told    Told
	warned  map[string]bool
}

// Told is what became of spans.
type Told struct {
	Sent     uint64
	Dropped  uint64 // as the queue was full
	Lost     uint64 // the collector could not be reached, or refused them
	Rejected uint64 // by a collector that took the others
}

type item struct {
	span *tracepb.Span
	logs []*logspb.LogRecord
}

// Start begins to export.
func Start(o Options) *Exporter {
	x := &Exporter{o: o, queue: make(chan item, o.Config.Queue), done: make(chan struct{}), began: time.Now(), warned: map[string]bool{}}
	if x.o.wait == nil {
		x.o.wait = wait
	}
	x.metrics = newMetrics()
	x.ctx, x.cancel = context.WithCancel(context.Background())
	all := map[string]string{"service.name": "nlsniff", "service.version": o.Version}
	for _, m := range []map[string]string{o.Resource, o.Config.attrs} {
		for k, v := range m {
			all[k] = v
		}
	}
	x.resource = resource(all)
	x.scope = &commonpb.InstrumentationScope{Name: "github.com/nlsniff/nlsniff", Version: o.Version}
	go x.run()
	return x
}

// Exchange takes an exchange that has ended, of a capture that began at first. It
// is safe for use by several goroutines.
func (x *Exporter) Exchange(e *flow.Exchange, f *render.Facts, first int64) {
	if x.o.Config.Off {
		return
	}
	x.mu.Lock()
	x.metrics.add(e, f)
	x.mu.Unlock()
	seed := binary.BigEndian.AppendUint64(slices.Clip(x.o.Seed), uint64(first))
	if trace, _ := ids(seed, e.ID); !sampled(trace, x.o.Config.Ratio) {
		return
	}
	var it item
	it.span, it.logs = newSpan(seed, e, f, x.o.Config.Limit)
	if !x.o.Live {
		x.queue <- it
		return
	}
	select {
	case x.queue <- it:
	default:
		x.count(func(t *Told) { t.Dropped++ })
	}
}

func (x *Exporter) count(fn func(*Told)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	fn(&x.told)
}

// Close sends what waits and the last metrics, and says what became of it all.
// Live, it takes as long as one request may.
func (x *Exporter) Close() (Told, error) {
	close(x.queue)
	if x.o.Live {
		t := time.AfterFunc(x.o.Config.Timeout, x.cancel)
		defer t.Stop()
	}
	<-x.done
	x.cancel()
	x.mu.Lock()
	defer x.mu.Unlock()
	if n := x.told.Lost + x.told.Rejected; n > 0 {
		return x.told, fmt.Errorf("%d of %d spans did not reach the collector", n, n+x.told.Sent)
	}
	return x.told, nil
}

// run makes batches and sends them.
func (x *Exporter) run() {
	defer close(x.done)
	flush, report := time.NewTicker(x.o.Config.Delay), time.NewTicker(x.o.Config.Interval)
	defer flush.Stop()
	defer report.Stop()
	var batch []item
	send := func() {
		x.sendBatch(batch)
		clear(batch)
		batch = batch[:0]
	}
	for {
		select {
		case it, ok := <-x.queue:
			if !ok {
				send()
				x.sendMetrics()
				return
			}
			if batch = append(batch, it); len(batch) >= x.o.Config.Batch {
				send()
			}
		case <-flush.C:
			send()
		case <-report.C:
			x.sendMetrics()
		}
	}
}

func (x *Exporter) sendBatch(batch []item) {
	if len(batch) == 0 {
		return
	}
	spans, logs := &tracepb.ScopeSpans{Scope: x.scope}, &logspb.ScopeLogs{Scope: x.scope}
	for _, it := range batch {
		spans.Spans = append(spans.Spans, it.span)
		logs.LogRecords = append(logs.LogRecords, it.logs...)
	}
	n := uint64(len(batch))
	rejected, err := x.send("traces", &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{Resource: x.resource, ScopeSpans: []*tracepb.ScopeSpans{spans}}}})
	rejected = min(rejected, n)
	x.count(func(t *Told) {
		if err != nil {
			t.Lost += n
			return
		}
		t.Rejected += rejected
		t.Sent += n - rejected
	})
	if err == nil && len(logs.LogRecords) > 0 {
		_, err = x.send("logs", &logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{Resource: x.resource, ScopeLogs: []*logspb.ScopeLogs{logs}}}})
	}
	x.warn(err)
}

func (x *Exporter) sendMetrics() {
	if x.o.Config.Off {
		return
	}
	var c Counts
	if x.o.Counts != nil {
		c = x.o.Counts()
	}
	x.mu.Lock()
	data := x.metrics.data(x.began, time.Now(), c, x.told)
	x.mu.Unlock()
	data.Resource = x.resource
	data.ScopeMetrics[0].Scope = x.scope
	_, err := x.send("metrics", metricsData(data))
	x.warn(err)
}

// warn says each kind of trouble once.
func (x *Exporter) warn(err error) {
	if err == nil || x.o.Warn == nil {
		return
	}
	x.mu.Lock()
	again := x.warned[err.Error()] || len(x.warned) > 16
	x.warned[err.Error()] = true
	x.mu.Unlock()
	if !again {
		x.o.Warn(err)
	}
}

// writeLine writes a request as a line of JSON.
func (x *Exporter) writeLine(b []byte) error {
	_, err := x.o.Lines.Write(append(bytes.TrimSpace(b), '\n'))
	return err
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return errors.New("the time is over")
	case <-t.C:
		return nil
	}
}
