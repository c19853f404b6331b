package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/align"
	"github.com/nlsniff/nlsniff/render"
)

// maxDifferences bounds what is listed of one exchange.
const maxDifferences = 64

// value is a row of a reply that can be compared.
type value struct {
	path, text string
	volatile   bool
}

// reply is what is compared of one reply.
type reply struct {
	op     string
	values []value
	key    string // all that is stable
}

// replies lists the replies of an exchange.
func (s side) replies(id uint64) []reply {
	var out []reply
	for _, ref := range s.c.answers[id] {
		if !s.c.IsReply(ref) {
			continue
		}
		if t, m := s.c.Message(ref); m != nil {
			out = append(out, s.reply(&s.c.Frames[ref.Frame], t, m))
		}
	}
	return out
}

// reply reads the leaves of a message.
func (s side) reply(f *Loaded, t *dissect.Tree, m *dissect.Msg) reply {
	r := reply{op: string(render.AppendOp(nil, m))}
	ev := &render.Event{Number: f.Number, Links: f.Input.Links, Tree: t}
	var key strings.Builder
	key.WriteString(r.op)
	var names []string
	var ends []int32
	vol := []bool{}
	for i := t.Body(m); i < t.Nodes[m.Node].End; i++ {
		n := &t.Nodes[i]
		for len(ends) > 0 && i >= ends[len(ends)-1] {
			names, ends, vol = names[:len(names)-1], ends[:len(ends)-1], vol[:len(vol)-1]
		}
		volatile := len(vol) > 0 && vol[len(vol)-1]
		volatile = volatile || Varies(n)
		switch n.Kind {
		case dissect.KindAttr, dissect.KindElem, dissect.KindStruct:
			names, ends, vol = append(names, render.NodeName(t, i)), append(ends, n.End), append(vol, volatile)
			continue
		case dissect.KindMember, dissect.KindValue, dissect.KindUnknown, dissect.KindTrailing:
		default:
			continue
		}
		if n.Type != nil && n.Type.Kind == families.KindPad {
			continue
		}
		v := value{path: strings.Join(names, "/"), volatile: volatile}
		if n.Kind == dissect.KindMember {
			v.path = strings.TrimPrefix(v.path+"/"+render.NodeName(t, i), "/")
		}
		switch {
		case n.Type != nil && n.Type.Hint == families.HintIfIndex && n.Len == 4 && f.Input.Links != nil && LinkName(&f.Input, uint32(t.Uint(n))) != "":
			v.text = LinkName(&f.Input, uint32(t.Uint(n)))
		case n.Type != nil && n.Type.Hint == families.HintIfIndex:
			v.volatile, v.text = true, fmt.Sprint(t.Uint(n))
		default:
			v.text = string(render.AppendValue(nil, s.opt, ev, n))
		}
		r.values = append(r.values, v)
		key.WriteByte(0)
		key.WriteString(v.path)
		if !v.volatile {
			key.WriteByte('=')
			key.WriteString(v.text)
		}
	}
	r.key = key.String()
	return r
}

// Varies says that the value of a row differs from run to run.
func Varies(n *dissect.Node) bool {
	if n.Field != nil && (n.Field.Volatile != families.Stable || n.Field.Quiet) {
		return true
	}
	if !n.Kind.Leaf() || n.Type == nil {
		return false
	}
	switch n.Type.Hint {
	case families.HintPID, families.HintFamilyID, families.HintUnix, families.HintUnixNs:
		return true
	}
	return false
}

// compareReplies compares the sets of replies. Those that are the same are set
// aside; the rest are compared one by one in their order.
func compareReplies(then, now side, a, b uint64) []Difference {
	left := then.replies(a)
	right := now.replies(b)
	count := map[string]int{}
	for i := range right {
		count[right[i].key]++
	}
	var l, r []int
	took := map[string]int{}
	for i := range left {
		if k := left[i].key; count[k] > took[k] {
			took[k]++
		} else {
			l = append(l, i)
		}
	}
	for i := range right {
		if k := right[i].key; took[k] > 0 {
			took[k]--
		} else {
			r = append(r, i)
		}
	}
	var out []Difference
	if len(left) != len(right) {
		out = append(out, Difference{What: "replies", Then: fmt.Sprint(len(left)), Now: fmt.Sprint(len(right))})
	}
	// What is left belongs together where more than half of it is equal.
	for _, i := range l {
		best, at := 0, -1
		for n, j := range r {
			if n >= maxPairs {
				break
			}
			if e := alike(&left[i], &right[j]); e > best {
				best, at = e, n
			}
		}
		switch {
		case len(out) >= maxDifferences:
			return out
		case at < 0 || 2*best < len(left[i].values):
			if len(left) == 1 && len(right) == 1 {
				out, r = appendValues(out, 1, &left[i], &right[r[0]]), nil
				continue
			}
			out = append(out, Difference{What: "reply", Reply: i + 1, Then: left[i].brief(), Now: "absent"})
		default:
			out = appendValues(out, i+1, &left[i], &right[r[at]])
			r = slices.Delete(r, at, at+1)
		}
	}
	for _, j := range r {
		if len(out) < maxDifferences {
			out = append(out, Difference{What: "reply", Then: "absent", Now: right[j].brief()})
		}
	}
	return out
}

// maxPairs bounds how many replies one is compared with to find its like.
const maxPairs = 256

// alike counts the values that two replies share.
func alike(a, b *reply) (n int) {
	if a.op != b.op {
		return 0
	}
	for i := 0; i < min(len(a.values), len(b.values)); i++ {
		if a.values[i].path == b.values[i].path && a.values[i].text == b.values[i].text {
			n++
		}
	}
	if n > 0 || len(b.values) == 0 {
		return n
	}
	return 0
}

// brief names a reply by the first of its values that are text.
func (r *reply) brief() string {
	for _, v := range r.values {
		if strings.HasPrefix(v.text, "\"") {
			return r.op + " " + v.text
		}
	}
	return r.op
}

// appendValues compares two replies row by row.
func appendValues(dst []Difference, no int, a, b *reply) []Difference {
	if a.op != b.op {
		dst = append(dst, Difference{What: "value", Reply: no, Path: "nlmsg_type", Then: a.op, Now: b.op})
	}
	for _, p := range align.Lists(a.paths(), b.paths()) {
		d := Difference{What: "value", Reply: no, Then: "absent", Now: "absent"}
		volatile := false
		if p.A >= 0 {
			d.Path, d.Then, volatile = a.values[p.A].path, a.values[p.A].text, a.values[p.A].volatile
		}
		if p.B >= 0 {
			d.Path, d.Now = b.values[p.B].path, b.values[p.B].text
			volatile = volatile || b.values[p.B].volatile
		}
		if p.A >= 0 && p.B >= 0 && (volatile || d.Then == d.Now) {
			continue
		}
		dst = append(dst, d)
		if len(dst) >= maxDifferences {
			break
		}
	}
	return dst
}
