package flow

import "github.com/nlsniff/nlsniff/dissect"

// Parts is a set of the messages of an exchange that are kept to be shown.
type Parts uint8

// The parts.
const (
	PartRequest Parts = 1 << iota // all of it: of a batch, every message
	PartReply                     // the first
	PartAnswer                    // what ended the exchange
)

var partNames = [...]string{"request", "reply", "answer"}

// Names returns the names of the parts in the set.
func (p Parts) Names() []string {
	var out []string
	for i, name := range partNames {
		if p&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

const (
	// againFrom is from how many bytes on a part is rather read again than
	// kept, where that can be done.
	againFrom = 4 << 10
	// leastKept is how much is kept of a part even where there is no room, so
	// that its operation can be named: the netlink header and what follows.
	leastKept = 64
	// maxSpare bounds the memory of buffers that wait to be used again, in
	// bytes, and of one of them.
	maxSpare       = 1 << 20
	maxSpareBuffer = 1 << 14
)

// retained are the bytes that exchanges hold of their messages, within a
// budget for all of them together.
type retained struct {
	held    int      // bytes of all buffers in use
	spare   [][]byte // to be used again
	inSpare int      // their bytes
}

// keep appends a part of a message to what an exchange holds, or replaces it.
// What there is no room for is marked in Exchange.Cut.
func (t *Tracker) keep(e *entry, part Parts, p *place, more bool) {
	if t.opt.Keep == 0 || e.reported {
		return
	}
	buf := &e.kept[part>>1]
	had := 0
	if more {
		had = len(*buf)
		for ; had%4 != 0; had++ { // align the next message
			*buf = t.grow(*buf, had+1)
			*buf = append(*buf, 0)
		}
	} else {
		*buf = (*buf)[:0]
		e.ex.Cut &^= part
	}
	b := p.bytes()
	if part == PartRequest {
		b = p.sent()
	}
	n := len(b)
	if p.cut() {
		defer func() { e.ex.Cut |= part }()
	}
	if e.ex.Cut&part != 0 || t.opt.Again && had+n > againFrom || t.held+had+n-cap(*buf) > t.opt.Keep {
		e.ex.Cut |= part
		n = min(n, max(leastKept-had, 0))
	}
	*buf = t.grow(*buf, had+n)
	*buf = append(*buf, b[:n]...)
}

// grow returns a buffer with the same bytes and room for n.
func (t *Tracker) grow(buf []byte, n int) []byte {
	if n <= cap(buf) {
		return buf
	}
	r := &t.retained
	var next []byte
	if k := len(r.spare) - 1; k >= 0 && r.held+cap(r.spare[k]) <= t.opt.Keep {
		next = r.spare[k]
		r.spare = r.spare[:k]
		r.inSpare -= cap(next)
	}
	if cap(next) < n {
		const least = 256
		room := max(n, least)
		if len(buf) > 0 {
			room = max(room, 2*cap(buf)) // a batch that grows by messages
		}
		if r.held+room > t.opt.Keep {
			room = n
		}
		next = make([]byte, 0, room)
	}
	r.held += cap(next)
	next = append(next[:0], buf...)
	t.letGo(buf)
	return next
}

// letGo takes a buffer back.
func (t *Tracker) letGo(buf []byte) {
	r := &t.retained
	n := cap(buf)
	if n == 0 {
		return
	}
	r.held -= n
	if n <= maxSpareBuffer && r.inSpare+n <= maxSpare {
		r.spare = append(r.spare, buf[:0])
		r.inSpare += n
	}
}

// release takes back all that an exchange holds.
func (t *Tracker) release(e *entry) {
	for i := range e.kept {
		t.letGo(e.kept[i])
		e.kept[i] = nil
	}
}

// cut says whether the capture has only the start of a message.
func (p *place) cut() bool {
	in := p.f.Input
	return in.OrigLen > len(in.Data) && p.h.Off+int(p.h.Len) > len(in.Data)
}

// tail is what stands behind the last message of a frame, too little for
// another or nothing but zeros: it belongs to the request before it.
func (p *place) tail() int {
	d, end := p.f.Input.Data, p.h.End
	if p.f.Input.OrigLen > len(d) {
		return end
	}
	next := min((end+3)&^3, len(d))
	rest := d[next:]
	if len(rest) >= hdrLen && (dissect.Uint(rest[:4], p.h.Big) != 0 || !allZero(rest)) {
		return end
	}
	return len(d)
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// sent are the bytes of a request, with what stands behind the last one.
func (p *place) sent() []byte { return p.f.Input.Data[p.h.Off:p.tail()] }
