package flow

import (
	"encoding/binary"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// Explainer decodes what was kept of an exchange. It is not safe for use by
// several goroutines.
type Explainer struct {
	request, reply, answer part
}

// part is one of the messages with the dissector that decodes it, so that the
// trees of all can be looked at together.
type part struct {
	d  *dissect.Dissector
	b  []byte
	in dissect.Input
}

// Explained are the trees of an exchange's messages, nil where nothing was
// kept. They are valid until the next call of Explain.
type Explained struct {
	Request *dissect.Tree // a batch: all of its messages
	Reply   *dissect.Tree // the first
	Answer  *dissect.Tree // the ACK, error or DONE
}

// NewExplainer returns an Explainer for the families of db.
func NewExplainer(db *families.DB) *Explainer {
	x := &Explainer{}
	for _, p := range []*part{&x.request, &x.reply, &x.answer} {
		p.d = dissect.New(db)
	}
	return x
}

// Explain decodes the messages of an exchange that was tracked with
// Options.Keep, and adds the findings that take the request's content.
func (x *Explainer) Explain(e *Exchange) Explained {
	parts := Explained{
		Request: x.request.decode(e, e.RequestBytes, e.Request.Frame, dissect.DirToKernel, nil),
		Reply:   x.reply.decode(e, e.ReplyData, e.First.Frame, dissect.DirFromKernel, nil),
		Answer:  x.answer.decode(e, e.AnswerBytes, e.Answer.Frame, dissect.DirFromKernel, e.RequestBytes),
	}
	judge(e, parts.Request)
	return parts
}

// decode puts a message into a frame of its own.
func (p *part) decode(e *Exchange, msg []byte, number int, dir dissect.Dir, request []byte) *dissect.Tree {
	if len(msg) == 0 {
		return nil
	}
	const cookedLen, arphrdNetlink = 16, 824
	if p.b == nil {
		p.b = make([]byte, cookedLen)
		binary.BigEndian.PutUint16(p.b[2:], arphrdNetlink)
	}
	p.b = append(p.b[:cookedLen], msg...)
	p.b[cookedLen-1] = e.Proto
	orig := len(p.b)
	if n := dissect.Uint(msg[:4], e.Big); uint64(len(msg)) < n {
		orig++ // more than was kept
	}
	p.in = dissect.Input{Number: number, Data: p.b, OrigLen: orig, Dir: dir, Big: e.Big, IDs: e.IDs, Links: e.Links, Sets: e.Sets}
	if len(request) >= hdrLen {
		p.in.Request = request
	}
	return p.d.Frame(&p.in)
}

// CopyTo copies an exchange into dst, whose memory is used again, with the
// bytes that it kept: they are appended to buf, which is returned.
func (e *Exchange) CopyTo(dst *Exchange, buf []byte) []byte {
	findings := append(dst.Findings[:0], e.Findings...)
	*dst = *e
	dst.Findings = findings
	if n := len(e.RequestBytes) + len(e.ReplyData) + len(e.AnswerBytes); len(buf)+n > cap(buf) {
		buf = make([]byte, 0, max(1<<16, n)) // what was handed out keeps the old array
	}
	for _, p := range []*[]byte{&dst.RequestBytes, &dst.ReplyData, &dst.AnswerBytes} {
		at := len(buf)
		buf = append(buf, *p...)
		*p = buf[at:len(buf):len(buf)]
	}
	return buf
}
