package store

import (
	"math/bits"
	"slices"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// maxKinds is how many different operations, processes and errors are counted
// apart; what comes beyond is counted together.
const maxKinds = 4096

// Buckets is how many parts the time of a capture is counted in at most.
const Buckets = 512

// Count is how many messages of a kind there are.
type Count struct {
	Messages, Bytes int64
	// Row is the first of them, which can be looked at for a name.
	Row int
	// Errno and Text are of an error; the text is the kernel's.
	Errno int32
	Text  string
}

// opKey is an operation as it stands in the headers.
type opKey struct {
	proto uint8
	typ   uint16
	cmd   uint8
	from  bool // the kernel, whose answers can have names of their own
}

// who is a process, or a socket of one that is not known.
type who struct {
	pid, portid uint32
	comm        string
}

// why is an error with the kernel's words.
type why struct {
	errno int32
	text  string
}

// Stats are counts of everything that a store has seen, what it no longer
// keeps included.
type Stats struct {
	Ops       []Count // by operation, the most frequent first
	Processes []Count // by process or socket
	Errors    []Count // by errno and reason
	Messages  int64
	Bytes     int64
	// Rate counts messages, Failed errors, in parts of Width nanoseconds from
	// Start on.
	Start, Width int64
	Rate, Failed []int32
	// Latency counts exchanges: entry i holds those whose first answer took
	// from 2^(i-1) up to 2^i microseconds, entry 0 those below one.
	Latency [40]int64
	// States counts exchanges that ended, by how.
	States [8]int64
	// Slowest is the longest time to a first answer, in nanoseconds.
	Slowest int64
	// Troubles are what the source tells of what was lost or not seen.
	Troubles flow.Troubles
}

// stats counts.
type stats struct {
	ops    map[opKey]*Count
	procs  map[who]*Count
	errors map[why]*Count
	total  Stats
	latest bool  // Count.Row is the latest of a kind, which is kept longest
	fresh  []int // rows that are the first of their kind, of the latest frame
}

func newStats() stats {
	s := stats{ops: map[opKey]*Count{}, procs: map[who]*Count{}, errors: map[why]*Count{}}
	s.total.Width = 10e6
	return s
}

// tally adds to the count of a key.
func tally[K comparable](s *stats, m map[K]*Count, k, other K, row int, size int) {
	c := m[k]
	if c == nil {
		if len(m) >= maxKinds {
			k = other
		}
		if c = m[k]; c == nil {
			c = &Count{Row: row}
			m[k] = c
			s.fresh = append(s.fresh, row)
		}
	}
	c.Messages++
	c.Bytes += int64(size)
	if s.latest {
		c.Row = row
	}
}

// frame counts the messages of a frame, whose rows begin at row.
func (s *stats) frame(l *loaded, row int, refs []flow.Ref) {
	h := dissect.Scan(&l.input)
	var m dissect.Header
	n, failed := 0, 0
	s.fresh = s.fresh[:0]
	for ; h.Next(&m); n++ {
		role := flow.NoRole
		if n < len(refs) {
			role = refs[n].Role
		}
		if s.message(l, &m, row+n, fromKernel(&l.input, &m, role)) {
			failed++
		}
	}
	if h.Datagram() {
		m = datagram(&l.input)
		s.message(l, &m, row, fromKernel(&l.input, &m, flow.NoRole))
		n++
	}
	s.rate(l.frame.Time, n, failed)
}

// Types of linux/netlink.h.
const (
	typeError = 2
	typeDone  = 3
)

// fromKernel says whether the kernel sent a message, which has a part in an exchange
// or none.
func fromKernel(in *dissect.Input, m *dissect.Header, role flow.Role) bool {
	const request = 1 // NLM_F_REQUEST
	switch {
	case role != flow.NoRole:
		return role != flow.Request
	case in.Dir != dissect.DirUnknown:
		return in.Dir == dissect.DirFromKernel
	}
	return m.Flags&request == 0
}

// datagram stands for the header of a message that has none.
func datagram(in *dissect.Input) dissect.Header {
	return dissect.Header{Proto: in.Data[capture.CookedLen-1], Off: capture.CookedLen, End: len(in.Data)}
}

// message counts one message, but for the time that it came at. It says whether it
// is an error.
func (s *stats) message(l *loaded, m *dissect.Header, row int, from bool) (failed bool) {
	key := opKey{m.Proto, m.Type, 0, from}
	if m.Proto == families.ProtoGeneric && m.Type >= 16 && m.Off+16 < len(l.input.Data) {
		key.cmd = l.input.Data[m.Off+16]
	}
	size := min((m.End-m.Off+3)&^3, len(l.input.Data)-m.Off) // with what aligns the next one
	tally(s, s.ops, key, opKey{proto: 255}, row, size)
	w := who{pid: l.frame.Process.PID, comm: l.frame.Process.Comm}
	if w.pid == 0 && w.comm == "" {
		w.portid = m.PortID
	}
	tally(s, s.procs, w, who{comm: "\x00other"}, row, size)
	if m.Type == typeError && m.Proto != families.ProtoConnector {
		if e := errnoOf(&l.input, m); e < 0 {
			failed = true
			tally(s, s.errors, why{e, reason(&l.input, m)}, why{errno: 1}, row, size)
		}
	}
	s.total.Bytes += int64(size)
	s.total.Messages++
	return failed
}

// reason is the text that the kernel gave with an error.
func reason(in *dissect.Input, m *dissect.Header) string {
	const capped, tlvs, header = 0x100, 0x200, 16
	if m.Flags&tlvs == 0 {
		return ""
	}
	at := m.Off + 2*header + 4
	if m.Flags&capped == 0 && at <= m.End {
		n := dissect.Uint(in.Data[m.Off+header+4:m.Off+header+8], in.Big)
		if n > uint64(m.End-m.Off) {
			return ""
		}
		at = m.Off + header + 4 + int(n+3)&^3
	}
	for at+4 <= m.End {
		n, typ := int(dissect.Uint(in.Data[at:at+2], in.Big)), dissect.Uint(in.Data[at+2:at+4], in.Big)
		if n < 4 || at+n > m.End {
			return ""
		}
		if typ == 1 { // NLMSGERR_ATTR_MSG
			text := in.Data[at+4 : at+n]
			return string(text[:min(len(text), 200)])
		}
		at += (n + 3) &^ 3
	}
	return ""
}

// rate counts messages in their part of the time. When the parts no longer
// reach, each two become one.
func (s *stats) rate(at int64, n, failed int) {
	t := &s.total
	if len(t.Rate) == 0 {
		t.Start = at
	}
	if at < t.Start {
		at = t.Start // a clock that was set back
	}
	for (at-t.Start)/t.Width >= Buckets {
		t.Width *= 2
		t.Rate, t.Failed = halve(t.Rate), halve(t.Failed)
	}
	i := int((at - t.Start) / t.Width)
	for len(t.Rate) <= i {
		t.Rate, t.Failed = append(t.Rate, 0), append(t.Failed, 0)
	}
	t.Rate[i] += int32(n)
	t.Failed[i] += int32(failed)
}

func halve(list []int32) []int32 {
	for i := range (len(list) + 1) / 2 {
		v := list[2*i]
		if 2*i+1 < len(list) {
			v += list[2*i+1]
		}
		list[i] = v
	}
	return list[:(len(list)+1)/2]
}

// ended counts an exchange.
func (s *stats) ended(e *flow.Exchange) {
	d, ok := e.Latency()
	s.exchange(e.State, d, ok)
}

// exchange counts an exchange, whose first answer took so long, if there was one.
func (s *stats) exchange(state flow.State, d int64, ok bool) {
	s.total.States[state&7]++
	if !ok {
		return
	}
	s.total.Slowest = max(s.total.Slowest, d)
	s.total.Latency[min(bits.Len64(uint64(max(d, 0)/1000)), len(s.total.Latency)-1)]++
}

// Stats returns the counts as they are now.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats.copy()
}

func (s *stats) copy() Stats {
	t := s.total
	for k, c := range s.errors {
		c.Errno, c.Text = k.errno, k.text
	}
	t.Ops, t.Processes, t.Errors = ranked(s.ops), ranked(s.procs), ranked(s.errors)
	t.Rate, t.Failed = slices.Clone(t.Rate), slices.Clone(t.Failed)
	return t
}

func ranked[K comparable](m map[K]*Count) []Count {
	out := make([]Count, 0, len(m))
	for _, c := range m {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Count) int {
		if a.Messages != b.Messages {
			return int(b.Messages - a.Messages)
		}
		return a.Row - b.Row
	})
	return out
}
