// Package census counts the messages of a capture: by protocol, family and
// operation, and over time by the filters that they match. Each goroutine counts
// by itself, and Merge adds up.
package census

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// maxNames bounds how many names there are below one; what comes later is
// counted as "other".
const maxNames = 1 << 12

// Level is a name with what is below it: a protocol, a family in it, an
// operation of that.
type Level struct {
	Name     string   `json:"name"`
	Frames   int      `json:"frames"`
	Messages int      `json:"messages"`
	Bytes    int64    `json:"bytes"`
	Below    []*Level `json:"below,omitempty"`

	last   int // the frame that was counted last
	byName map[string]*Level
}

// Add counts a message of a frame under its names.
func (l *Level) Add(frame, bytes int, names ...string) {
	l.count(frame, bytes)
	for _, name := range names {
		l = l.below(name)
		l.count(frame, bytes)
	}
}

func (l *Level) count(frame, bytes int) {
	if l.last != frame {
		l.Frames++
		l.last = frame
	}
	l.Messages++
	l.Bytes += int64(bytes)
}

func (l *Level) below(name string) *Level {
	x := l.byName[name]
	if x == nil {
		if len(l.byName) >= maxNames {
			name = "other"
		}
		if x = l.byName[name]; x != nil {
			return x
		}
		if l.byName == nil {
			l.byName = map[string]*Level{}
		}
		x = &Level{Name: name}
		l.byName[name] = x
		l.Below = append(l.Below, x)
	}
	return x
}

// Merge adds what o has counted, of other frames.
func (l *Level) Merge(o *Level) {
	l.Frames += o.Frames
	l.Messages += o.Messages
	l.Bytes += o.Bytes
	for _, x := range o.Below {
		l.below(x.Name).Merge(x)
	}
}

// Sort puts what there is most of first.
func (l *Level) Sort() {
	slices.SortFunc(l.Below, func(a, b *Level) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Name, b.Name))
	})
	for _, x := range l.Below {
		x.Sort()
	}
}

// Write writes what is below l as a table.
func (l *Level) Write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "  protocol, family, operation\tframes\tmessages\tbytes")
	l.rows(w, 1)
	return w.Flush()
}

func (l *Level) rows(w io.Writer, depth int) {
	for _, x := range l.Below {
		fmt.Fprintf(w, "%s%s\t%d\t%d\t%d\n", strings.Repeat("  ", depth), x.Name, x.Frames, x.Messages, x.Bytes)
		x.rows(w, depth+1)
	}
}
