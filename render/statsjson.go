package render

import (
	"encoding/json"

	"github.com/nlsniff/nlsniff/flow"
)

// The JSON form of sums; docs/json.md describes it.
type (
	statsJSON struct {
		Frames     int             `json:"frames"`
		Messages   int             `json:"messages"`
		Copies     int             `json:"copies,omitempty"`
		Bytes      int64           `json:"bytes"`
		DurationNS int64           `json:"duration_ns"`
		Troubles   *troublesJSON   `json:"troubles,omitempty"`
		Exchanges  groupJSON       `json:"exchanges"`
		Families   []groupJSON     `json:"families,omitempty"`
		Operations []groupJSON     `json:"operations,omitempty"`
		Processes  []groupJSON     `json:"processes,omitempty"`
		Errors     []groupJSON     `json:"errors,omitempty"`
		Sockets    []conversation  `json:"conversations,omitempty"`
		IntervalNS int64           `json:"interval_ns,omitempty"`
		Intervals  []intervalJSON  `json:"intervals,omitempty"`
		Findings   []expertiseJSON `json:"findings,omitempty"`
	}
	troublesJSON struct {
		Overruns     int   `json:"overruns,omitempty"`
		LostMessages int64 `json:"lost_messages,omitempty"`
		Cut          int   `json:"cut,omitempty"`
		CutBytes     int64 `json:"cut_bytes,omitempty"`
		Unread       int   `json:"unread,omitempty"`
		Refused      int   `json:"refused,omitempty"`
		Unseen       int   `json:"unseen,omitempty"`
	}
	groupJSON struct {
		Name       string    `json:"name,omitempty"`
		Count      int       `json:"count"`
		OK         int       `json:"ok"`
		Failed     int       `json:"failed"`
		Unanswered int       `json:"unanswered"`
		Orphans    int       `json:"orphans"`
		Other      int       `json:"other"`
		Messages   int64     `json:"messages"`
		Bytes      int64     `json:"bytes"`
		Latency    *timeJSON `json:"latency_ns,omitempty"`
		Duration   *timeJSON `json:"duration_ns,omitempty"`
	}
	timeJSON struct {
		N    int   `json:"n"`
		Min  int64 `json:"min"`
		P50  int64 `json:"p50"`
		P90  int64 `json:"p90"`
		P99  int64 `json:"p99"`
		Max  int64 `json:"max"`
		Mean int64 `json:"mean"`
	}
	conversation struct {
		Process    string `json:"process"`
		PortID     uint32 `json:"portid"`
		Protocol   string `json:"protocol"`
		Sent       int    `json:"sent_messages"`
		SentBytes  int64  `json:"sent_bytes"`
		Received   int    `json:"received_messages"`
		RecvBytes  int64  `json:"received_bytes"`
		StartNS    int64  `json:"start_ns"`
		DurationNS int64  `json:"duration_ns"`
	}
	intervalJSON struct {
		StartNS   int64 `json:"start_ns"`
		Frames    int   `json:"frames"`
		Messages  int   `json:"messages"`
		Bytes     int64 `json:"bytes"`
		Exchanges int   `json:"exchanges"`
		Failed    int   `json:"failed"`
	}
	expertiseJSON struct {
		Code     string `json:"code"`
		Severity string `json:"severity"`
		Count    int    `json:"count"`
		Frame    int    `json:"frame"`
		Exchange uint64 `json:"exchange,omitempty"`
	}
)

// AppendStatsJSON appends sums as one object with what the tables would show.
func AppendStatsJSON(dst []byte, s *flow.Stats, tables ...string) []byte {
	o := statsJSON{Frames: s.Frames, Messages: s.Messages, Copies: s.Copies, Bytes: s.Bytes, DurationNS: s.Last - s.First, Exchanges: sumJSON(flow.Named{Group: &s.Total})}
	if s.Troubles.Any() {
		t := troublesJSON(s.Troubles)
		o.Troubles = &t
	}
	for _, name := range tables {
		switch name {
		case "io,stat":
			o.IntervalNS = s.Step
			for _, n := range intervals(s) {
				i := s.Intervals[n]
				o.Intervals = append(o.Intervals, intervalJSON{n * s.Step, i.Frames, i.Messages, i.Bytes, i.Exchanges, i.Failed})
			}
		case "conv":
			for _, c := range conversations(s) {
				e := flow.Exchange{Process: c.Process, PortID: c.PortID}
				o.Sockets = append(o.Sockets, conversation{escaped(flow.Who(&e)), c.PortID, protocolName(c.Proto), c.Sent, c.SentBytes,
					c.Received, c.RecvBytes, c.Start - s.First, c.End - c.Start})
			}
		case "expert":
			for _, x := range experts(s) {
				o.Findings = append(o.Findings, expertiseJSON{x.Code, x.Severity.String(), x.Count, x.Frame, x.Exchange})
			}
		case "rtt":
			o.Operations = groupsJSON(s.Ops)
		case "overview":
			o.Families, o.Operations = groupsJSON(s.Families), groupsJSON(s.Ops)
			o.Processes, o.Errors = groupsJSON(s.Processes), groupsJSON(s.Errnos)
		}
	}
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // numbers and escaped strings
	}
	return append(append(dst, b...), '\n')
}

func groupsJSON(m map[string]*flow.Group) []groupJSON {
	var out []groupJSON
	for _, n := range flow.Sorted(m) {
		out = append(out, sumJSON(n))
	}
	return out
}

func sumJSON(n flow.Named) groupJSON {
	return groupJSON{escaped(n.Name), n.Exchanges, n.OK, n.Failed, n.Unanswered, n.Orphans, n.Other, n.Messages, n.Bytes,
		spread(&n.Latency), spread(&n.Duration)}
}

func spread(h *flow.Histogram) *timeJSON {
	if h.N == 0 {
		return nil
	}
	return &timeJSON{h.N, h.Min, h.Quantile(0.5), h.Quantile(0.9), h.Quantile(0.99), h.Max, h.Sum / int64(h.N)}
}
