package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// Report is what a replay found, in the order of the plan.
type Report struct {
	Captured Kernel     `json:"captured"` // zero if the capture does not say
	Kernel   Kernel     `json:"kernel"`
	Outcomes []Compared `json:"exchanges"`
	Same     int        `json:"same"`
	// Differ counts exchanges that differ, Outcome those whose outcome does:
	// errno, or whether there was an answer.
	Differ  int `json:"different"`
	Outcome int `json:"different_outcome"`
	// Prepared counts requests that were sent because others need them.
	Prepared int `json:"prepared,omitempty"`
}

// Compared is an exchange of the capture beside that of the replay.
type Compared struct {
	Exchange uint64       `json:"exchange"` // in the capture
	Frame    int          `json:"frame"`    // of its request in the capture
	Family   string       `json:"family"`
	Op       string       `json:"op"`
	Expected Answer       `json:"expected"`
	Got      Answer       `json:"got"`
	Same     bool         `json:"same"`
	Differs  []Difference `json:"differences,omitempty"`
	// Why explains a different outcome, where that is known.
	Why   string   `json:"why,omitempty"`
	Notes []string `json:"notes,omitempty"`
	// Prepares says that the request is there only because others need it.
	Prepares bool `json:"prepares,omitempty"`
	// Now is the number of the exchange among those of the replay.
	Now uint64 `json:"-"`
}

// Answer is what the kernel said to a request.
type Answer struct {
	Outcome string `json:"outcome"` // ok, error, unanswered, not sent
	Errno   int32  `json:"errno,omitempty"`
	Error   string `json:"error,omitempty"` // the errno's name
	Text    string `json:"text,omitempty"`  // the kernel's words
	Attr    string `json:"attr,omitempty"`  // the attribute or member that they are about
	Replies int    `json:"replies"`
}

// String is one line.
func (a Answer) String() string {
	s := a.Outcome
	if a.Errno != 0 {
		s = a.Error
	}
	if a.Text != "" {
		s += fmt.Sprintf(" %q", a.Text)
	}
	if a.Attr != "" {
		s += " (" + a.Attr + ")"
	}
	switch {
	case a.Replies == 1:
		s += ", 1 reply"
	case a.Replies > 1:
		s += fmt.Sprintf(", %d replies", a.Replies)
	}
	return s
}

// Difference is one thing that is not as it was.
type Difference struct {
	// What is outcome, errno, text, attr, replies (their number), reply (one
	// that only one side has), or value.
	What  string `json:"what"`
	Reply int    `json:"reply,omitempty"` // which one, counted from 1
	Path  string `json:"path,omitempty"`  // of the attribute or member
	Then  string `json:"then"`
	Now   string `json:"now"`
}

// side is one of the two captures that are compared.
type side struct {
	c   *Capture
	opt render.Options
}

// Compare sets a result beside the capture that its plan was made of.
func Compare(c *Capture, p *Plan, r *Result, opt render.Options) (*Report, error) {
	now, err := r.load(c.DB)
	if err != nil {
		return nil, err
	}
	rep := &Report{Captured: c.Kernel, Kernel: r.Kernel}
	then, here := side{c, opt}, side{now, opt}
	for i := range p.Requests {
		q := &p.Requests[i]
		var s Sent
		if i < len(r.Sent) {
			s = r.Sent[i]
		}
		var seen []uint64
		for no, id := range q.Exchanges {
			e := c.Exchange(id)
			if e == nil || slices.Contains(seen, id) {
				continue
			}
			seen = append(seen, id)
			x := Compared{Exchange: id, Frame: q.Frame, Op: q.Op, Notes: s.Notes, Prepares: q.Prepares}
			x.Op, x.Family = then.operation(e)
			x.Expected = then.answer(e)
			if s.Frame == 0 {
				x.Got = Answer{Outcome: "not sent"}
				x.Why = s.Skipped
			} else {
				f := &now.Frames[s.Frame-1]
				if no < len(f.Refs) {
					x.Now = f.Refs[no].Exchange
				}
				if e2 := now.Exchange(x.Now); e2 != nil {
					x.Got = here.answer(e2)
				} else {
					x.Got = Answer{Outcome: "unanswered"}
				}
			}
			x.compare(then, here, q)
			if x.Why == "" && len(x.Differs) > 0 {
				x.Why = why(&x)
			}
			rep.add(x)
		}
	}
	return rep, nil
}

func (r *Report) add(x Compared) {
	x.Same = len(x.Differs) == 0
	switch {
	case x.Prepares:
		r.Prepared++
	case x.Same:
		r.Same++
	default:
		r.Differ++
		if x.OtherOutcome() {
			r.Outcome++
		}
	}
	r.Outcomes = append(r.Outcomes, x)
}

// OtherOutcome says that the kernel did something else, and not only said it
// otherwise.
func (x *Compared) OtherOutcome() bool {
	return slices.ContainsFunc(x.Differs, func(d Difference) bool { return d.What == "outcome" || d.What == "errno" })
}

// operation names what an exchange asks for, and of which family.
func (s side) operation(e *flow.Exchange) (op, family string) {
	i := e.Request.Frame - 1
	if i < 0 || i >= len(s.c.Frames) {
		return "?", "?"
	}
	i = s.index(e.Request.Frame)
	t := s.c.Tree(i)
	no := int32(0)
	for m := range t.Own() {
		if no >= e.Request.Msg && (!e.Batch || !isBatchMark(m) && m.Message != nil || e.Messages == 1) {
			return string(render.AppendOp(nil, m)), render.FamilyName(m)
		}
		no++
	}
	for m := range t.Own() {
		return string(render.AppendOp(nil, m)), render.FamilyName(m)
	}
	return "?", "?"
}

// index finds a frame by its number.
func (s side) index(number int) int {
	i, _ := slices.BinarySearchFunc(s.c.Frames, number, func(f Loaded, n int) int { return f.Number - n })
	return min(i, len(s.c.Frames)-1)
}

// answer sums up what the kernel said.
func (s side) answer(e *flow.Exchange) Answer {
	a := Answer{Outcome: "ok", Errno: e.Errno, Replies: e.Replies}
	switch {
	case e.Errno != 0:
		a.Outcome = "error"
	case e.State == flow.Unanswered && !e.OK():
		a.Outcome = "unanswered"
	}
	if e.Errno == 0 && !e.AckTLVs {
		return a
	}
	for _, ref := range s.c.answers[e.ID] {
		t := s.c.Tree(ref.Frame)
		no := int32(0)
		for m := range t.Own() {
			if no == ref.Msg && m.HasErrno && m.Errno == e.Errno {
				if a.Error == "" && m.Errno != 0 {
					a.Error = render.ErrnoName(t, m)
				}
				if m.ExtAck.Text >= 0 && a.Text == "" {
					a.Text = strings.TrimRight(string(t.Bytes(&t.Nodes[m.ExtAck.Text])), "\x00")
				}
				if a.Attr == "" {
					a.Attr = extAckPath(&m.ExtAck)
				}
				return a
			}
			no++
		}
	}
	return a
}

// extAckPath is what the kernel's words are about.
func extAckPath(x *dissect.ExtAck) string {
	switch {
	case x.HasMiss:
		if len(x.Miss) > 0 {
			return "missing " + steps(x.Miss)
		}
		return fmt.Sprintf("missing attribute %d", x.MissType)
	case x.HasOffs:
		if len(x.Path) > 0 {
			return steps(x.Path)
		}
		return fmt.Sprintf("offset %d", x.Offs)
	}
	return ""
}

func steps(path []dissect.Step) string {
	var b strings.Builder
	for i, s := range path {
		if i > 0 {
			b.WriteByte('/')
		}
		if s.Field != nil {
			b.WriteString(s.Field.Name)
		} else {
			fmt.Fprintf(&b, "%d", s.ID)
		}
	}
	return b.String()
}

// compare notes what differs.
func (x *Compared) compare(then, now side, q *Request) {
	a, b := &x.Expected, &x.Got
	differ := func(what, then, now string) {
		x.Differs = append(x.Differs, Difference{What: what, Then: then, Now: now})
	}
	if a.Outcome != b.Outcome {
		differ("outcome", a.Outcome+errorOf(a), b.Outcome+errorOf(b))
		return
	}
	if a.Errno != b.Errno {
		differ("errno", a.Error, b.Error)
		return
	}
	// Words that the captured socket did not ask for are no difference.
	e := then.c.Exchange(x.Exchange)
	asked := q.Options&capture.OptExtAck != 0
	if asked && (e.AckTLVs || e.Socket.Known) {
		if a.Text != b.Text {
			differ("text", a.Text, b.Text)
		}
		if a.Attr != b.Attr {
			differ("attr", a.Attr, b.Attr)
		}
	}
	x.Differs = append(x.Differs, compareReplies(then, now, x.Exchange, x.Now)...)
}

func errorOf(a *Answer) string {
	if a.Errno == 0 {
		return ""
	}
	s := " " + a.Error
	if a.Text != "" {
		s += fmt.Sprintf(" %q", a.Text)
	}
	return s
}

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
		f := &s.c.Frames[ref.Frame]
		if int(ref.Msg) >= len(f.Refs) || f.Refs[ref.Msg].Role != flow.Reply {
			continue
		}
		t := s.c.Tree(ref.Frame)
		no := int32(0)
		for m := range t.Own() {
			if no == ref.Msg {
				out = append(out, s.reply(f, t, m))
				break
			}
			no++
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
		if n.Field != nil && (n.Field.Volatile != families.Stable || n.Field.Quiet) {
			volatile = true
		}
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
		if n.Type != nil && hintVolatile(n.Type.Hint) {
			volatile = true
		}
		v := value{path: strings.Join(names, "/"), volatile: volatile}
		if n.Kind == dissect.KindMember {
			v.path = strings.TrimPrefix(v.path+"/"+render.NodeName(t, i), "/")
		}
		switch {
		case n.Type != nil && n.Type.Hint == families.HintIfIndex && n.Len == 4 && f.Input.Links != nil && linkName(&f.Input, uint32(t.Uint(n))) != "":
			v.text = linkName(&f.Input, uint32(t.Uint(n)))
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

// hintVolatile says that a value of this kind differs from run to run.
func hintVolatile(h families.Hint) bool {
	switch h {
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
	for _, p := range flow.Align(a.paths(), b.paths()) {
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

// why explains a different outcome from what it is, where one thing mostly is
// the reason.
func why(x *Compared) string {
	if !x.OtherOutcome() {
		for _, d := range x.Differs {
			if d.What == "replies" {
				return "what there is to list differs from where it was captured"
			}
		}
		return ""
	}
	if x.Got.Outcome == "unanswered" {
		return "the kernel did not answer in time"
	}
	switch x.Got.Error {
	case "EPERM", "EACCES":
		return "it takes rights outside of the namespace: on the real hardware, or in the first network namespace"
	case "EOPNOTSUPP", "EPROTONOSUPPORT":
		return "this kernel cannot do it: a module is missing, or it is another version"
	case "ENOENT", "ENODEV", "ESRCH", "ENXIO", "EADDRNOTAVAIL", "ENETUNREACH", "EHOSTUNREACH", "ENETDOWN":
		if x.Got.Text != "" && strings.Contains(strings.ToLower(x.Got.Text), "unknown") {
			return "this kernel does not know it: a module is missing, or it is another version"
		}
		return "what it needs is not there: made before the capture began, by a request that is not replayed, or of a module that is missing"
	case "EEXIST", "EBUSY":
		return "it is there already"
	case "EINVAL", "ERANGE":
		return "this kernel does not take it: another version, or what it refers to is not the same here"
	case "EBADF":
		return "it names a file descriptor of the process that was captured"
	}
	if x.Expected.Errno != 0 {
		return "what stood in its way in the capture does not here: another version, or other state"
	}
	return ""
}
