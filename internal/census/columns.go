package census

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// maxIntervals bounds how many intervals are counted.
const maxIntervals = 1 << 16

// Count is how much matched in an interval.
type Count struct {
	Frames   int   `json:"frames"`
	Messages int   `json:"messages"`
	Bytes    int64 `json:"bytes"`
}

// Columns counts over time what matches each of several filters.
type Columns struct {
	step    int64
	filters int
	counts  map[int64][]Count // by interval
}

// NewColumns counts so many filters in intervals of step nanoseconds.
func NewColumns(filters int, step int64) *Columns {
	return &Columns{step: max(step, 1), filters: filters, counts: map[int64][]Count{}}
}

// Add counts what of a frame matches a filter. A frame of which nothing does is
// in its interval all the same.
func (c *Columns) Add(since int64, filter, messages, bytes int) {
	list := c.counts[since/c.step]
	if list == nil {
		if len(c.counts) >= maxIntervals {
			return
		}
		list = make([]Count, c.filters)
		c.counts[since/c.step] = list
	}
	if messages > 0 {
		list[filter].Frames++
		list[filter].Messages += messages
		list[filter].Bytes += int64(bytes)
	}
}

// Merge adds what o has counted.
func (c *Columns) Merge(o *Columns) {
	for n, list := range o.counts {
		to := c.counts[n]
		if to == nil {
			c.counts[n] = list
			continue
		}
		for i := range list {
			to[i].Frames += list[i].Frames
			to[i].Messages += list[i].Messages
			to[i].Bytes += list[i].Bytes
		}
	}
}

// Row is one interval.
type Row struct {
	StartNS int64   `json:"start_ns"`
	Counts  []Count `json:"counts"`
}

// Rows are the intervals from the first to the last, empty ones left out.
func (c *Columns) Rows() []Row {
	var out []Row
	for n, list := range c.counts {
		out = append(out, Row{n * c.step, list})
	}
	slices.SortFunc(out, func(a, b Row) int { return int(min(max(a.StartNS-b.StartNS, -1), 1)) })
	return out
}

// Write writes a table with three columns a filter, numbered as the filters above
// it.
func (c *Columns) Write(out io.Writer, filters []string) error {
	for i, f := range filters {
		fmt.Fprintf(out, "  %d: %s\n", i+1, f)
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "  interval s\t")
	for i := range filters {
		fmt.Fprintf(w, "%d: frames\tmessages\tbytes\t", i+1)
	}
	fmt.Fprintln(w)
	for _, r := range c.Rows() {
		fmt.Fprintf(w, "  %.3f <> %.3f\t", float64(r.StartNS)/1e9, float64(r.StartNS+c.step)/1e9)
		for _, n := range r.Counts {
			fmt.Fprintf(w, "%d\t%d\t%d\t", n.Frames, n.Messages, n.Bytes)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// SplitFilters splits at the commas that are not within brackets or quotes.
func SplitFilters(s string) []string {
	var out []string
	depth, from := 0, 0
	var quote byte
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case quote != 0 && b == '\\':
			i++
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'':
			quote = b
		case strings.IndexByte("([{", b) >= 0:
			depth++
		case strings.IndexByte(")]}", b) >= 0:
			depth--
		case b == ',' && depth <= 0:
			out = append(out, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}
