package otlp

import (
	"slices"
	"strings"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"

	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// maxSeries bounds how many combinations of attributes are counted apart; all
// further ones are one, as OpenTelemetry has it.
const maxSeries = 2000

// bounds of latencies in seconds: netlink answers in microseconds.
var bounds = []float64{1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// series is what exchanges are counted by.
type series struct {
	protocol, family, method, state, code string
	overflow                              bool
}

type count struct {
	n       uint64 // exchanges
	timed   uint64 // of these, with a latency
	sum     float64
	buckets []uint64
}

type metrics struct{ by map[series]*count }

func newMetrics() *metrics { return &metrics{by: map[series]*count{}} }

// add counts an exchange.
func (m *metrics) add(e *flow.Exchange, f *render.Facts) {
	k := series{protocol: f.Protocol, family: f.Family, method: f.Op, state: e.State.String(), code: outcome(e, f)}
	c := m.by[k]
	if c == nil {
		if len(m.by) >= maxSeries {
			k = series{overflow: true}
		}
		if c = m.by[k]; c == nil {
			c = &count{buckets: make([]uint64, len(bounds)+1)}
			m.by[k] = c
		}
	}
	c.n++
	if d, ok := e.Latency(); ok && d >= 0 {
		s := time.Duration(d).Seconds()
		at, _ := slices.BinarySearch(bounds, s) // a bound belongs to its bucket
		c.buckets[at]++
		c.timed++
		c.sum += s
	}
}

func (k series) attributes() []*commonpb.KeyValue {
	a := attrs{limit: 256}
	a.yes("otel.metric.overflow", k.overflow)
	if !k.overflow {
		a.text("rpc.system.name", "netlink")
	}
	a.text("rpc.method", k.method)
	a.text("rpc.response.status_code", k.code)
	a.text("netlink.protocol", k.protocol)
	a.text("netlink.family", k.family)
	a.text("netlink.state", k.state)
	return a.list
}

func (k series) compare(l series) int {
	return strings.Compare(strings.Join([]string{k.protocol, k.family, k.method, k.state, k.code}, "\x00"),
		strings.Join([]string{l.protocol, l.family, l.method, l.state, l.code}, "\x00"))
}

// data is all that was counted since the beginning.
func (m *metrics) data(began, now time.Time, c Counts, t Told) *metricspb.ResourceMetrics {
	from, to := uint64(began.UnixNano()), uint64(now.UnixNano())
	exchanges, latencies := []*metricspb.NumberDataPoint{}, []*metricspb.HistogramDataPoint{}
	keys := make([]series, 0, len(m.by))
	for k := range m.by {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, series.compare)
	for _, k := range keys {
		n, a := m.by[k], k.attributes()
		exchanges = append(exchanges, point(n.n, from, to, a))
		if seconds := n.sum; n.timed > 0 {
			latencies = append(latencies, &metricspb.HistogramDataPoint{
				Attributes: a, StartTimeUnixNano: from, TimeUnixNano: to, Count: n.timed, Sum: &seconds,
				BucketCounts: slices.Clone(n.buckets), ExplicitBounds: bounds,
			})
		}
	}
	fate := func(n uint64, what string) *metricspb.NumberDataPoint {
		a := attrs{limit: 256}
		a.text("nlsniff.fate", what)
		return point(n, from, to, a.list)
	}
	list := []*metricspb.Metric{
		sum("netlink.client.exchanges", "{exchange}", "requests, by what came of them", exchanges),
		{
			Name: "rpc.client.call.duration", Unit: "s", Description: "time from a request to its first answer",
			Data: &metricspb.Metric_Histogram{Histogram: &metricspb.Histogram{
				DataPoints: latencies, AggregationTemporality: metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE,
			}},
		},
		sum("nlsniff.frames", "{frame}", "frames that were captured, and that the kernel dropped for lack of room", []*metricspb.NumberDataPoint{
			fate(c.Captured, "captured"), fate(c.Dropped, "dropped"),
		}),
		sum("nlsniff.spans", "{span}", "spans, by what became of them", []*metricspb.NumberDataPoint{
			fate(t.Sent, "sent"), fate(t.Dropped, "dropped"), fate(t.Lost, "lost"), fate(t.Rejected, "rejected"),
		}),
	}
	return &metricspb.ResourceMetrics{ScopeMetrics: []*metricspb.ScopeMetrics{{Metrics: list}}}
}

func metricsData(m *metricspb.ResourceMetrics) *metricspb.MetricsData {
	return &metricspb.MetricsData{ResourceMetrics: []*metricspb.ResourceMetrics{m}}
}

func point(n, from, to uint64, a []*commonpb.KeyValue) *metricspb.NumberDataPoint {
	return &metricspb.NumberDataPoint{Attributes: a, StartTimeUnixNano: from, TimeUnixNano: to, Value: &metricspb.NumberDataPoint_AsInt{AsInt: int64(n)}}
}

func sum(name, unit, what string, points []*metricspb.NumberDataPoint) *metricspb.Metric {
	return &metricspb.Metric{Name: name, Unit: unit, Description: what, Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{
		DataPoints: points, IsMonotonic: true, AggregationTemporality: metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE,
	}}}
}

// resource says what all of it comes from.
func resource(all map[string]string) *resourcepb.Resource {
	a := attrs{limit: 1024}
	keys := make([]string, 0, len(all))
	for k := range all {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		a.text(clip(k, a.limit), all[k])
	}
	return &resourcepb.Resource{Attributes: a.list}
}
