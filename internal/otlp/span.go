package otlp

import (
	"crypto/sha256"
	"encoding/binary"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// ids are those of an exchange's span. The trace's last bytes are as good as
// random, which is what others sample by.
func ids(seed []byte, exchange uint64) (trace, span []byte) {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(seed[:len(seed):len(seed)], exchange))
	return sum[:16], sum[16:24]
}

// sampled decides by a trace's id, as other samplers do, so that all of them agree.
func sampled(trace []byte, ratio float64) bool {
	return ratio >= 1 || float64(binary.BigEndian.Uint64(trace[8:])>>1) < ratio*(1<<63)
}

// attrs collects attributes, and leaves out those that say nothing.
type attrs struct {
	list  []*commonpb.KeyValue
	limit int // bytes of a text
}

func (a *attrs) text(key, value string) {
	if value != "" {
		a.list = append(a.list, &commonpb.KeyValue{Key: key, Value: str(clip(value, a.limit))})
	}
}

func (a *attrs) number(key string, value int64) {
	if value != 0 {
		a.list = append(a.list, &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: value}}})
	}
}

func (a *attrs) yes(key string, value bool) {
	if value {
		a.list = append(a.list, &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: true}}})
	}
}

func (a *attrs) texts(key string, values []string) {
	if len(values) == 0 {
		return
	}
	list := &commonpb.ArrayValue{}
	for _, v := range values {
		list.Values = append(list.Values, str(clip(v, a.limit)))
	}
	a.list = append(a.list, &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: list}}})
}

func str(s string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
}

// clip cuts a text to a number of bytes. protobuf takes UTF-8 only. What is cut off
// must not be kept by what is left: spans wait by the thousand.
func clip(s string, limit int) string {
	long := len(s) > limit
	s = strings.ToValidUTF8(s[:min(len(s), limit+utf8.UTFMax)], "�")
	if len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s = s[:limit]
	}
	if long {
		s = strings.Clone(s)
	}
	return s
}

// newSpan makes the span of an exchange, and a log record of each finding.
func newSpan(seed []byte, e *flow.Exchange, f *render.Facts, limit int) (*tracepb.Span, []*logspb.LogRecord) {
	s := &tracepb.Span{Name: clip(f.Op, limit), Kind: tracepb.Span_SPAN_KIND_CLIENT}
	s.TraceId, s.SpanId = ids(seed, e.ID)
	if s.Name == "" {
		s.Name = f.Protocol // an orphan that tells nothing
	}
	begin, end := e.Start, max(e.Start, e.End, e.FirstTime)
	if begin == 0 {
		begin = e.FirstTime
	}
	s.StartTimeUnixNano, s.EndTimeUnixNano = uint64(max(begin, 0)), uint64(max(end, 0))

	a := attrs{limit: limit}
	a.text("rpc.system.name", "netlink")
	a.text("rpc.method", s.Name)
	code := outcome(e, f)
	a.text("rpc.response.status_code", code)
	if e.Refused() {
		a.text("error.type", code)
		s.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: clip(strings.TrimSpace(code+" "+f.Words), limit)}
	} else if !e.OK() && e.State != flow.Orphan {
		a.text("error.type", e.State.String())
	}
	a.number("process.pid", int64(e.Process.PID))
	a.number("thread.id", int64(e.Process.TID))
	if f.Exe != "" {
		a.text("process.executable.name", path.Base(f.Exe))
		a.text("process.executable.path", f.Exe)
	} else {
		a.text("process.executable.name", f.Comm)
	}
	if e.Process.HasUID {
		a.text("process.user.id", strconv.FormatUint(uint64(e.Process.UID), 10))
	}
	a.text("netlink.protocol", f.Protocol)
	a.text("netlink.family", f.Family)
	a.number("netlink.portid", int64(e.PortID))
	a.number("netlink.seq", int64(e.Seq))
	a.number("netlink.exchange", int64(e.ID))
	a.text("netlink.state", e.State.String())
	if e.Reason != flow.NoReason {
		a.text("netlink.reason", e.Reason.String())
	}
	a.yes("netlink.dump", e.Dump)
	a.number("netlink.netns", int64(e.Process.NetNS))
	a.number("netlink.request.messages", int64(e.Messages))
	a.number("netlink.request.bytes", int64(e.Length))
	a.number("netlink.replies", int64(e.Replies))
	a.number("netlink.reply.bytes", int64(e.ReplyBytes))
	a.number("netlink.notifications", int64(e.Notified))
	if d, ok := e.Latency(); ok {
		a.number("netlink.latency_ns", d)
	}
	a.text("netlink.ext_ack", f.Words)
	a.texts("netlink.why", f.Why)
	a.text("netlink.summary", f.Line)
	s.Attributes = a.list

	var records []*logspb.LogRecord
	for _, x := range f.Found {
		r := attrs{limit: limit}
		r.text("netlink.finding", x.Code)
		r.text("rpc.method", s.Name)
		records = append(records, &logspb.LogRecord{
			TimeUnixNano: s.EndTimeUnixNano, ObservedTimeUnixNano: s.EndTimeUnixNano, TraceId: s.TraceId, SpanId: s.SpanId, EventName: x.Code,
			SeverityNumber: severities[x.Severity], SeverityText: x.Severity.String(), Body: str(clip(x.Text, limit)), Attributes: r.list,
		})
	}
	return s, records
}

var severities = map[dissect.Severity]logspb.SeverityNumber{
	dissect.Note:    logspb.SeverityNumber_SEVERITY_NUMBER_INFO,
	dissect.Warning: logspb.SeverityNumber_SEVERITY_NUMBER_WARN,
	dissect.Error:   logspb.SeverityNumber_SEVERITY_NUMBER_ERROR,
}

// outcome is the code of what came of an exchange: the name of an error, OK, or
// nothing where the capture does not tell.
func outcome(e *flow.Exchange, f *render.Facts) string {
	switch {
	case f.Errno != "":
		return f.Errno
	case e.Errno < 0:
		return strconv.Itoa(int(-e.Errno))
	case e.OK():
		return "OK"
	}
	return ""
}
