package encode

import (
	"encoding/hex"
	"fmt"
	"math"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// cookedLen is the size in bytes of LINKTYPE_NETLINK's header.
const cookedLen = 16

// template is the message as it was captured. What its object still says like
// the message does keeps its bytes.
type template struct {
	message *Message
	same    bool
	tree    *dissect.Tree
	msg     *dissect.Msg
	nodes   *Value
	was     *Value // what "read" says of the message
}

// tmpl is a part of a template: the rows from…to, and what JSON says of them.
type tmpl struct {
	t        *template
	attr     int32 // the attribute whose payload it is, or -1
	from, to int32
	was      *Value
}

// template decodes the bytes that nodes give.
func (c *Encoder) template(v, nodes *Value) (*template, error) {
	data, err := nodeBytes(nodes)
	if err != nil {
		return nil, at("nodes", err)
	}
	proto, err := ProtocolOf(v)
	if err != nil {
		return nil, err
	}
	genl := textOf(v.Get("genl").Get("family"))
	nl := v.Get("nlmsg")
	big := false
	if nl != nil && len(data) >= hdrLen { // nlmsg_type tells the byte order
		if typ, err := field16(nl, "type_id"); err == nil {
			big = uint64(typ) == dissect.Uint(data[4:6], true) && uint64(typ) != dissect.Uint(data[4:6], false)
			if n, err := field32(nl, "len"); err == nil && dissect.Uint(data[:4], true) != dissect.Uint(data[:4], false) {
				big = uint64(n) == dissect.Uint(data[:4], true)
			}
		}
	}
	dir := dissect.DirUnknown
	switch textOf(v.Get("direction")) {
	case "to_kernel":
		dir = dissect.DirToKernel
	case "from_kernel":
		dir = dissect.DirFromKernel
	case "user_to_user":
		dir = dissect.DirUserToUser
	}
	tp := &template{nodes: nodes}
	tp.decode(c, proto, data, big, dir, genl)
	if tp.msg == nil || tp.was == nil {
		return nil, at("nodes", fmt.Errorf("they are no message"))
	}
	end := len(data)
	if !tp.msg.Datagram && int(tp.msg.Len) < end && tp.msg.Len >= hdrLen {
		end = int(tp.msg.Len)
	}
	tp.message = &Message{Protocol: proto, Data: data[:end], Big: big, Genl: genl, Desc: tp.msg.Message}
	tp.same = true
	for _, key := range [...]string{"nlmsg", "genl", "header", "attrs", "error"} {
		if !v.Get(key).Equal(tp.was.Get(key)) {
			tp.same = false
		}
	}
	return tp, nil
}

// nodeBytes joins the bytes of the leaves.
func nodeBytes(nodes *Value) ([]byte, error) {
	var out []byte
	for i, n := range nodes.Items {
		x := n.Get("hex")
		if x == nil {
			continue
		}
		b, err := hexBytes(x.Text)
		if err != nil {
			return nil, at(fmt.Sprint(i), err)
		}
		out = append(out, b...)
	}
	return out, nil
}

// decode takes the message apart again and keeps what JSON says of it.
func (tp *template) decode(c *Encoder, proto uint8, data []byte, big bool, dir dissect.Dir, genl string) {
	frame := make([]byte, cookedLen, cookedLen+len(data))
	frame[2], frame[3], frame[15] = 824>>8, 824&0xff, proto
	frame = append(frame, data...)
	ids := &families.Registry{}
	if proto == families.ProtoGeneric && genl != "" && genl != "nlctrl" && len(data) >= hdrLen {
		ids.Learn(0, uint16(dissect.Uint(data[4:6], big)), genl)
	}
	in := dissect.Input{Number: 1, Data: frame, OrigLen: len(frame), Dir: dir, Big: big, IDs: ids, Links: &dissect.Links{}, Sets: &dissect.Sets{}}
	if c.d == nil {
		c.d = dissect.New(c.db)
	}
	tp.tree = c.d.Frame(&in)
	for m := range tp.tree.Own() {
		tp.msg = m
		break
	}
	if tp.msg == nil {
		return
	}
	if c.p == nil {
		c.p = render.NewJSON(render.Options{ShowSecrets: true}, false)
	}
	ev := render.Event{Number: 1, OrigLen: len(frame), Tree: tp.tree}
	c.text = c.p.Frame(c.text[:0], &ev)
	text := c.text
	for i, b := range text {
		if b == '\n' {
			text = text[:i]
			break
		}
	}
	tp.was, _ = ParseOne(text)
}

// root is the part that the whole message is.
func (tp *template) root() *tmpl {
	if tp == nil {
		return nil
	}
	n := &tp.tree.Nodes[tp.msg.Node]
	return &tmpl{t: tp, attr: -1, from: tp.tree.Body(tp.msg), to: n.End, was: tp.was}
}

// header is the part that is a message's or a nest's fixed header.
func (p *tmpl) header() *tmpl {
	if p == nil || p.from >= p.to || p.t.tree.Nodes[p.from].Kind != dissect.KindStruct {
		return nil
	}
	was := p.was
	if p.attr < 0 {
		was = p.was.Get("header")
	}
	return &tmpl{t: p.t, attr: -1, from: p.from + 1, to: p.t.tree.Nodes[p.from].End, was: was}
}

// attrs is the part that is a message's attributes.
func (p *tmpl) attrs() *tmpl {
	if p == nil {
		return nil
	}
	from := p.from
	for from < p.to && (p.t.tree.Nodes[from].Kind == dissect.KindStruct || p.t.tree.Nodes[from].Kind == dissect.KindPadding) {
		from = p.t.tree.Nodes[from].End
	}
	return &tmpl{t: p.t, attr: -1, from: from, to: p.to, was: p.was.Get("attrs")}
}

// behind is the part behind a nest's header.
func (p *tmpl) behind() *tmpl {
	if p == nil {
		return nil
	}
	from := p.from
	for from < p.to && p.t.tree.Nodes[from].Kind != dissect.KindAttr {
		from = p.t.tree.Nodes[from].End
	}
	return &tmpl{t: p.t, attr: p.attr, from: from, to: p.to, was: p.was}
}

// rows lists the attributes that stand under a key.
func (p *tmpl) rows(key string) []int32 {
	if p == nil {
		return nil
	}
	var out []int32
	for i := p.from; i < p.to; i = p.t.tree.Nodes[i].End {
		n := &p.t.tree.Nodes[i]
		if n.Kind != dissect.KindAttr {
			continue
		}
		if n.Field != nil && n.Field.Name == key || n.Field == nil && fmt.Sprint(n.ID) == key {
			out = append(out, i)
		}
	}
	return out
}

// unchanged returns the bytes of the attributes under a key of which an object
// says what it said, nil if it does not.
func (p *tmpl) unchanged(key string, v *Value) []byte {
	rows := p.rows(key)
	if rows == nil || !p.was.Get(key).Equal(v.Get(key)) || !p.was.Get(key+"_value").Equal(v.Get(key+"_value")) {
		return nil
	}
	for _, beside := range [...]string{"raw", "repeated"} {
		if !p.was.Get(beside).Get(key).Equal(v.Get(beside).Get(key)) {
			return nil
		}
	}
	var out []byte
	for _, i := range rows {
		out = append(pad4(out), p.t.tree.Bytes(&p.t.tree.Nodes[i])...)
	}
	return out
}

// element returns the bytes of one of the attributes under a key, if it says
// what it said.
func (p *tmpl) element(key string, i int, v *Value) []byte {
	rows := p.rows(key)
	was := items(p.wasOf(key))
	if i >= len(rows) || len(was) != len(rows) || !was[i].Equal(v) {
		return nil
	}
	return p.t.tree.Bytes(&p.t.tree.Nodes[rows[i]])
}

func (p *tmpl) wasOf(key string) *Value {
	if p == nil {
		return nil
	}
	return p.was.Get(key)
}

// nth returns the bytes of the i-th attribute of a list, if it says what it
// said.
func (p *tmpl) nth(i int, v *Value) []byte {
	if p == nil || p.was == nil || i >= len(p.was.Items) || !p.was.Items[i].Equal(v) {
		return nil
	}
	k := 0
	for row := p.from; row < p.to; row = p.t.tree.Nodes[row].End {
		n := &p.t.tree.Nodes[row]
		if n.Kind == dissect.KindPadding || n.Field != nil && n.Field.Type.Kind == families.KindPad {
			continue
		}
		if k == i {
			return p.t.tree.Bytes(n)
		}
		k++
	}
	return nil
}

// child is the part that the payload of the i-th attribute under a key is.
func (p *tmpl) child(key string, i int) *tmpl {
	rows := p.rows(key)
	if i >= len(rows) {
		return nil
	}
	was := p.wasOf(key)
	if len(rows) > 1 || was != nil && was.Shape == List && len(was.Items) == len(rows) && p.t.tree.Nodes[rows[i]].Field != nil && p.t.tree.Nodes[rows[i]].Field.Multi {
		if was == nil || i >= len(was.Items) {
			return nil
		}
		was = was.Items[i]
	}
	from, to := p.t.tree.Payload(rows[i])
	return &tmpl{t: p.t, attr: rows[i], from: from, to: to, was: was}
}

// typeFlags are the two upper bits of the attribute's nla_type.
func (p *tmpl) typeFlags() (uint16, bool) {
	if p == nil || p.attr < 0 {
		return 0, false
	}
	const mask = math.MaxUint16 &^ 0x3fff // NLA_F_NESTED and NLA_F_NET_BYTEORDER
	n := &p.t.tree.Nodes[p.attr]
	b := p.t.tree.Data[n.Off+2 : n.Off+4]
	return uint16(dissect.Uint(b, p.t.tree.Big)) & mask, true
}

// overlay puts back the bytes of members that say what they said, and of the
// holes between them.
func (p *tmpl) overlay(b []byte, s *families.Struct, v *Value) []byte {
	if p == nil || p.from >= p.to {
		return b
	}
	base := p.t.tree.Nodes[p.from].Off
	last := &p.t.tree.Nodes[p.to-1]
	old := p.t.tree.Data[base : last.Off+last.Len]
	if len(old) < len(b) {
		return b
	}
	out := append([]byte(nil), old[:len(b)]...)
	for _, m := range s.Members {
		if m.Off >= len(b) || member(v, m).Equal(member(p.was, m)) && v.Get(m.Name+"_value").Equal(p.was.Get(m.Name+"_value")) {
			continue
		}
		end := min(m.Off+m.Type.FixedSize(), len(b))
		copy(out[m.Off:end], b[m.Off:end])
	}
	return out
}

// Hex is how a message's bytes are written elsewhere.
func (m *Message) Hex() string { return hex.EncodeToString(m.Data) }
