package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/align"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

func newDiff() *cobra.Command {
	var f readFlags
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare the exchanges of two captures",
		Long: `Set the exchanges of two captures side by side by what they ask, and print where
requests, replies and outcomes differ: of a run that works and one that fails,
say. Sequence numbers, portids, processes and times are not compared. -V compares
the content of replies too; -a prints what is the same as well.

Exit codes are those of diff: 0 if there is no difference, 1 if there is one, 2 if
nothing can be said.`,
		Example: `  nlsniff diff working.pcapng failing.pcapng
  nlsniff diff -V before.pcapng after.pcapng`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("nlsniff diff A B", "diff takes two captures")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return diff(c, &f, args[0], args[1]) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	f.format, f.time = "text", "a"
	fl.BoolVarP(&f.verbose, "verbose", "V", false, "compare the content of replies too")
	fl.BoolVarP(&f.full, "all", "a", false, "print what is the same as well")
	fl.StringVar(&f.color, "color", "auto", "`when` to colour: auto, always or never")
	fl.StringVar(&f.order, "byte-order", "auto", "byte `order` of the capturing hosts: auto, little or big")
	fl.StringArrayVar(&f.specs, "spec", nil, "read descriptions (YNL .yaml, or .spec) from this `file` or folder")
	fl.BoolVar(&f.secrets, "show-secrets", false, "show key material")
	return c
}

// textWorker makes texts of the exchanges that have ended.
type textWorker struct {
	p    *render.ExchangeTexts
	list *textList
}

// textList is what all workers made.
type textList struct {
	replies bool // the rows of replies are wanted too

	mu    sync.Mutex
	texts []render.ExchangeText // nil if there are too many
	count int
	bytes int                 // in texts
	rows  map[string][]string // most exchanges are like others
}

// maxDiffText bounds the bytes of the texts of one capture's exchanges, and
// maxDiff their number.
const (
	maxDiffText = 32 << 20
	maxDiff     = 200_000
)

func (l *textList) add(t render.ExchangeText) {
	if !l.replies {
		t.Reply = nil
	}
	n := int(unsafe.Sizeof(t)) + len(t.Op) + len(t.Asked) + len(t.Who) + len(t.Outcome) + len(t.Took)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, rows := range [2]*[]string{&t.Request, &t.Reply} {
		n += l.share(rows)
	}
	l.bytes += n
	if l.count++; l.count > maxDiff || l.bytes > maxDiffText {
		l.texts, l.rows = nil, nil
		return
	}
	l.texts = append(l.texts, t)
}

func (w *textWorker) Append(dst []byte, j *pipeline.Job) []byte {
	for i := range j.Closed {
		w.list.add(w.p.Text(&j.Closed[i]))
	}
	return dst
}

// share puts equal rows in the place of rows, if there are some, and returns how
// many bytes they take if not.
func (l *textList) share(rows *[]string) (n int) {
	if len(*rows) == 0 || l.bytes > maxDiffText {
		return 0
	}
	key := strings.Join(*rows, "\n")
	if same, ok := l.rows[key]; ok {
		*rows = same
		return 0
	}
	list := make([]string, 0, len(*rows))
	for s := range strings.SplitSeq(key, "\n") {
		list = append(list, s) // parts of one string
	}
	if l.rows == nil {
		l.rows = map[string][]string{}
	}
	l.rows[key], *rows = list, list
	return len(key) + len(list)*int(unsafe.Sizeof(key))
}

// Shrink lets go of what a large frame took.
func (w *textWorker) Shrink() { w.p.Shrink() }

// texts reads the exchanges of a file, in the order of their requests.
func (r *reader) texts(file string, opt render.Options) ([]render.ExchangeText, error) {
	flags := *r.flags
	flags.file = file
	order, err := byteOrder(flags.order)
	if err != nil {
		return nil, err
	}
	side := &reader{flags: &flags, db: r.db, session: dissect.NewSession(order)}
	side.session.DB = r.db
	src, err := side.again.open(file, nil, pcapng.Options{})
	if err != nil {
		return nil, withHint(file, err)
	}
	defer src.Close()
	opt.Again = side.again.frame
	tracker := flow.NewTracker(r.db, flow.Options{Keep: keepBytes, Again: side.again.index != nil})
	list := &textList{replies: flags.verbose}
	var corrupt []*capture.CorruptError
	err = pipeline.Run(pipeline.Config{
		Source: src, Session: side.session, Tracker: tracker, Closed: true,
		Worker: func() pipeline.Worker { return &textWorker{render.NewExchangeTexts(opt, r.db), list} },
		Out:    io.Discard, Prepared: side.prepared,
		Corrupt: func(e *capture.CorruptError) { corrupt = append(corrupt, e) },
	})
	switch {
	case err != nil:
		return nil, withHint(file, err)
	case len(corrupt) > 0:
		return nil, corruptError(file, corrupt)
	case list.texts == nil && list.count > 0:
		return nil, &hintError{
			err:  fmt.Errorf("%s: %s, %s as text, are too many to compare", file, phrase.Count(list.count, "exchange"), byteSize(int64(list.bytes))),
			hint: "cut the captures, with editcap for example",
		}
	}
	list.rows = nil
	slices.SortFunc(list.texts, func(a, b render.ExchangeText) int { return cmp.Compare(a.ID, b.ID) })
	return list.texts, nil
}

func diff(c *cobra.Command, f *readFlags, a, b string) error {
	boundMemory()
	if a == "-" || b == "-" {
		return usagef("save it to a file", "diff cannot read standard input")
	}
	r := &reader{flags: f}
	var err error
	if r.db, err = loadFamilies(f.specs, warner(c)); err != nil {
		return err
	}
	opt, err := r.renderOptions(c)
	if err != nil {
		return err
	}
	left, err := r.texts(a, opt)
	if err != nil {
		return err
	}
	right, err := r.texts(b, opt)
	if err != nil {
		return err
	}
	d := differ{w: bufio.NewWriter(c.OutOrStdout()), replies: f.verbose, all: f.full, color: opt.Color}
	fmt.Fprintf(d.w, "--- %s  %s\n+++ %s  %s\n", a, phrase.Count(len(left), "exchange"), b, phrase.Count(len(right), "exchange"))
	d.compare(left, right)
	if err := d.w.Flush(); err != nil && !isBrokenPipe(err) {
		return err
	}
	if d.outcomes+d.requests+d.answers+d.onlyA+d.onlyB+d.cut > 0 {
		return exitCode(exitNo)
	}
	return nil
}

// differ prints the differences of two lists of exchanges.
type differ struct {
	w                                               *bufio.Writer
	replies, all, color                             bool
	same, outcomes, requests, answers, onlyA, onlyB int
	cut                                             int // exchanges of which not all could be compared
}

// compare aligns by what is asked; what is left over, by the operation.
func (d *differ) compare(left, right []render.ExchangeText) {
	pairs := align.Lists(keys(left, func(t *render.ExchangeText) string { return t.Asked }), keys(right, func(t *render.ExchangeText) string { return t.Asked }))
	for i := 0; i < len(pairs); {
		if pairs[i].A >= 0 && pairs[i].B >= 0 {
			d.pair(&left[pairs[i].A], &right[pairs[i].B])
			i++
			continue
		}
		var a, b []render.ExchangeText
		for ; i < len(pairs) && (pairs[i].A < 0 || pairs[i].B < 0); i++ {
			if pairs[i].A >= 0 {
				a = append(a, left[pairs[i].A])
			} else {
				b = append(b, right[pairs[i].B])
			}
		}
		d.gap(a, b)
	}
	fmt.Fprintf(d.w, "%d the same, %d with another outcome, %d with another request, %d with other replies, %d only in A, %d only in B",
		d.same, d.outcomes, d.requests, d.answers, d.onlyA, d.onlyB)
	if d.cut > 0 {
		fmt.Fprintf(d.w, ", %d not compared to the end", d.cut)
	}
	d.w.WriteByte('\n')
}

func keys(list []render.ExchangeText, key func(*render.ExchangeText) string) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = key(&list[i])
	}
	return out
}

// gap compares what has no equal: requests of the same operation are taken for
// each other.
func (d *differ) gap(a, b []render.ExchangeText) {
	op := func(t *render.ExchangeText) string { return t.Op }
	for _, p := range align.Lists(keys(a, op), keys(b, op)) {
		switch {
		case p.A >= 0 && p.B >= 0:
			d.pair(&a[p.A], &b[p.B])
		case p.A >= 0:
			d.onlyA++
			d.one('-', "31", &a[p.A])
		default:
			d.onlyB++
			d.one('+', "32", &b[p.B])
		}
	}
}

// one prints an exchange that only one capture has.
func (d *differ) one(mark byte, color string, t *render.ExchangeText) {
	d.line(color, fmt.Sprintf("%c #%d %s %s → %s", mark, t.ID, t.Who, t.Asked, t.Outcome))
}

// pair prints what is different between two exchanges that ask the same.
func (d *differ) pair(a, b *render.ExchangeText) {
	request := lineDiff(a.Request, b.Request)
	outcome := a.Outcome != b.Outcome
	count := a.Replies != b.Replies
	var reply []string
	if d.replies {
		reply = lineDiff(a.Reply, b.Reply)
	}
	cut := a.Cut | b.Cut
	if !d.replies {
		cut &= flow.PartRequest
	}
	switch {
	case outcome:
		d.outcomes++
	case len(request) > 0:
		d.requests++
	case count || len(reply) > 0:
		d.answers++
	case cut != 0:
	default:
		d.same++
		if d.all {
			fmt.Fprintf(d.w, "  #%d #%d %s → %s\n", a.ID, b.ID, a.Asked, a.Outcome)
		}
		return
	}
	d.line("36", fmt.Sprintf("~ #%d #%d %s", a.ID, b.ID, a.Asked))
	d.lines(request)
	if outcome {
		d.line("31", fmt.Sprintf("    - %s → %s  %s", a.Who, a.Outcome, a.Took))
		d.line("32", fmt.Sprintf("    + %s → %s  %s", b.Who, b.Outcome, b.Took))
	}
	if count {
		d.line("31", fmt.Sprintf("    - %s", phrase.Count(a.Replies, "reply")))
		d.line("32", fmt.Sprintf("    + %s", phrase.Count(b.Replies, "reply")))
	}
	d.lines(reply)
	if cut != 0 {
		d.cut++
		d.line("33", "    ? could not compare all: not all is there of the "+strings.Join(cut.Names(), " and "))
	}
}

// numbered is a value with its name behind it. Interfaces have other indexes in
// each run; their names tell whether they are the same.
var numbered = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`: \d+ \(([^()]+)\)$`) })

// lineDiff returns the lines in which two texts differ, marked.
func lineDiff(a, b []string) []string {
	var out []string
	same := func(list []string) []string {
		out := make([]string, len(list))
		for i, l := range list {
			out[i] = numbered().ReplaceAllString(l, ": $1")
		}
		return out
	}
	for _, p := range align.Lists(same(a), same(b)) {
		switch {
		case p.B < 0:
			out = append(out, "    - "+strings.TrimSpace(a[p.A]))
		case p.A < 0:
			out = append(out, "    + "+strings.TrimSpace(b[p.B]))
		}
	}
	return out
}

func (d *differ) lines(list []string) {
	for _, l := range list {
		color := "31"
		if strings.HasPrefix(l, "    +") {
			color = "32"
		}
		d.line(color, l)
	}
}

func (d *differ) line(color, s string) {
	if d.color {
		s = "\x1b[" + color + "m" + s + "\x1b[0m"
	}
	d.w.WriteString(strings.TrimRight(s, " "))
	d.w.WriteByte('\n')
}
