package encode

import (
	"fmt"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

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
