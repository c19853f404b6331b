package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// collector keeps what arrives, as the official types.
type collector struct {
	*httptest.Server
	mu      sync.Mutex
	answer  func(path string, n int, w http.ResponseWriter) bool // false: 200
	n       map[string]int
	headers http.Header
	spans   []*tracepb.Span
	logs    []*logspb.LogRecord
	metrics []*metricspb.Metric
	attrs   map[string]string // of the resource
}

func newCollector(t *testing.T) *collector {
	c := unstarted(t)
	c.Start()
	return c
}

func unstarted(t *testing.T) *collector {
	c := &collector{n: map[string]int{}}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.answer != nil {
			c.mu.Lock()
			c.n[r.URL.Path]++
			n := c.n[r.URL.Path]
			c.mu.Unlock()
			if c.answer(r.URL.Path, n, w) {
				return
			}
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.headers = r.Header.Clone()
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			body = z
		}
		b, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		var traces tracepb.TracesData
		var logs logspb.LogsData
		var metrics metricspb.MetricsData
		m := map[string]proto.Message{"/v1/traces": &traces, "/v1/logs": &logs, "/v1/metrics": &metrics}[r.URL.Path]
		if m == nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("%s %s %s", r.Method, r.URL.Path, r.Header)
			return
		}
		if err := proto.Unmarshal(b, m); err != nil {
			t.Error(err)
		}
		for _, x := range traces.ResourceSpans {
			c.attrs = texts(x.Resource.Attributes)
			c.spans = append(c.spans, x.ScopeSpans[0].Spans...)
		}
		for _, x := range logs.ResourceLogs {
			c.logs = append(c.logs, x.ScopeLogs[0].LogRecords...)
		}
		for _, x := range metrics.ResourceMetrics {
			c.metrics = x.ScopeMetrics[0].Metrics
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// texts are attributes as text.
func texts(list []*commonpb.KeyValue) map[string]string {
	m := map[string]string{}
	for _, kv := range list {
		switch v := kv.Value.Value.(type) {
		case *commonpb.AnyValue_StringValue:
			m[kv.Key] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			m[kv.Key] = fmt.Sprint(v.IntValue)
		case *commonpb.AnyValue_BoolValue:
			m[kv.Key] = fmt.Sprint(v.BoolValue)
		case *commonpb.AnyValue_ArrayValue:
			for _, e := range v.ArrayValue.Values {
				m[kv.Key] += e.GetStringValue() + ";"
			}
		}
	}
	return m
}

// config takes the variables of a table's row.
func config(t *testing.T, target string, vars ...string) *Config {
	t.Helper()
	c, err := NewConfig(target, getenv(vars))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func getenv(vars []string) func(string) string {
	return func(name string) string {
		for _, v := range vars {
			if k, value, _ := strings.Cut(v, "="); k == name {
				return value
			}
		}
		return ""
	}
}

func refused(id uint64) (*flow.Exchange, *render.Facts) {
	e := &flow.Exchange{
		ID: id, Proto: 0, PortID: 77, Seq: 5, State: flow.Failed, Errno: -17, Errors: 1, Start: 1_000_000_000, FirstTime: 1_000_250_000, End: 1_000_250_000,
		Process: flow.Process{PID: 42, Comm: "ip"}, Messages: 1, Length: 40,
	}
	return e, &render.Facts{
		Op: "RTM_NEWLINK", Family: "rt-link", Protocol: "NETLINK_ROUTE", Errno: "EEXIST", Words: `"Device \xff exists"`, Comm: "ip", Exe: "/usr/sbin/ip",
		Line: "RTM_NEWLINK d0 → EEXIST", Why: []string{"one", "two"},
		Found: []render.Found{{Severity: dissect.Warning, Code: "exchange.error", Text: "the kernel refused with errno 17"}},
	}
}

func TestArrives(t *testing.T) {
	t.Parallel()
	for _, vars := range [][]string{{}, {"OTEL_EXPORTER_OTLP_COMPRESSION=none"}} {
		c := newCollector(t)
		x := Start(Options{
			Config:  config(t, c.URL, append(vars, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20x,a=b", "OTEL_RESOURCE_ATTRIBUTES=site=ber%2Clin,service.name=s", "OTEL_SERVICE_NAME=fleet")...),
			Version: "v1", Seed: []byte("seed"), Resource: map[string]string{"host.name": "h"}, Counts: func() Counts { return Counts{10, 3} },
		})
		e, f := refused(1)
		x.Exchange(e, f, 0)
		ok := *e
		ok.ID, ok.State, ok.Errno, ok.Errors, ok.FirstTime = 2, flow.Acknowledged, 0, 0, 1_000_002_000
		x.Exchange(&ok, &render.Facts{Op: "RTM_GETLINK", Protocol: "NETLINK_ROUTE", Line: "bad \xff utf8"}, 0)
		told, err := x.Close()
		if err != nil || told != (Told{Sent: 2}) {
			t.Fatalf("%+v %v", told, err)
		}
		if c.headers.Get("Authorization") != "Bearer x" || c.headers.Get("A") != "b" || c.headers.Get("User-Agent") != "nlsniff/v1" {
			t.Errorf("headers %v", c.headers)
		}
		if c.attrs["site"] != "ber,lin" || c.attrs["service.name"] != "fleet" || c.attrs["service.version"] != "v1" || c.attrs["host.name"] != "h" {
			t.Errorf("resource %v", c.attrs)
		}
		if len(c.spans) != 2 || len(c.logs) != 1 {
			t.Fatalf("%d spans, %d logs", len(c.spans), len(c.logs))
		}
		s := c.spans[0]
		if s.Name != "RTM_NEWLINK" || s.Kind != tracepb.Span_SPAN_KIND_CLIENT || s.StartTimeUnixNano != 1_000_000_000 || s.EndTimeUnixNano != 1_000_250_000 ||
			len(s.TraceId) != 16 || len(s.SpanId) != 8 || s.Status.GetCode() != tracepb.Status_STATUS_CODE_ERROR || !strings.HasPrefix(s.Status.Message, `EEXIST "Device`) {
			t.Errorf("%v", s)
		}
		got := texts(s.Attributes)
		for k, want := range map[string]string{
			"rpc.system.name": "netlink", "rpc.method": "RTM_NEWLINK", "rpc.response.status_code": "EEXIST", "error.type": "EEXIST",
			"process.pid": "42", "process.executable.name": "ip", "process.executable.path": "/usr/sbin/ip", "netlink.family": "rt-link",
			"netlink.portid": "77", "netlink.seq": "5", "netlink.latency_ns": "250000", "netlink.why": "one;two;", "netlink.state": "failed",
		} {
			if got[k] != want {
				t.Errorf("%s: %q, want %q", k, got[k], want)
			}
		}
		if s := c.spans[1]; s.Status != nil || texts(s.Attributes)["rpc.response.status_code"] != "OK" || texts(s.Attributes)["error.type"] != "" {
			t.Errorf("%v", s)
		}
		if l := c.logs[0]; !bytes.Equal(l.TraceId, s.TraceId) || !bytes.Equal(l.SpanId, s.SpanId) || l.EventName != "exchange.error" ||
			l.SeverityNumber != logspb.SeverityNumber_SEVERITY_NUMBER_WARN || l.Body.GetStringValue() != "the kernel refused with errno 17" {
			t.Errorf("%v", l)
		}
		checkMetrics(t, c.metrics)
	}
}

func checkMetrics(t *testing.T, list []*metricspb.Metric) {
	t.Helper()
	got := map[string]string{}
	for _, m := range list {
		for _, p := range m.GetSum().GetDataPoints() {
			a := texts(p.Attributes)
			got[m.Name+" "+a["rpc.method"]+a["nlsniff.fate"]] = fmt.Sprint(p.GetAsInt())
		}
		for _, p := range m.GetHistogram().GetDataPoints() {
			for i, n := range p.BucketCounts {
				if n > 0 {
					got[m.Name+" "+texts(p.Attributes)["rpc.method"]] = fmt.Sprint(n, " up to ", p.ExplicitBounds[i], " sum ", p.GetSum())
				}
			}
		}
	}
	for k, want := range map[string]string{
		"netlink.client.exchanges RTM_NEWLINK": "1", "netlink.client.exchanges RTM_GETLINK": "1",
		"rpc.client.call.duration RTM_NEWLINK": "1 up to 0.00025 sum 0.00025", "rpc.client.call.duration RTM_GETLINK": "1 up to 1e-05 sum 2e-06",
		"nlsniff.frames captured": "10", "nlsniff.frames dropped": "3", "nlsniff.spans sent": "2", "nlsniff.spans lost": "0",
	} {
		if got[k] != want {
			t.Errorf("%s: %q, want %q", k, got[k], want)
		}
	}
}

// TestTrouble: what a collector answers, how long is waited, and what becomes of
// three spans in as many requests.
func TestTrouble(t *testing.T) {
	t.Parallel()
	status := func(code int, header ...string) func(int, http.ResponseWriter) bool {
		return func(n int, w http.ResponseWriter) bool {
			if n > 1 {
				return false
			}
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			return true
		}
	}
	partial := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1)
	partial = protowire.AppendString(protowire.AppendTag(partial, 2, protowire.BytesType), "too old")
	partial = protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), partial)
	for _, test := range []struct {
		name   string
		answer func(int, http.ResponseWriter) bool
		told   Told
		waits  string // the first
		warned string
	}{
		{"well", func(int, http.ResponseWriter) bool { return false }, Told{Sent: 3}, "", ""},
		{"retry after", status(503, "Retry-After", "7"), Told{Sent: 3}, "7s", "503"},
		{"too many", status(429), Told{Sent: 3}, "about a second", "429"},
		{"bad gateway", status(502), Told{Sent: 3}, "about a second", "502"},
		{"no use", status(400), Told{Sent: 2, Lost: 1}, "", "400"},
		{"redirect", status(307, "Location", "http://127.0.0.1:1/"), Told{Sent: 2, Lost: 1}, "", "307"},
		{"partial", func(n int, w http.ResponseWriter) bool {
			if n == 2 {
				w.Write(partial)
			}
			return n == 2
		}, Told{Sent: 2, Rejected: 1}, "", "rejects 1 of a request's traces: too old"},
		{"never", func(_ int, w http.ResponseWriter) bool { w.WriteHeader(503); return true }, Told{Lost: 3}, "about a second", "503"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCollector(t)
			c.answer = func(path string, n int, w http.ResponseWriter) bool { return path == "/v1/traces" && test.answer(n, w) }
			var waits []time.Duration
			var warned []string
			x := Start(Options{
				Config: config(t, c.URL, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=1"), Seed: []byte("s"),
				Warn: func(err error) { warned = append(warned, err.Error()) },
				wait: func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil },
			})
			for id := range uint64(3) {
				e, f := refused(id)
				x.Exchange(e, f, 0)
			}
			told, err := x.Close()
			if told != test.told || (err == nil) != (test.told.Lost+test.told.Rejected == 0) {
				t.Errorf("%+v %v, want %+v", told, err, test.told)
			}
			first := ""
			if len(waits) > 0 {
				if first = waits[0].String(); waits[0] >= time.Second/2 && waits[0] < 3*time.Second/2 {
					first = "about a second"
				}
			}
			if first != test.waits {
				t.Errorf("waits %v, want %q", waits, test.waits)
			}
			if len(waits) > 20 {
				t.Errorf("tried %d times", len(waits))
			}
			if !strings.Contains(strings.Join(warned, "\n"), test.warned) {
				t.Errorf("warned %q, want %q", warned, test.warned)
			}
		})
	}
}

// TestFull: a live capture never waits for a collector.
func TestFull(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	free := make(chan struct{})
	c.answer = func(string, int, http.ResponseWriter) bool { <-free; return false }
	x := Start(Options{Config: config(t, c.URL, "OTEL_BSP_MAX_QUEUE_SIZE=2", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=1"), Seed: []byte("s"), Live: true})
	for id := range uint64(10) {
		e, f := refused(id)
		x.Exchange(e, f, 0)
	}
	close(free)
	told, err := x.Close()
	if err != nil || told.Sent+told.Dropped != 10 || told.Dropped < 7 || len(c.spans) != int(told.Sent) {
		t.Errorf("%+v %v, %d arrived", told, err, len(c.spans))
	}
}

// TestLines: the lines say what the requests say.
func TestLines(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	x := Start(Options{Config: config(t, "env"), Lines: &b, Seed: []byte("s")})
	e, f := refused(1)
	f.Line = `"traceId":"AAAA"`
	x.Exchange(e, f, 9)
	if _, err := x.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], `{"resourceSpans"`) || !strings.HasPrefix(lines[1], `{"resourceLogs"`) || !strings.HasPrefix(lines[2], `{"resourceMetrics"`) {
		t.Fatalf("%q", lines)
	}
	if !strings.Contains(lines[0], `"stringValue":"\"traceId\":\"AAAA\""`) {
		t.Errorf("a text is not what it was: %s", lines[0])
	}
	var v struct {
		ResourceSpans []struct {
			ScopeSpans []struct {
				Spans []struct {
					TraceID, SpanID   string
					Kind              int
					StartTimeUnixNano string
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(lines[0]), &v); err != nil {
		t.Fatal(err)
	}
	s := v.ResourceSpans[0].ScopeSpans[0].Spans[0]
	trace, span := ids([]byte("s\x00\x00\x00\x00\x00\x00\x00\x09"), 1)
	if s.TraceID != hex.EncodeToString(trace) || s.SpanID != hex.EncodeToString(span) || s.Kind != 3 || s.StartTimeUnixNano != "1000000000" {
		t.Errorf("%+v", s)
	}
}

func TestSampled(t *testing.T) {
	t.Parallel()
	n, wrong := 0, 0
	for i := range uint64(10000) {
		trace, _ := ids([]byte("s"), i)
		if sampled(trace, 0.1) {
			n++
			if !sampled(trace, 0.2) {
				wrong++
			}
		}
		if !sampled(trace, 1) || sampled(trace, 0) {
			wrong++
		}
	}
	if n < 900 || n > 1100 || wrong > 0 {
		t.Errorf("%d of 10000, %d wrong", n, wrong)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ target, vars, want string }{
		{"http://c:4318", "", "http://c:4318/v1/traces"},
		{"http://c:4318/", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://t/x", "http://c:4318/v1/traces"},
		{"env", "", "http://localhost:4318/v1/traces"},
		{"env", "OTEL_EXPORTER_OTLP_ENDPOINT=https://c/p", "https://c/p/v1/traces"},
		{"env", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://t/x", "http://t/x"},
		{"c:4318", "", `"c:4318" is no URL of a collector`},
		{"env", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", `OTEL_EXPORTER_OTLP_PROTOCOL="grpc": http/protobuf and http/json can be had`},
		{"env", "OTEL_EXPORTER_OTLP_COMPRESSION=zstd", `OTEL_EXPORTER_OTLP_COMPRESSION="zstd": gzip and none can be had`},
		{"env", "OTEL_BSP_MAX_QUEUE_SIZE=0", `OTEL_BSP_MAX_QUEUE_SIZE="0" is no number from 1 to 1048576`},
		{"env", "OTEL_TRACES_SAMPLER=traceidratio OTEL_TRACES_SAMPLER_ARG=2", `OTEL_TRACES_SAMPLER_ARG="2" is no number from 0 to 1`},
		{"env", "OTEL_EXPORTER_OTLP_HEADERS=secret", `OTEL_EXPORTER_OTLP_HEADERS: "secret" is no key=value`},
	} {
		c, err := NewConfig(test.target, getenv(strings.Fields(test.vars)))
		got := fmt.Sprint(err)
		if err == nil {
			got = c.traces
		}
		if got != test.want {
			t.Errorf("%s %s: %s, want %s", test.target, test.vars, got, test.want)
		}
	}
	if c := config(t, "env", "OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.25"); c.Ratio != 0.25 {
		t.Errorf("ratio %v", c.Ratio)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for s, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "-1": 0, "x": 0, "99999999": patience,
		now.Add(time.Minute).Format(http.TimeFormat): time.Minute, now.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		if got := retryAfter(s, now); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

// FuzzPartial: a collector's answer is somebody else's bytes.
func FuzzPartial(f *testing.F) {
	f.Add([]byte{0x0a, 4, 8, 1, 0x12, 0}, "application/x-protobuf")
	f.Add([]byte(`{"partialSuccess":{"rejectedSpans":"2","errorMessage":"no"}}`), "application/json")
	f.Fuzz(func(t *testing.T, b []byte, kind string) {
		if _, message := partial(b, kind); len(message) > len(b)*3 {
			t.Errorf("%d bytes say %d", len(b), len(message))
		}
	})
}
