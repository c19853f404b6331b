package encode

import (
	"fmt"
	"math"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

const (
	hdrLen     = 16     // struct nlmsghdr
	genlCtrl   = 0x10   // GENL_ID_CTRL of linux/genetlink.h
	nlaHdrLen  = 4      // struct nlattr
	nlaNested  = 0x8000 // NLA_F_NESTED of linux/netlink.h
	maxPayload = math.MaxUint16 - nlaHdrLen
)

// message appends a message with its header.
func (e *encoder) message(dst []byte, v *Value, tm *tmpl) ([]byte, error) {
	if e.deep++; e.deep > maxDepth {
		return dst, errDeep
	}
	defer func() { e.deep-- }()
	h := header{proto: e.hdr.proto}
	if v.Get("protocol") != nil {
		p, err := ProtocolOf(v)
		if err != nil {
			return dst, err
		}
		h.proto = p
	}
	e.dir = dissect.DirToKernel
	if textOf(v.Get("direction")) == "from_kernel" {
		e.dir = dissect.DirFromKernel
	}
	if v.Get("error") != nil {
		return dst, at("error", fmt.Errorf("an answer of the kernel is encoded by its nodes alone (hint: read with --full)"))
	}
	nl := v.Get("nlmsg")
	table := e.db.Protocol(h.proto)
	if nl == nil {
		if h.desc = table.Datagram(); h.desc == nil {
			return dst, at("nlmsg", fmt.Errorf("missing, and %s has messages with a header", families.ProtocolName(h.proto)))
		}
		e.hdr = h
		return e.body(dst, v, tm, len(dst))
	}
	if err := e.headers(&h, nl, v.Get("genl"), table); err != nil {
		return dst, err
	}
	e.hdr = h
	start := len(dst)
	dst = append(dst, make([]byte, hdrLen)...)
	if h.hasGenl {
		dst = append(dst, h.cmd, h.ver, 0, 0)
	}
	bodyAt := len(dst)
	dst, err := e.body(dst, v, tm, bodyAt)
	if err != nil {
		return dst, err
	}
	dst = e.trim(dst, start, bodyAt, nl.Get("len"))
	n := len(dst) - start
	b := dst[start:]
	putUint(b[0:4], uint64(n), e.big)
	putUint(b[4:6], uint64(h.typ), e.big)
	putUint(b[6:8], uint64(h.flags), e.big)
	putUint(b[8:12], uint64(h.seq), e.big)
	putUint(b[12:16], uint64(h.portid), e.big)
	return dst, nil
}

// trim leaves out the padding at the end of a message whose stated length does
// without.
func (e *encoder) trim(dst []byte, start, body int, stated *Value) []byte {
	if stated == nil {
		return dst
	}
	want, err := parseNumber(stated.Text)
	n := len(dst) - start
	if err != nil || want >= uint64(n) || n-int(want) > 3 || start+int(want) < body {
		return dst
	}
	for _, c := range dst[start+int(want):] {
		if c != 0 {
			return dst
		}
	}
	return dst[:start+int(want)]
}

// headers reads what nlmsghdr and genlmsghdr are to say. A name counts for more
// than the number beside it.
func (e *encoder) headers(h *header, nl, genl *Value, table *families.Table) error {
	var err error
	if h.typ, err = field16(nl, "type_id"); err != nil {
		return at("nlmsg", err)
	}
	name := textOf(nl.Get("type"))
	if h.proto == families.ProtoGeneric {
		if f := textOf(genl.Get("family")); f != "" {
			name = f
		}
		if err := e.genlHeader(h, genl, name); err != nil {
			return err
		}
	} else if name != "" {
		if typ, ok := e.typeOf(table, name); ok {
			h.typ = typ
		} else if nl.Get("type_id") == nil {
			return at("nlmsg/type", fmt.Errorf("%s has no message %q", families.ProtocolName(h.proto), name))
		}
	}
	if h.proto != families.ProtoGeneric {
		h.desc = table.Lookup(h.typ, e.dir == dissect.DirFromKernel)
		if h.desc != nil {
			h.fam = h.desc.Family
		}
		e.id = uint64(h.typ)
	}
	if h.flags, err = e.nlmsgFlags(h, nl); err != nil {
		return at("nlmsg/flags", err)
	}
	if h.seq, err = field32(nl, "seq"); err != nil {
		return at("nlmsg", err)
	}
	if h.portid, err = field32(nl, "portid"); err != nil {
		return at("nlmsg", err)
	}
	return nil
}

// typeOf finds a message type by its name or number.
func (e *encoder) typeOf(table *families.Table, name string) (uint16, bool) {
	if x, err := parseNumber(name); err == nil && x <= math.MaxUint16 {
		return uint16(x), true
	}
	for _, m := range table.Messages() {
		if m.Name == name {
			return m.ID, true
		}
	}
	for _, m := range table.Messages() {
		if m.Short == name {
			return m.ID, true
		}
	}
	for i, n := range [...]string{"NLMSG_NOOP", "NLMSG_ERROR", "NLMSG_DONE", "NLMSG_OVERRUN"} {
		if n == name {
			return uint16(i + 1), true
		}
	}
	return 0, false
}

// genlHeader reads the header of a generic message.
func (e *encoder) genlHeader(h *header, genl *Value, name string) error {
	if genl == nil { // too short for one
		return nil
	}
	h.genl, h.hasGenl = name, true
	if name == "nlctrl" {
		h.typ = genlCtrl
	} else if e.opt.FamilyID != nil && name != "" {
		id := e.opt.FamilyID(name)
		if id == 0 {
			return at("genl/family", fmt.Errorf("the kernel has no generic family %q (hint: its module may not be loaded)", name))
		}
		h.typ = id
	}
	h.fam = e.db.Genl(name)
	cmd, err := field16(genl, "cmd_id")
	if err != nil {
		return at("genl", err)
	}
	if s := textOf(genl.Get("cmd")); s != "" {
		m := command(h.fam, s, e.dir == dissect.DirFromKernel)
		x, err := parseNumber(s)
		switch {
		case m != nil:
			cmd = m.ID
		case err == nil && x <= math.MaxUint8:
			cmd = uint16(x)
		case genl.Get("cmd_id") == nil:
			return at("genl/cmd", fmt.Errorf("%s has no command %q", name, s))
		}
	}
	if cmd > math.MaxUint8 {
		return at("genl/cmd_id", fmt.Errorf("%d does not fit into 8 bits", cmd))
	}
	h.cmd, e.id = uint8(cmd), uint64(cmd)
	if h.fam != nil {
		h.ver = h.fam.Version
		h.desc = h.fam.Table().Lookup(cmd, e.dir == dissect.DirFromKernel)
	}
	if genl.Get("version") != nil {
		v, err := field16(genl, "version")
		if err != nil || v > math.MaxUint8 {
			return at("genl/version", fmt.Errorf("%q is no number of 8 bits", textOf(genl.Get("version"))))
		}
		h.ver = uint8(v)
	}
	return nil
}

// command finds a generic command by its name.
func command(f *families.Family, name string, reply bool) *families.Message {
	if f == nil {
		return nil
	}
	var found *families.Message
	for _, m := range f.Messages {
		if m.Name != name && m.Short != name {
			continue
		}
		if found == nil || reply && m.Rep || !reply && m.Req {
			found = m
		}
	}
	return found
}

// nlmsgFlags reads the flags of a message: names, or the number.
func (e *encoder) nlmsgFlags(h *header, nl *Value) (uint16, error) {
	id, err := field16(nl, "flags_id")
	if err != nil {
		return 0, err
	}
	list := nl.Get("flags")
	if list == nil {
		return id, nil
	}
	if nl.Get("flags_id") != nil && (list.Shape == List && len(list.Items) == 0 && id != 0) {
		return 0, nil
	}
	core, err := e.db.Load("netlink")
	if err != nil {
		return 0, err
	}
	class := families.ClassOther
	if h.desc != nil {
		class = h.desc.Class
	}
	sets := []*families.Enum{core.Enums["nlm-flags"], core.Enums["nlm-get"], core.Enums["nlm-new"], core.Enums["nlm-del"], core.Enums["nlm-ack"]}
	first := map[families.Class]int{families.ClassGet: 1, families.ClassNew: 2, families.ClassDel: 3}[class]
	order := append([]*families.Enum{sets[first]}, sets...)
	words := splitFlags(list)
	var out uint64
next:
	for _, w := range words {
		if w == "DUMP" || w == "NLM_F_DUMP" {
			out |= 0x300
			continue
		}
		if x, err := parseNumber(w); err == nil {
			out |= x
			continue
		}
		for _, s := range order {
			if x, ok := s.Value(s.Prefix + strings.TrimPrefix(w, s.Prefix)); ok {
				out |= x
				continue next
			}
		}
		return 0, fmt.Errorf("%q is no flag (hint: REQUEST, ACK, ECHO, DUMP, CREATE, EXCL, REPLACE, APPEND)", w)
	}
	if out > math.MaxUint16 {
		return 0, fmt.Errorf("%#x does not fit into 16 bits", out)
	}
	return uint16(out), nil
}

func splitFlags(v *Value) []string {
	if v.Shape != List {
		return strings.FieldsFunc(v.Text, func(r rune) bool { return r == '|' || r == ',' })
	}
	var out []string
	for _, x := range v.Items {
		out = append(out, x.Text)
	}
	return out
}

func field16(v *Value, key string) (uint16, error) {
	x, err := field(v, key, math.MaxUint16)
	return uint16(x), err
}

func field32(v *Value, key string) (uint32, error) {
	x, err := field(v, key, math.MaxUint32)
	return uint32(x), err
}

func field(v *Value, key string, most uint64) (uint64, error) {
	f := v.Get(key)
	if f == nil {
		return 0, nil
	}
	x, err := parseNumber(f.Text)
	if err != nil || x > most {
		return 0, at(key, fmt.Errorf("%q is no number up to %d", f.Text, most))
	}
	return x, nil
}

// body appends what follows the headers: the form that the captured message has,
// or the first whose members and attributes are those of the object, and of
// which the bytes say so too.
func (e *encoder) body(dst []byte, v *Value, tm *tmpl, from int) ([]byte, error) {
	head, attrs := v.Get("header"), v.Get("attrs")
	m := e.hdr.desc
	if m == nil || m.Body == nil {
		if head != nil {
			return dst, at("header", fmt.Errorf("nobody described one for this message"))
		}
		return e.undescribed(dst, attrs)
	}
	var first error
	for _, b := range e.forms(m.Body, tm) {
		if !e.couldBe(b.Body, head) {
			continue
		}
		outer := e.af
		e.af = 0
		out, err := e.form(dst[:from:from], b.Body, head, attrs, tm)
		e.af = outer
		if err == nil && e.holdsAll(b.Body, out[from:]) && (!b.stated || e.stated(v, len(out))) {
			return append(dst[:from], out[from:]...), nil
		}
		if err != nil && first == nil {
			first = err
		}
	}
	if first != nil {
		return dst, first
	}
	return dst, fmt.Errorf("no form of %s has these members", m.Name)
}

// form is one that a message may have.
type form struct {
	*families.Body
	stated bool // only if the message's stated length is that of this form
}

// forms lists the forms of a message in the order in which they are tried. One
// that is told apart by where its attributes start, such as the layout of 32-bit
// programs, is not made of an object that does not ask for it, nor is, where
// structs are to be whole, one that is short.
func (e *encoder) forms(set *families.BodySet, tm *tmpl) []form {
	var out []form
	if tm != nil && tm.attr < 0 && tm.t.msg.Body != nil {
		out = append(out, form{tm.t.msg.Body, false})
	}
	var last []form
	for _, b := range set.Bodies {
		rare := false
		for i := range b.When {
			rare = rare || b.When[i].Kind == families.CondAttrsAt && !b.When[i].Not ||
				e.opt.Whole && b.When[i].Kind == families.CondLenLess && !b.When[i].Not
		}
		out = append(out, form{b, rare})
		if rare {
			last = append(last, form{b, false})
		}
	}
	return append(out, last...)
}

// stated says whether a message of n bytes is as long as it says of itself.
func (e *encoder) stated(v *Value, n int) bool {
	x, err := parseNumber(textOf(v.Get("nlmsg").Get("len")))
	return err == nil && align4(int(x)) == align4(n)
}

// undescribed appends the body of a message that nobody described.
func (e *encoder) undescribed(dst []byte, attrs *Value) ([]byte, error) {
	if attrs == nil {
		return dst, nil
	}
	dst, err := e.attrs(dst, nil, attrs, nil, nil)
	if err != nil {
		return dst, at("attrs", err)
	}
	return dst, nil
}

// couldBe says whether a body has all members that a header is to have.
func (e *encoder) couldBe(b *families.Body, head *Value) bool {
	for i := range b.When {
		c := &b.When[i]
		ok := true
		switch c.Kind {
		case families.CondRequest:
			ok = e.dir != dissect.DirFromKernel
		case families.CondReply:
			ok = e.dir == dissect.DirFromKernel
		default:
			continue
		}
		if ok == c.Not {
			return false
		}
	}
	if head == nil {
		return true
	}
	for _, m := range head.Members {
		if b.Header == nil || b.Header.Member(m.Key) == nil && !beside(m.Key) {
			return false
		}
	}
	return true
}

// beside says whether a key is no member but says more about one.
func beside(key string) bool {
	switch key {
	case "raw", "repeated", "unknown", "trailing":
		return true
	}
	return strings.HasSuffix(key, "_name") || strings.HasSuffix(key, "_value")
}

// form appends one form of a message's body.
func (e *encoder) form(dst []byte, b *families.Body, head, attrs *Value, tm *tmpl) ([]byte, error) {
	start := len(dst)
	if b.Header != nil {
		if head == nil {
			head = &Value{Shape: Object}
		}
		var err error
		if dst, err = e.headerStruct(dst, b.Header, head, tm.header()); err != nil {
			return dst, at("header", err)
		}
	}
	if attrs == nil {
		return dst, nil
	}
	dst = append(dst, make([]byte, align4(len(dst)-start)-(len(dst)-start))...)
	e.push(b.Set, attrs, b.Header, head)
	defer e.pop()
	var err error
	switch {
	case b.Set != nil:
		dst, err = e.attrs(dst, b.Set, attrs, nil, tm.attrs())
	case b.Payload != nil:
		dst, err = e.content(dst, b.Payload, attrs)
	default:
		dst, err = e.attrs(dst, nil, attrs, nil, nil)
	}
	if err != nil {
		return dst, at("attrs", err)
	}
	return dst, nil
}

// headerStruct appends a fixed header and keeps its address family in force.
func (e *encoder) headerStruct(dst []byte, s *families.Struct, v *Value, tm *tmpl) ([]byte, error) {
	dst, err := e.strct(dst, s, v, tm)
	if err != nil {
		return dst, err
	}
	e.useAF(s, v)
	return dst, nil
}

// useAF puts the address family that a struct names in force.
func (e *encoder) useAF(s *families.Struct, v *Value) {
	if s.AF == nil {
		return
	}
	if f := member(v, s.AF); f != nil {
		if x, err := e.number(&s.AF.Type, f, e.big); err == nil {
			e.af = uint8(x)
		}
	}
}

// content appends a message's content that is one value. It stands under a key
// that says what it is, or is an object by itself.
func (e *encoder) content(dst []byte, t *families.Type, v *Value) ([]byte, error) {
	for t.Kind == families.KindSub {
		c := e.choose(t, v)
		if c == nil {
			break
		}
		t = c
		for _, key := range [...]string{tag(t), contentKey(t)} {
			if x := v.Get(key); x != nil && len(v.Members) == 1 && (t.Kind != families.KindStruct || t.Struct.Member(key) == nil) {
				return e.value(dst, t, nil, x, nil, nil)
			}
		}
	}
	if x := v.Get("unknown"); x != nil && len(v.Members) == 1 {
		b, err := hexBytes(x.Text)
		return append(dst, b...), err
	}
	if raw := v.Get("raw").Get("value"); raw != nil && len(raw.Items) == 1 {
		b, err := hexBytes(raw.Items[0].Text)
		return append(dst, b...), err
	}
	if t.Kind == families.KindStruct || t.Kind == families.KindNest {
		return e.value(dst, t, nil, v, nil, nil)
	}
	for _, key := range []string{"text", "value", tag(t)} {
		if x := v.Get(key); x != nil && len(v.Members) <= 2 {
			return e.value(dst, t, nil, x, v.Get(key+"_value"), nil)
		}
	}
	return e.value(dst, t, nil, v, nil, nil)
}

// contentKey is the key of content that is a single scalar.
func contentKey(t *families.Type) string {
	if t.Kind == families.KindString {
		return "text"
	}
	return "value"
}

func align4(n int) int { return (n + 3) &^ 3 }
