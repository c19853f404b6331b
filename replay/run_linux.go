package replay

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// answerWait is how long an answer is waited for that came in the capture. The
// kernel mostly answers before the send call returns; the audit and a few other
// subsystems answer from a thread of theirs.
const answerWait = 500 * time.Millisecond

// longestAnswer is how long the parts of one answer may take, all together.
const longestAnswer = 30 * time.Second

// maxResult bounds what a replay may hear, in bytes.
const maxResult = 256 << 20

// Run sends a plan's requests in the network namespace of the calling thread,
// which the caller has locked if that is not the process's own.
func Run(ctx context.Context, p *Plan, db *families.DB) (*Result, error) {
	r := &runner{
		plan: p, sockets: make([]*socket, len(p.Sockets)), ids: map[Learn]uint64{},
		family: map[string]uint16{}, session: dissect.NewSession(hostOrder()), d: dissect.New(db),
	}
	r.session.DB = db
	defer r.close()
	r.res.Kernel = kernel()
	if p.LoopbackUp {
		_ = linkUp("lo") // without the right to do so it stays as it is
	}
	if err := r.background(); err != nil {
		return nil, err
	}
	for i := range p.Links {
		r.link(&p.Links[i])
	}
	for i := range p.Requests {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		q := &p.Requests[i]
		if p.Speed > 0 && q.After > 0 && i > 0 {
			if !sleep(ctx, time.Duration(float64(q.After)/p.Speed)) {
				return nil, context.Cause(ctx)
			}
		}
		s := Sent{}
		r.request(i, q, &s)
		r.res.Sent = append(r.res.Sent, s)
		if r.size > maxResult {
			return nil, fmt.Errorf("the kernel sent more than %d MiB", maxResult>>20)
		}
	}
	return &r.res, nil
}

func hostOrder() dissect.OrderOption {
	if bigHost {
		return dissect.OrderBig
	}
	return dissect.OrderLittle
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// runner runs a plan.
type runner struct {
	plan    *Plan
	res     Result
	sockets []*socket // by Plan.Sockets, nil until used
	own     *socket   // of NETLINK_ROUTE, for what the replay itself asks
	generic *socket   // of NETLINK_GENERIC, likewise
	size    int

	ids     map[Learn]uint64  // what the ids of the capture are now
	family  map[string]uint16 // ids of generic families, 0: not there
	session *dissect.Session
	d       *dissect.Dissector
	seen    int // how many frames the session has
}

// socket is one netlink socket.
type socket struct {
	fd      int
	proto   uint8
	portID  uint32
	options capture.SocketOptions
	seq     uint32 // of what the replay itself asks
	err     error
}

func (r *runner) close() {
	for _, s := range append(r.sockets, r.own, r.generic) {
		if s != nil && s.err == nil {
			unix.Close(s.fd)
		}
	}
}

func openSocket(proto uint8) *socket {
	s := &socket{proto: proto}
	s.fd, s.err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(proto))
	if s.err != nil {
		return s
	}
	fail := func(err error) *socket {
		unix.Close(s.fd)
		s.err = err
		return s
	}
	_ = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 8<<20) // as much as is allowed
	if err := unix.Bind(s.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fail(err)
	}
	sa, err := unix.Getsockname(s.fd)
	if err != nil {
		return fail(err)
	}
	s.portID = sa.(*unix.SockaddrNetlink).Pid
	return s
}

// set switches the options that change what a socket reads.
func (s *socket) set(o capture.SocketOptions) {
	const which = capture.OptCapAck | capture.OptExtAck | capture.OptStrictChk
	for n := range 32 {
		bit := capture.SocketOptions(1) << n
		if bit&which == 0 || (o^s.options)&bit == 0 {
			continue
		}
		v := 0
		if o&bit != 0 {
			v = 1
		}
		_ = unix.SetsockoptInt(s.fd, unix.SOL_NETLINK, n, v) // an older kernel knows fewer
	}
	s.options = o & which
}

// of returns the socket of a request.
func (r *runner) of(q *Request) *socket {
	if s := r.sockets[q.Socket]; s != nil {
		return s
	}
	p := &r.plan.Sockets[q.Socket]
	s := openSocket(p.Proto)
	r.sockets[q.Socket] = s
	if s.err != nil {
		return s
	}
	for _, g := range p.Groups {
		id := g.ID
		if g.Family != "" {
			id = r.group(g.Family, g.Name)
		}
		if id != 0 {
			_ = unix.SetsockoptInt(s.fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, int(id))
		}
	}
	return s
}

// request sends one request and reads what comes of it.
func (r *runner) request(i int, q *Request, sent *Sent) {
	s := r.of(q)
	if s.err != nil {
		sent.Skipped = fmt.Sprintf("no socket of protocol %d: %v", r.plan.Sockets[q.Socket].Proto, s.err)
		return
	}
	data := append([]byte(nil), q.Data...)
	for n := range q.Rewrites {
		w := &q.Rewrites[n]
		if w.Off < 0 || w.Size < 0 || w.Off+w.Size > len(data) {
			sent.Skipped = fmt.Sprintf("%s is outside of the request", w.Field)
			return
		}
		v, note, err := r.value(w, s)
		if err != nil {
			sent.Skipped = err.Error()
			return
		}
		if note != "" {
			sent.Notes = append(sent.Notes, note)
		}
		put(data[w.Off:w.Off+w.Size], v, w.Big)
	}
	if s.proto == families.ProtoXFRM {
		f := (&Frame{Proto: s.proto, Data: data}).Frame(1)
		t := r.d.Frame(&dissect.Input{Number: 1, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.DirToKernel, Big: bigHost})
		wide, ok := widen(t, data)
		if data = wide; ok {
			sent.Notes = append(sent.Notes, "it has the layout of 32-bit programs, and is sent in that of 64-bit ones")
		}
	}
	s.set(q.Options)
	err := unix.Sendto(s.fd, data, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
	var errno unix.Errno
	if errors.As(err, &errno) {
		sent.Errno = -int32(errno)
	}
	r.note(s, i, data, false, sent.Errno)
	sent.Frame = len(r.res.Frames)
	if err != nil {
		return
	}
	sent.Late = !r.listen(s, i, waited(q, data))
	r.learn(i, q)
	if q.Makes != "" && q.Prepares {
		if _, ok := linkIndex(q.Makes); !ok {
			sent.Notes = append(sent.Notes, q.Makes+" could not be made as it was: it is a dummy")
			r.link(&Link{Name: q.Makes})
		}
	}
	if s.proto == families.ProtoRoute || s.proto == families.ProtoGeneric {
		if changes(s.proto, data) {
			_ = r.links()
		}
	}
}

// changes reports whether a datagram may change what interfaces there are: it
// is about links and does not only ask, or goes to a generic family and is no
// dump.
func changes(proto uint8, data []byte) bool {
	for m := range messages(data) {
		switch binary.NativeEndian.Uint16(m[hdrType:]) {
		case unix.RTM_NEWLINK, unix.RTM_DELLINK, unix.RTM_SETLINK:
			return true
		}
		if proto == families.ProtoGeneric && binary.NativeEndian.Uint16(m[hdrFlags:])&unix.NLM_F_DUMP != unix.NLM_F_DUMP {
			return true
		}
	}
	return false
}

// waited are the sequence numbers that an answer must come for. The value says
// whether only an end is an answer: an ACK, an error or the DONE of a dump.
func waited(q *Request, data []byte) map[uint32]bool {
	out := map[uint32]bool{}
	no := 0
	for m := range messages(data) {
		flags := binary.NativeEndian.Uint16(m[hdrFlags:])
		if no < len(q.Answers) && q.Answers[no] || no >= len(q.Answers) && flags&(unix.NLM_F_ACK|unix.NLM_F_DUMP) != 0 {
			out[binary.NativeEndian.Uint32(m[hdrSeq:])] = flags&unix.NLM_F_ACK != 0 || flags&unix.NLM_F_DUMP == unix.NLM_F_DUMP
		}
		no++
	}
	return out
}

// listen reads until all answers are there and nothing more waits. It reports
// whether they came. Only answers make it wait longer: a socket may be told of
// other things without end.
func (r *runner) listen(s *socket, request int, open map[uint32]bool) bool {
	until := time.Now().Add(answerWait)
	last := time.Now().Add(longestAnswer)
	for {
		if now := time.Now(); now.After(last) || len(open) > 0 && now.After(until) {
			return len(open) == 0
		}
		data, err := receive(s.fd)
		if errors.Is(err, unix.EINTR) || errors.Is(err, unix.ENOBUFS) {
			continue
		}
		if err == nil {
			r.note(s, request, data, true, 0)
			for m := range messages(data) {
				seq, t := binary.NativeEndian.Uint32(m[hdrSeq:]), binary.NativeEndian.Uint16(m[hdrType:])
				if _, ok := open[seq]; ok {
					until = time.Now().Add(answerWait)
				}
				if end, ok := open[seq]; ok && (!end || t == unix.NLMSG_ERROR || t == unix.NLMSG_DONE) {
					delete(open, seq)
				}
				// A batch that was given up gets no further answer.
			}
			if r.size > maxResult {
				return false
			}
			continue
		}
		if len(open) == 0 {
			return true
		}
		left := time.Until(until)
		if left <= 0 {
			return false
		}
		fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, int(left/time.Millisecond)+1); err != nil && !errors.Is(err, unix.EINTR) {
			return false
		}
	}
}

// receive reads a datagram whole, if there is one.
func receive(fd int) ([]byte, error) {
	var probe [1]byte
	n, _, err := unix.Recvfrom(fd, probe[:], unix.MSG_PEEK|unix.MSG_TRUNC|unix.MSG_DONTWAIT)
	if err != nil {
		return nil, err
	}
	// A dump fills what it believes the reader has room for, from then on.
	buf := make([]byte, max(n, 32<<10))
	n, _, err = unix.Recvfrom(fd, buf, unix.MSG_DONTWAIT)
	if err != nil {
		return nil, err
	}
	return append([]byte(nil), buf[:n]...), nil
}

// note keeps a datagram.
func (r *runner) note(s *socket, request int, data []byte, received bool, errno int32) {
	r.size += len(data)
	r.res.Frames = append(r.res.Frames, Frame{
		Time: time.Now().UnixNano(), Proto: s.proto, PortID: s.portID, Options: s.options,
		Received: received, Request: request, Errno: errno, Data: data,
	})
}

// learn takes the ids that the answers to a request tell, in the order of those
// that the capture tells.
func (r *runner) learn(i int, q *Request) {
	if len(q.Learns) == 0 {
		return
	}
	var now []Learn
	// All that was said counts: a generic family whose module came just now is
	// named in what the replay itself asked.
	for ; r.seen < len(r.res.Frames); r.seen++ {
		x := &r.res.Frames[r.seen]
		f := x.Frame(r.seen + 1)
		in := dissect.Input{Number: r.seen + 1, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		r.session.Prepare(&in, 0)
		if x.Request != i || !x.Received {
			continue
		}
		t := r.d.Frame(&in)
		for m := range t.Own() {
			now = appendLearns(now, t, m)
		}
	}
	// Only the same ids in the same order tell what has become of what.
	if len(now) != len(q.Learns) {
		return
	}
	for n := range now {
		if now[n].Space != q.Learns[n].Space {
			return
		}
	}
	for n := range now {
		r.ids[q.Learns[n]] = now[n].Value
	}
}

// value is what to write in the place of a rewrite.
func (r *runner) value(w *Rewrite, s *socket) (v uint64, note string, err error) {
	switch w.Kind {
	case RewritePortID:
		return uint64(s.portID), "", nil
	case RewriteFamily:
		if w.Name == "" {
			return 0, "", fmt.Errorf("the capture does not say which generic family %d is", w.Value)
		}
		if id := r.familyID(w.Name); id != 0 {
			return uint64(id), "", nil
		}
		return 0, "", &noFamilyError{w.Name}
	case RewriteGen:
		if id, ok := r.generation(); ok {
			return uint64(id), "", nil
		}
	case RewriteID:
		if id, ok := r.ids[Learn{w.Name, w.Value}]; ok {
			return id, "", nil
		}
	case RewriteIndex:
		if w.Name != "" {
			if index, ok := linkIndex(w.Name); ok {
				return uint64(index), "", nil
			}
		}
		if index, ok := r.ids[Learn{IndexSpace, w.Value}]; ok {
			return index, "", nil
		}
		// A number that means another interface here is none of this request's.
		if name := linkAt(uint32(w.Value)); name != "" && name != w.Name {
			const nobody = 0x7ffffff0
			return nobody, fmt.Sprintf("%s: interface %d is %s here and was %s there; sent as %d, which is none", w.Field, w.Value, name, orUnknown(w.Name), nobody), nil
		}
		if w.Name != "" {
			note = fmt.Sprintf("%s: there is no interface %s", w.Field, w.Name)
		}
	}
	return w.Value, note, nil
}

func orUnknown(name string) string {
	if name == "" {
		return "one that the capture does not name"
	}
	return name
}

// noFamilyError says that the kernel has no such generic family.
type noFamilyError struct{ name string }

func (e *noFamilyError) Error() string {
	return "this kernel has no generic family " + e.name + " (no module, or it is not in network namespaces)"
}
