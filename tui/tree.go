package tui

import (
	"strconv"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// rowKind is what a row of the detail pane shows.
type rowKind uint8

const (
	rowNode    rowKind = iota // a node of the dissected frame
	rowFrame                  // what is known of the frame
	rowFinding                // what was found of the node above
	rowValue                  // one of an enum's values
	rowFlag                   // one of the bits of a number
	rowText                   // a remark
)

// treeRow is one row of the detail pane.
type treeRow struct {
	kind    rowKind
	node    int32  // of the dissected frame, -1 for none
	depth   int    //
	key     string // the way to it; the same in other messages of its kind
	name    string // of rows that are no nodes
	value   string // likewise
	style   style
	on      bool // a value that is the one, a bit that is set
	kids    bool // there is something to unfold
	open    bool
	pointed bool  // the kernel's error points at it
	request int32 // the frame that enter goes to, 0 for none
}

// tree is a message as rows that can be unfolded.
type tree struct {
	d      *store.Detail
	rows   []treeRow
	folds  map[string]bool // what the user unfolded or folded, by key
	layout bool            // show the rows of lengths, types and padding too
	// pointedAt is the offset in the frame that an extended ACK points at, -1
	// for none.
	pointedAt int
	// pointedNode is the node of a request that its error is about, -1 for none, and
	// pointNote what stands there.
	pointedNode int32
	pointNote   string
}

// maxTreeRows bounds what one message can fill the memory with.
const maxTreeRows = 100_000

// build makes the rows of a message anew.
func (t *tree) build() {
	t.rows = t.rows[:0]
	if t.d == nil {
		return
	}
	dt := t.d.Tree
	t.pointedAt, t.pointNote = t.findPointed(), "the error is about this"
	t.pointedNode = -1
	if i, note := t.refused(); i >= 0 {
		t.pointedNode, t.pointNote = i, note
	}
	t.frame()
	if e := t.d.Event.Happened; e != nil {
		t.happened(e)
		return
	}
	if t.d.Message < 0 {
		for i := int32(0); i < int32(len(dt.Nodes)); i = dt.Nodes[i].End {
			if dt.Nodes[i].Kind != dissect.KindLink {
				t.node(i, 0, "", 0)
			}
		}
	} else {
		t.node(dt.Msgs[t.d.Message].Node, 0, "", 0)
		for i := int32(0); i < int32(len(dt.Nodes)); i = dt.Nodes[i].End {
			if k := dt.Nodes[i].Kind; k != dissect.KindLink && k != dissect.KindMessage {
				t.node(i, 0, "", 0)
			}
		}
	}
	for i := range dt.Findings {
		if f := &dt.Findings[i]; f.Node < 0 {
			t.finding(f, 0)
		}
	}
}

// happened appends what an event says.
func (t *tree) happened(e *capture.Event) {
	t.text(0, "event", "event", render.HappenedText(e))
	if e.HasProto {
		t.text(0, "event", "protocol", families.ProtocolName(e.Proto))
		t.text(0, "event", "socket", render.SocketText(&e.Socket))
	}
	if e.Hint != "" {
		t.text(0, "event", "hint", render.Escape(e.Hint))
	}
}

// findPointed is where in the frame the attribute is that the kernel's error
// speaks of.
func (t *tree) findPointed() int {
	if t.d.Message < 0 {
		return -1
	}
	m := &t.d.Tree.Msgs[t.d.Message]
	if !m.ExtAck.HasOffs || m.Echo < 0 || m.ExtAck.FromMemory {
		return -1
	}
	return int(t.d.Tree.Msgs[m.Echo].Off + m.ExtAck.Offs)
}

// refused is the node of a request that its error is about, -1 if it has none, and
// what stands there.
func (t *tree) refused() (int32, string) {
	x := t.d.Refusal
	if x == nil || t.d.Message < 0 {
		return -1, ""
	}
	if about, _ := x.Is(t.d.Row); !about {
		return -1, ""
	}
	m := &t.d.Tree.Msgs[t.d.Message]
	if i := dissect.RowAt(t.d.Tree, m, x.Mark); x.Mark > 0 && i > 0 {
		return i, x.Note
	}
	return m.Node, x.Note
}

// add appends a row and says whether it is unfolded.
func (t *tree) add(r treeRow, open bool) bool {
	if len(t.rows) >= maxTreeRows {
		return false
	}
	if r.kids {
		r.open = open
		if u, ok := t.folds[r.key]; ok {
			r.open = u
		}
	}
	t.rows = append(t.rows, r)
	return r.open
}

// text appends a row without a node.
func (t *tree) text(depth int, key, name, value string) {
	t.add(treeRow{kind: rowText, node: -1, depth: depth, key: key + "/" + name, name: name, value: value}, false)
}

// frame appends what is known of the frame.
func (t *tree) frame() {
	ev := &t.d.Event
	if !t.add(treeRow{kind: rowFrame, node: -1, key: "frame", name: "frame " + strconv.Itoa(ev.Number), value: t.frameLine(), kids: true}, false) {
		return
	}
	t.text(1, "frame", "time", time.Unix(0, ev.Time).UTC().Format(time.RFC3339Nano))
	t.text(1, "frame", "since the first frame", seconds(ev.Since))
	t.text(1, "frame", "length", plural(ev.OrigLen, "byte")+", "+strconv.Itoa(len(t.d.Tree.Data))+" captured")
	if ev.PID != 0 || ev.Comm != "" {
		t.text(1, "frame", "process", render.Escape(ev.Comm)+" pid "+strconv.Itoa(int(ev.PID)))
	}
	if ev.TID != 0 {
		t.text(1, "frame", "thread", strconv.Itoa(int(ev.TID)))
	}
	if ev.Exe != "" {
		t.text(1, "frame", "executable", render.Escape(ev.Exe))
	}
	if ev.HasUID {
		t.text(1, "frame", "user", strconv.FormatUint(uint64(ev.UID), 10))
	}
	if ev.Delivery != nil && ev.Delivery.Socket.Inode != 0 {
		t.text(1, "frame", "socket", "socket:["+strconv.FormatUint(ev.Delivery.Socket.Inode, 10)+"]")
	}
	if ev.Cgroup != "" {
		t.text(1, "frame", "control group", render.Escape(ev.Cgroup))
	}
	if ev.NetNS != 0 {
		name := "net:[" + strconv.FormatUint(ev.NetNS, 10) + "]"
		if ev.Namespace != "" {
			name = render.Escape(ev.Namespace) + ", " + name
		}
		t.text(1, "frame", "network namespace", name)
	}
	if ev.Delivery != nil {
		t.text(1, "frame", "delivery", render.DeliveryText(ev.Delivery))
	}
	if ev.Comment != "" {
		t.text(1, "frame", "comment", render.Escape(ev.Comment))
	}
	if n := t.d.Tree.Nodes; len(n) > 0 && n[0].Kind == dissect.KindLink {
		t.node(0, 1, "frame", 0)
	}
}

func (t *tree) frameLine() string {
	own := 0
	for range t.d.Tree.Own() {
		own++
	}
	return plural(len(t.d.Tree.Data), "byte") + ", " + plural(own, "message")
}

// seconds writes nanoseconds as seconds.
func seconds(ns int64) string { return strconv.FormatFloat(float64(ns)/1e9, 'f', 6, 64) + " s" }

// node appends row i of the dissected frame with what is unfolded below it.
// ordinal is which of its siblings of the same kind it is.
func (t *tree) node(i int32, depth int, above string, ordinal int) {
	dt := t.d.Tree
	n := &dt.Nodes[i]
	name := render.NodeName(dt, i)
	key := above + "/" + name
	if ordinal > 0 {
		key += "#" + strconv.Itoa(ordinal)
	}
	if n.Kind == dissect.KindMessage && n.Depth == 0 {
		key = "message" // what is unfolded below stays so in the next message
	}
	valued := i // the leaf whose values are listed
	if from, to := dt.Payload(i); !n.Kind.Leaf() && from < to && t.inOne(from) {
		valued = from
	}
	detail := t.enumOf(valued)
	r := treeRow{kind: rowNode, node: i, depth: depth, key: key, style: stName, kids: t.anyBelow(i) || detail != nil}
	r.pointed = t.pointedAt >= 0 && int(n.Off) == t.pointedAt && n.Kind != dissect.KindMessage && !n.Kind.Leaf() ||
		t.pointedAt >= 0 && n.Kind == dissect.KindMember && t.pointedAt >= int(n.Off) && t.pointedAt < int(n.Off+n.Len)
	r.pointed = r.pointed || t.pointedNode == i
	open := t.add(r, t.unfolded(i))
	for _, f := range dt.FindingsOf(i, i+1) {
		t.finding(&f, depth+1)
	}
	if !open {
		if n.End > i+1 {
			t.foldedFindings(i, depth+1)
		}
		return
	}
	if !n.Kind.Leaf() {
		t.children(i, depth+1, key)
	}
	if detail != nil {
		t.values(valued, detail, depth+1, key)
	}
	t.remembered(i, depth+1, key)
}

// anyBelow says whether a row has rows below it.
func (t *tree) anyBelow(i int32) bool {
	dt := t.d.Tree
	for j := i + 1; j < dt.Nodes[i].End; j = dt.Nodes[j].End {
		if !t.left(j) {
			return true
		}
	}
	return false
}

// sibling tells the children of a node that would have the same name apart.
type sibling struct {
	kind  dissect.Kind
	field *families.Field
	id    uint16
}

// children appends the rows below row i.
func (t *tree) children(i int32, depth int, key string) {
	dt := t.d.Tree
	n := &dt.Nodes[i]
	var seen map[sibling]int
	for j := i + 1; j < n.End; j = dt.Nodes[j].End {
		o := &dt.Nodes[j]
		if t.left(j) {
			for _, f := range dt.FindingsOf(j, j+1) {
				t.finding(&f, depth)
			}
			continue
		}
		if o.Kind != dissect.KindAttr && o.Kind != dissect.KindElem {
			t.node(j, depth, key, 0)
			continue
		}
		if seen == nil {
			seen = map[sibling]int{}
		}
		s := sibling{o.Kind, o.Field, o.ID}
		if o.Field != nil {
			s.id = 0
		}
		t.node(j, depth, key, seen[s])
		seen[s]++
	}
}

// left says whether a row is left out because it says nothing of its own: the
// header of an attribute, padding, the value that stands beside its name.
func (t *tree) left(i int32) bool {
	if t.layout {
		return false
	}
	n := &t.d.Tree.Nodes[i]
	switch n.Kind {
	case dissect.KindLen, dissect.KindType, dissect.KindPadding:
		return true
	}
	return t.inOne(i)
}

// inOne says whether a leaf is the one value of the attribute around it.
func (t *tree) inOne(i int32) bool {
	n := &t.d.Tree.Nodes[i]
	if n.Parent < 0 || !n.Kind.Leaf() {
		return false
	}
	p := &t.d.Tree.Nodes[n.Parent]
	return (p.Kind == dissect.KindAttr || p.Kind == dissect.KindElem) && t.single(n.Parent) && n.Kind == dissect.KindValue
}

// unfolded says whether a row is unfolded unless the user wants it otherwise:
// what holds others is, what is one value is not.
func (t *tree) unfolded(i int32) bool {
	dt := t.d.Tree
	n := &dt.Nodes[i]
	switch {
	case n.Kind == dissect.KindLink:
		return false
	case n.Kind == dissect.KindMessage:
		return true
	case n.Kind == dissect.KindStruct:
		return n.Field != nil || n.Type == nil || n.Type.Struct == nil ||
			n.Type.Struct.Name != "nlmsghdr" && n.Type.Struct.Name != "genlmsghdr"
	case n.Kind.Leaf():
		return false
	}
	return !t.single(i)
}

// single says whether an attribute holds one value.
func (t *tree) single(i int32) bool {
	from, to := t.d.Tree.Payload(i)
	return from >= to || from+1 == to && t.d.Tree.Nodes[from].Kind.Leaf()
}

// foldedFindings appends what was found of the rows below one that is folded:
// folding must not hide it.
func (t *tree) foldedFindings(i int32, depth int) {
	dt := t.d.Tree
	for _, f := range dt.FindingsOf(i+1, dt.Nodes[i].End) {
		if f.Severity() > dissect.Note {
			t.finding(&f, depth)
		}
	}
}

func (t *tree) finding(f *dissect.Finding, depth int) {
	st := stDim
	switch f.Severity() {
	case dissect.Warning:
		st = stWarn
	case dissect.Error:
		st = stError
	}
	t.add(treeRow{kind: rowFinding, node: f.Node, depth: depth, key: "!" + f.Name() + strconv.Itoa(int(f.Node)), style: st,
		name: "! " + string(render.AppendFinding(nil, f))}, false)
}

// remembered appends where the request is that an error does not carry.
func (t *tree) remembered(i int32, depth int, key string) {
	m := t.d.Tree.MsgOf(i)
	if m == nil || !m.HasErrno || t.d.Input.RequestFrame == 0 || m.EchoOf >= 0 {
		return
	}
	t.add(treeRow{kind: rowText, node: -1, depth: depth, key: key + "/request", name: "its request",
		value: "in frame " + strconv.Itoa(t.d.Input.RequestFrame) + "; enter goes there", request: int32(t.d.Input.RequestFrame)}, false)
}

// enumOf returns the names of a leaf's values, nil if it has none.
func (t *tree) enumOf(i int32) *families.Enum {
	dt := t.d.Tree
	n := &dt.Nodes[i]
	if !n.Kind.Leaf() || n.Type == nil || n.Len > 8 || t.hidden(n) {
		return nil
	}
	if n.Field != nil && n.Field.Name == "nlmsg_flags" {
		for k := range dt.Msgs {
			if m := &dt.Msgs[k]; n.Off == m.Off+6 && m.FlagSet != nil {
				return m.FlagSet
			}
		}
	}
	if e := n.Type.Enum; e != nil && len(e.Entries) > 0 {
		return e
	}
	return nil
}

func (t *tree) hidden(n *dissect.Node) bool {
	for _, s := range t.d.Hidden {
		if int(n.Off) < s.To && int(n.Off+n.Len) > s.From {
			return true
		}
	}
	return false
}
