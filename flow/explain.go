package flow

import (
	"bytes"
	"encoding/binary"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// Explainer decodes what was kept of an exchange. It is not safe for use by
// several goroutines.
type Explainer struct {
	// Again, if set, reads a frame of the capture once more: with
	// Options.Again, for what was too large to be kept. buf may be used for it.
	Again func(frame int, buf []byte) (data []byte, origLen int, ok bool)

	request, reply, answer part
}

// part is one of the messages with the dissector that decodes it, so that the
// trees of all can be looked at together.
type part struct {
	d     *dissect.Dissector
	b     []byte // the frame that is decoded
	again []byte // the frame of the capture, if it had to be read again
	in    dissect.Input
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
	request := x.whole(e, PartRequest, &x.request, e.RequestBytes, e.Request)
	reply := x.whole(e, PartReply, &x.reply, e.ReplyData, e.First)
	answer := x.whole(e, PartAnswer, &x.answer, e.AnswerBytes, e.Answer)
	parts := Explained{
		Request: x.request.decode(e, request, e.Cut&PartRequest != 0, e.Request.Frame, dissect.DirToKernel, nil),
		Reply:   x.reply.decode(e, reply, e.Cut&PartReply != 0, e.First.Frame, dissect.DirFromKernel, nil),
		Answer:  x.answer.decode(e, answer, e.Cut&PartAnswer != 0, e.Answer.Frame, dissect.DirFromKernel, asked(e, request, answer)),
	}
	if e.Cut != 0 {
		e.Note(FindCut, uint64(e.Cut), 0)
	}
	judge(e, parts.Request)
	return parts
}

// whole reads again what was not kept whole.
func (x *Explainer) whole(e *Exchange, which Parts, p *part, kept []byte, at MsgRef) []byte {
	if e.Cut&which == 0 || x.Again == nil || at.Frame == 0 {
		return kept
	}
	data, origLen, ok := x.Again(at.Frame, p.again)
	if !ok {
		return kept
	}
	p.again = data
	in := dissect.Input{Number: at.Frame, Data: data, OrigLen: origLen, Big: e.Big}
	f := place{f: &Frame{Input: &in}}
	last := int(at.Msg)
	if which == PartRequest {
		last += e.Messages - 1
	}
	walk, from := dissect.Scan(&in), 0
	var h dissect.Header
	for no := 0; walk.Next(&h); no++ {
		if no == int(at.Msg) {
			from = h.Off
		}
		if no == last {
			if f.h = &h; !f.cut() {
				e.Cut &^= which
			}
			if which == PartRequest {
				return data[from:f.tail()]
			}
			return data[from:h.End]
		}
	}
	return kept // the file has changed
}

// Shrink lets go of the memory that large messages took.
func (x *Explainer) Shrink() {
	for _, p := range []*part{&x.request, &x.reply, &x.answer} {
		p.d.Shrink()
		p.b, p.again, p.in = nil, nil, dissect.Input{}
	}
}

// asked is the message that an answer is about: of a batch, the one with the
// header that the answer carries.
func asked(e *Exchange, request, answer []byte) []byte {
	const echo = hdrLen + 4
	if !e.Batch || len(answer) < echo+hdrLen {
		return request
	}
	for b := request; len(b) >= hdrLen; {
		n := int(dissect.Uint(b[:4], e.Big))
		if n < hdrLen || n > len(b) {
			break
		}
		if bytes.Equal(b[:hdrLen], answer[echo:echo+hdrLen]) {
			return b[:n]
		}
		b = b[min((n+3)&^3, len(b)):]
	}
	return nil
}

// decode puts a message into a frame of its own.
func (p *part) decode(e *Exchange, msg []byte, cut bool, number int, dir dissect.Dir, request []byte) *dissect.Tree {
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
	if cut {
		orig++ // there was more
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
