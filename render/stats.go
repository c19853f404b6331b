package render

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// StatsTables are the tables of flow.Stats, by the names that -z has for them.
var StatsTables = []string{"io,stat", "conv", "expert", "rtt", "overview"}

// AppendStats appends tables of sums as text.
func AppendStats(dst []byte, s *flow.Stats, tables ...string) []byte {
	var b bytes.Buffer
	for i, name := range tables {
		if i > 0 {
			b.WriteByte('\n')
		}
		switch name {
		case "io,stat":
			ioTable(&b, s)
		case "conv":
			convTable(&b, s)
		case "expert":
			expertTable(&b, s)
		case "rtt":
			rttTable(&b, s)
		case "overview":
			overview(&b, s)
		}
	}
	return append(dst, b.Bytes()...)
}

// table writes rows in columns: the first to the left, the others to the right.
func table(out io.Writer, head string, rows [][]string) {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	first := strings.Split(head, "\t")[0]
	width := len([]rune(first))
	for _, r := range rows {
		width = max(width, len([]rune(r[0])))
	}
	left := func(s string) string { return s + strings.Repeat(" ", width-len([]rune(s))) }
	fmt.Fprintf(w, "%s\t%s\t\n", left(first), strings.Join(strings.Split(head, "\t")[1:], "\t"))
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t\n", left(r[0]), strings.Join(r[1:], "\t"))
	}
	w.Flush()
}

// overview writes the groups of exchanges, and how they went over time.
func overview(out *bytes.Buffer, s *flow.Stats) {
	t := &s.Total
	copies := ""
	if s.Copies > 0 {
		copies = fmt.Sprintf(" (%d of them copies for further receivers)", s.Copies)
	}
	fmt.Fprintf(out, "%s, %s%s, %s in %s s\n", phrase.Count(s.Frames, "frame"), phrase.Count(s.Messages, "message"), copies, phrase.Count(s.Bytes, "byte"), seconds(s.Last-s.First))
	fmt.Fprintf(out, "%s: %d ok, %d failed, %d unanswered, %s, %d other\n", phrase.Count(t.Exchanges, "exchange"), t.OK, t.Failed, t.Unanswered, phrase.Count(t.Orphans, "orphan"), t.Other)
	if s.Troubles.Any() {
		fmt.Fprintf(out, "trouble: %s\n", strings.Join(Troubles(&s.Troubles), ", "))
	}
	if line := rate(s); line != "" {
		fmt.Fprintf(out, "exchanges over time: %s\n", line)
	}
	for _, g := range []struct {
		name   string
		groups map[string]*flow.Group
	}{{"family", s.Families}, {"operation", s.Ops}, {"process", s.Processes}, {"error", s.Errnos}} {
		if len(g.groups) == 0 {
			continue
		}
		out.WriteByte('\n')
		var rows [][]string
		for _, n := range flow.Sorted(g.groups) {
			rows = append(rows, []string{escaped(n.Name), strconv.Itoa(n.Exchanges), strconv.Itoa(n.OK), strconv.Itoa(n.Failed),
				strconv.Itoa(n.Unanswered), strconv.FormatInt(n.Messages, 10), strconv.FormatInt(n.Bytes, 10),
				millis(n.Latency.Quantile(0.5), n), millis(n.Latency.Quantile(0.99), n)})
		}
		table(out, g.name+"\texchanges\tok\tfailed\tunanswered\tmessages\tbytes\tp50 ms\tp99 ms", rows)
	}
}

// rate draws how many exchanges began in each part of the capture.
func rate(s *flow.Stats) string {
	const width = 60
	bars := []rune("▁▂▃▄▅▆▇█")
	span := s.Last - s.First
	if span <= 0 || s.Total.Exchanges == 0 {
		return ""
	}
	var sum [width]int
	for n, i := range s.Intervals {
		at := n * s.Step * width / (span + 1)
		if at >= 0 && at < width {
			sum[at] += i.Exchanges
		}
	}
	most := slices.Max(sum[:])
	var b strings.Builder
	for _, n := range sum {
		if n == 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(bars[(n*len(bars)-1)/max(most, 1)])
	}
	return "▕" + b.String() + "▏ at most " + strconv.Itoa(most) + " in " + seconds(span/width) + " s"
}

// ioTable writes what went on in each interval.
func ioTable(out io.Writer, s *flow.Stats) {
	var rows [][]string
	for _, n := range intervals(s) {
		i := s.Intervals[n]
		rows = append(rows, []string{seconds(n*s.Step) + " <> " + seconds((n+1)*s.Step), strconv.Itoa(i.Frames), strconv.Itoa(i.Messages),
			strconv.FormatInt(i.Bytes, 10), strconv.Itoa(i.Exchanges), strconv.Itoa(i.Failed)})
	}
	table(out, "interval s\tframes\tmessages\tbytes\texchanges\tfailed", rows)
}

// intervals returns the numbers of the intervals that hold something.
func intervals(s *flow.Stats) []int64 {
	var out []int64
	for n := range s.Intervals {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// conversations returns them in the order of their size.
func conversations(s *flow.Stats) []*flow.Conversation {
	var out []*flow.Conversation
	for _, c := range s.Conversations {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *flow.Conversation) int {
		x, y := &a.Process, &b.Process
		return cmp.Or(cmp.Compare(b.SentBytes+b.RecvBytes, a.SentBytes+a.RecvBytes), cmp.Compare(a.Start, b.Start),
			cmp.Compare(a.PortID, b.PortID), cmp.Compare(a.Proto, b.Proto), cmp.Compare(x.PID, y.PID), cmp.Compare(x.Comm, y.Comm))
	})
	return out
}

func convTable(out io.Writer, s *flow.Stats) {
	var rows [][]string
	for _, c := range conversations(s) {
		e := flow.Exchange{Process: c.Process, PortID: c.PortID}
		rows = append(rows, []string{escaped(flow.Who(&e)) + " <-> " + protocolName(c.Proto), strconv.FormatUint(uint64(c.PortID), 10),
			strconv.Itoa(c.Sent), strconv.FormatInt(c.SentBytes, 10), strconv.Itoa(c.Received), strconv.FormatInt(c.RecvBytes, 10),
			strconv.Itoa(c.Sent + c.Received), strconv.FormatInt(c.SentBytes+c.RecvBytes, 10), seconds(c.Start - s.First), seconds(c.End - c.Start)})
	}
	table(out, "socket\tportid\t→ messages\tbytes\t← messages\tbytes\ttotal\tbytes\tstart s\tduration s", rows)
}

// experts returns the findings, the worst and the most frequent first.
func experts(s *flow.Stats) []*flow.Expert {
	var out []*flow.Expert
	for _, x := range s.Findings {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b *flow.Expert) int {
		switch {
		case a.Severity != b.Severity:
			return int(b.Severity) - int(a.Severity)
		case a.Count != b.Count:
			return b.Count - a.Count
		}
		return strings.Compare(a.Code, b.Code)
	})
	return out
}

func expertTable(out io.Writer, s *flow.Stats) {
	var rows [][]string
	for _, x := range experts(s) {
		first := strconv.Itoa(x.Frame)
		exchange := ""
		if x.Exchange != 0 {
			exchange = "#" + strconv.FormatUint(x.Exchange, 10)
		}
		rows = append(rows, []string{x.Code, x.Severity.String(), strconv.Itoa(x.Count), first, exchange})
	}
	table(out, "finding\tseverity\tcount\tfirst frame\texchange", rows)
}

// rttTable writes how long the kernel took to answer, by operation.
func rttTable(out io.Writer, s *flow.Stats) {
	var rows [][]string
	row := func(name string, h *flow.Histogram) {
		if h.N == 0 {
			return
		}
		r := []string{name, strconv.Itoa(h.N)}
		for _, v := range []int64{h.Min, h.Quantile(0.5), h.Quantile(0.9), h.Quantile(0.99), h.Max, h.Sum / int64(h.N)} {
			r = append(r, strconv.FormatFloat(float64(v)/1e6, 'f', 3, 64))
		}
		rows = append(rows, r)
	}
	for _, n := range flow.Sorted(s.Ops) {
		row(escaped(n.Name), &n.Latency)
	}
	row("total", &s.Total.Latency)
	table(out, "operation\tanswered\tmin ms\tp50\tp90\tp99\tmax\tmean", rows)
}

func escaped(s string) string { return string(appendEscaped(nil, []byte(s), 0)) }

func millis(ns int64, g flow.Named) string {
	if g.Latency.N == 0 {
		return "-"
	}
	return strconv.FormatFloat(float64(ns)/1e6, 'f', 2, 64)
}

func seconds(ns int64) string {
	return strconv.FormatFloat(time.Duration(ns).Seconds(), 'f', 3, 64)
}
