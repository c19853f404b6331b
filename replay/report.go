package replay

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/render"
)

// WritePlan writes a plan for people: what is sent, and what is put in anew.
func WritePlan(w io.Writer, p *Plan) {
	for _, l := range p.Links {
		kind := "a dummy"
		if l.Kind != "" && l.Kind != "dummy" {
			kind = l.Kind + ", or else a dummy"
		}
		fmt.Fprintf(w, "link     %s is not made by the requests: it is made before them, as %s\n", render.Escape(l.Name), render.Escape(kind))
	}
	for i := range p.Sockets {
		if s := &p.Sockets[i]; len(s.Groups) > 0 {
			fmt.Fprintf(w, "socket   %d is a member of %s\n", i+1, render.Escape(groupNames(s)))
		}
	}
	for i := range p.Requests {
		q := &p.Requests[i]
		s := p.Sockets[q.Socket]
		what := "send"
		if q.Prepares {
			what = "prepare"
		}
		fmt.Fprintf(w, "%-8s frame %d on socket %d (protocol %d): %s, %s", what, q.Frame, q.Socket+1, s.Proto, render.Escape(q.Op), phrase.Count(len(q.Data), "byte"))
		for n, name := range optionNames {
			if name != "" && q.Options&(1<<n) != 0 {
				fmt.Fprintf(w, " %s", name)
			}
		}
		fmt.Fprintln(w)
		for _, r := range q.Rewrites {
			fmt.Fprintf(w, "         offset %d: %s %d becomes %s\n", r.Off, r.Field, r.Value, r.becomes())
		}
	}
}

// groupNames lists the groups of a socket.
func groupNames(s *Socket) string {
	list := make([]string, len(s.Groups))
	for i, g := range s.Groups {
		list[i] = fmt.Sprintf("group %d", g.ID)
		if g.Family != "" {
			list[i] = g.Family + "/" + g.Name
		}
	}
	return strings.Join(list, ", ")
}

// optionNames are the options of sockets by their numbers (linux/netlink.h).
var optionNames = [...]string{10: "CAP_ACK", 11: "EXT_ACK", 12: "STRICT_CHK"}

// becomes says what a rewrite puts in.
func (w *Rewrite) becomes() string {
	name := render.Escape(w.Name)
	switch w.Kind {
	case RewritePortID:
		return "the socket's portid"
	case RewriteFamily:
		if name == "" {
			return "nothing: the capture does not name the family"
		}
		return "the id of family " + name
	case RewriteIndex:
		if name == "" {
			return "itself, as the capture does not name the interface"
		}
		return "the index of " + name
	case RewriteGen:
		return "the present generation"
	case RewriteID:
		return "what a reply gives in its place (" + name + ")"
	}
	return "?"
}

// WriteText writes a report for people. all lists what is the same as well.
func WriteText(w io.Writer, r *Report, all bool) {
	fmt.Fprintf(w, "captured on %s, replayed on %s\n", r.Captured, r.Kernel)
	for i := range r.Outcomes {
		x := &r.Outcomes[i]
		if (x.Same || x.Unknown) && !all && x.Got.Refused == nil || x.Prepares && (x.Same || x.Unknown) {
			continue
		}
		mark := "≠"
		switch {
		case x.Unknown:
			mark = "?"
		case x.Same:
			mark = "="
		case x.Prepares:
			mark = "!"
		}
		fmt.Fprintf(w, "%s #%d frame %d %s\n", mark, x.Exchange, x.Frame, render.Escape(x.Op))
		fmt.Fprintf(w, "    expected %s\n", render.Escape(x.Expected.String()))
		if !x.Same || all {
			fmt.Fprintf(w, "    got      %s\n", render.Escape(x.Got.String()))
		}
		if x.Got.Refused != nil {
			fmt.Fprintf(w, "    %s\n", render.Escape(x.Got.Refused.Text))
		}
		for n, d := range x.Differs {
			if d.What == "outcome" || d.What == "errno" {
				continue // stands above
			}
			if n == maxShown && !all {
				fmt.Fprintf(w, "    … and %d more (-V shows them)\n", len(x.Differs)-n)
				break
			}
			where := d.What
			switch {
			case d.What == "value":
				where = fmt.Sprintf("reply %d %s", d.Reply, d.Path)
			case d.What == "reply" && d.Reply > 0:
				where = fmt.Sprintf("reply %d", d.Reply)
			}
			fmt.Fprintf(w, "    %s: %s, now %s\n", render.Escape(where), orNothing(d.Then), orNothing(d.Now))
		}
		if x.Why != "" {
			fmt.Fprintf(w, "    why: %s\n", render.Escape(x.Why))
		}
		for _, n := range x.Notes {
			fmt.Fprintf(w, "    note: %s\n", render.Escape(n))
		}
	}
	if len(r.Shares) > 1 || all {
		writeShares(w, r.Shares, all)
	}
	fmt.Fprintln(w, r.counts())
}

// counts is the last line of a report.
func (r *Report) counts() string {
	s := fmt.Sprintf("%d the same, %d different, of which %d in their outcome", r.Same, r.Differ, r.Outcome)
	if r.Unknown > 0 {
		s += fmt.Sprintf("; %d without an answer in the capture", r.Unknown)
	}
	if r.Prepared > 0 {
		s += fmt.Sprintf("; %d sent before them to prepare", r.Prepared)
	}
	return s
}

// maxShown is how many differences of an exchange are shown to people who do
// not ask for all.
const maxShown = 8

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return render.Escape(s)
}

// WriteJSON writes a report as one JSON object on a line.
func WriteJSON(w io.Writer, r *Report) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(r.escaped()) // what cannot be written is told when the writer is flushed
}

// escaped is the report with no character that a terminal would act on.
func (r *Report) escaped() *Report {
	out := *r
	out.Shares = slices.Clone(r.Shares)
	for i := range out.Shares {
		s := &out.Shares[i]
		s.Family, s.Why = render.Escape(s.Family), slices.Clone(s.Why)
		for n := range s.Why {
			s.Why[n].Text = render.Escape(s.Why[n].Text)
		}
	}
	out.Outcomes = make([]Compared, len(r.Outcomes))
	for i, x := range r.Outcomes {
		x.Op, x.Why, x.Family = render.Escape(x.Op), render.Escape(x.Why), render.Escape(x.Family)
		x.Expected.Text, x.Got.Text = render.Escape(x.Expected.Text), render.Escape(x.Got.Text)
		x.Expected.Attr, x.Got.Attr = render.Escape(x.Expected.Attr), render.Escape(x.Got.Attr)
		notes := make([]string, len(x.Notes))
		for n, s := range x.Notes {
			notes[n] = render.Escape(s)
		}
		x.Notes = notes
		differs := make([]Difference, len(x.Differs))
		for n, d := range x.Differs {
			d.Path, d.Then, d.Now = render.Escape(d.Path), render.Escape(d.Then), render.Escape(d.Now)
			differs[n] = d
		}
		x.Differs = differs
		out.Outcomes[i] = x
	}
	return &out
}

// WriteKernels writes what several kernels answer, a row an exchange. all lists
// those on which they agree with the capture as well.
func WriteKernels(w io.Writer, list []*Report, all bool) {
	head := []string{"exchange", "captured"}
	for _, r := range list {
		head = append(head, r.Kernel.Release)
	}
	rows := [][]string{head}
	for i := range list[0].Outcomes {
		x := &list[0].Outcomes[i]
		row := []string{fmt.Sprintf("#%d %s", x.Exchange, x.Op), x.Expected.String()}
		same := true
		for _, r := range list {
			if i >= len(r.Outcomes) {
				row = append(row, "?")
				continue
			}
			y := &r.Outcomes[i]
			same = same && (y.Same || y.Unknown)
			cell := y.Got.String()
			if len(y.Differs) > 0 && !y.OtherOutcome() && y.Got.String() == y.Expected.String() {
				cell += ", " + phrase.Count(len(y.Differs), "value") + " " + phrase.Choose(uint64(len(y.Differs)), "differs|differ")
			}
			row = append(row, cell)
		}
		if !same || all {
			rows = append(rows, row)
		}
	}
	width := make([]int, len(head))
	for _, row := range rows {
		for i, cell := range row {
			row[i] = render.Escape(cell)
			width[i] = max(width[i], len([]rune(row[i])))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", width[i]-len([]rune(cell))+2))
			}
		}
		fmt.Fprintln(w, b.String())
	}
	for _, r := range list {
		writeShares(w, r.Shares, all)
		fmt.Fprintf(w, "%s: %s\n", r.Kernel.Release, r.counts())
	}
}
