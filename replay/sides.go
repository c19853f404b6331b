package replay

import (
	"fmt"

	"github.com/nlsniff/nlsniff/internal/align"
	"github.com/nlsniff/nlsniff/render"
)

// Row is one thing that the kernel said then and now; "" where it said nothing.
type Row struct {
	Depth     int
	Then, Now string
	Differs   bool
}

// Sides sets what the kernel answered to an exchange then and now beside each
// other, with all that is the same.
func Sides(c *Capture, r *Result, x *Compared, opt render.Options) ([]Row, error) {
	now, err := r.load(c.DB)
	if err != nil {
		return nil, err
	}
	var out []Row
	put := func(depth int, what, a, b string, differs bool) {
		row := Row{Depth: depth, Differs: differs}
		if a != "" {
			row.Then = what + ": " + a
		}
		if b != "" {
			row.Now = what + ": " + b
		}
		if a != "" || b != "" {
			out = append(out, row)
		}
	}
	a, b := &x.Expected, &x.Got
	put(0, "outcome", a.Outcome, b.Outcome, a.Outcome != b.Outcome)
	put(0, "errno", a.Error, b.Error, a.Error != b.Error)
	put(0, "text", a.Text, b.Text, a.Text != b.Text)
	put(0, "about", a.Attr, b.Attr, a.Attr != b.Attr)
	if x.Why != "" {
		out = append(out, Row{Now: "why: " + x.Why})
	}
	left, right := side{c: c, opt: opt}.replies(x.Exchange), side{c: now, opt: opt}.replies(x.Now)
	keys := func(list []reply) []string {
		var out []string
		for i := range list {
			out = append(out, list[i].brief())
		}
		return out
	}
	for _, p := range align.Lists(keys(left), keys(right)) {
		var l, r reply
		row := Row{Differs: p.A < 0 || p.B < 0}
		if p.A >= 0 {
			l = left[p.A]
			row.Then = fmt.Sprintf("reply %d: %s", p.A+1, l.brief())
		}
		if p.B >= 0 {
			r = right[p.B]
			row.Now = fmt.Sprintf("reply %d: %s", p.B+1, r.brief())
		}
		out = append(out, row)
		for _, q := range align.Lists(l.paths(), r.paths()) {
			row := Row{Depth: 1, Differs: q.A < 0 || q.B < 0}
			if q.A >= 0 {
				row.Then = l.values[q.A].path + ": " + l.values[q.A].text
			}
			if q.B >= 0 {
				row.Now = r.values[q.B].path + ": " + r.values[q.B].text
			}
			if q.A >= 0 && q.B >= 0 {
				v, w := &l.values[q.A], &r.values[q.B]
				row.Differs = v.text != w.text && !v.volatile && !w.volatile
			}
			out = append(out, row)
		}
	}
	for i := range out {
		out[i].Then, out[i].Now = render.Escape(out[i].Then), render.Escape(out[i].Now)
	}
	return out, nil
}

// paths are where the values of a reply stand.
func (r *reply) paths() []string {
	out := make([]string, len(r.values))
	for i := range r.values {
		out[i] = r.values[i].path
	}
	return out
}
