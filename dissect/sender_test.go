package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestSender: what the kernel sends with the flags of a request is told from
// requests by what was asked before.
func TestSender(t *testing.T) {
	const (
		request = 1
		ack     = 0x605
		plain   = 0x601
		fibProt = 10
	)
	nexthop := func(id uint32) []byte { return cat(make([]byte, 8), le.attr(1, le.u32(id))) }
	full := func(id uint32) []byte { return cat(nexthop(id), le.attr(5, le.u32(6))) }
	tcmsg := func(dev uint32) []byte { return cat(le.u32(0), le.u32(dev), make([]byte, 12)) }
	fib := func(answer byte) []byte { return cat(make([]byte, 12), []byte{answer, 0, 0, 0}, make([]byte, 4)) }
	neigh := func(attrs ...[]byte) []byte { return cat(make([]byte, 12), cat(attrs...)) }
	type message struct {
		proto byte
		h     hdr
		body  []byte
		want  dissect.Dir
	}
	const to, from = dissect.DirToKernel, dissect.DirFromKernel
	errorOf := func(h hdr, body []byte) []byte { return cat(le.u32(0), le.msg(h, body)[:16]) }
	for _, c := range []struct {
		name     string
		messages []message
	}{
		{"a notification for each of two listeners, then the ACK", []message{
			{0, hdr{typ: 104, flags: ack, seq: 5}, nexthop(1), to},
			{0, hdr{typ: 104, flags: ack, seq: 5, portid: 9}, full(1), from},
			{0, hdr{typ: 104, flags: ack, seq: 5, portid: 9}, full(1), from},
			{0, hdr{typ: 2, seq: 5, portid: 9}, errorOf(hdr{typ: 104, flags: ack, seq: 5}, nexthop(1)), from},
			{0, hdr{typ: 104, flags: ack, seq: 5, portid: 9}, full(1), to}, // the same numbers again
		}},
		{"of a program that names its socket", []message{
			{0, hdr{typ: 105, flags: ack, seq: 5, portid: 9}, nexthop(1), to},
			{0, hdr{typ: 105, flags: ack, seq: 5, portid: 9}, full(1), from},
		}},
		{"a request that is sent twice", []message{
			{0, hdr{typ: 44, flags: plain, seq: 5, portid: 9}, tcmsg(1), to},
			{0, hdr{typ: 44, flags: plain, seq: 5, portid: 9}, tcmsg(1), to},
		}},
		{"a nexthop of which the kernel knows no more than the request said", []message{
			{0, hdr{typ: 104, flags: plain, seq: 5, portid: 9}, nexthop(1), to},
			{0, hdr{typ: 104, flags: plain, seq: 5, portid: 9}, nexthop(1), from},
		}},
		{"a program whose numbers never change", []message{
			{0, hdr{typ: 104, flags: plain, seq: 1, portid: 9}, nexthop(1), to},
			{0, hdr{typ: 104, flags: plain, seq: 1, portid: 9}, nexthop(2), to},
			{0, hdr{typ: 44, flags: plain, seq: 1, portid: 9}, tcmsg(3), to},
			{0, hdr{typ: 44, flags: plain, seq: 1, portid: 9}, cat(tcmsg(4), le.attr(1, str("u32"))), to},
		}},
		{"another socket, another number, other flags", []message{
			{0, hdr{typ: 104, flags: plain, seq: 1, portid: 9}, nexthop(1), to},
			{0, hdr{typ: 104, flags: plain, seq: 1, portid: 8}, full(1), to},
			{0, hdr{typ: 104, flags: plain, seq: 2, portid: 9}, full(1), to},
			{0, hdr{typ: 104, flags: ack, seq: 1, portid: 9}, full(1), to},
		}},
		{"two programs with one number", []message{
			{0, hdr{typ: 44, flags: plain, seq: 1}, tcmsg(1), to},
			{0, hdr{typ: 44, flags: plain, seq: 1}, tcmsg(2), to},
			{0, hdr{typ: 44, flags: plain, seq: 1, portid: 7}, cat(tcmsg(1), le.attr(1, str("u32"))), from},
			{0, hdr{typ: 44, flags: plain, seq: 1, portid: 8}, cat(tcmsg(2), le.attr(1, str("u32"))), from},
		}},
		{"the answer to a GET, of the type NEW", []message{
			{0, hdr{typ: 46, flags: 9, seq: 5}, tcmsg(1), to},
			{0, hdr{typ: 44, flags: 9, seq: 5, portid: 7}, cat(tcmsg(1), le.attr(1, str("u32"))), from},
		}},
		{"the answer to a GET, of the type GET", []message{
			{0, hdr{typ: 102, flags: 9, seq: 5}, tcmsg(1), to},
			{0, hdr{typ: 102, flags: 9, seq: 5, portid: 7}, cat(tcmsg(1), le.attr(1, str("u32"))), from},
		}},
		{"DCB answers with the type and flags of the question", []message{
			{0, hdr{typ: 78, flags: 5, seq: 5}, cat([]byte{0, 1, 0, 0}, make([]byte, 4)), to},
			{0, hdr{typ: 78, flags: 5, seq: 5, portid: 7}, cat([]byte{0, 1, 0, 0}, le.attr(2, []byte{1})), from},
			{0, hdr{typ: 79, flags: 5, seq: 6}, cat([]byte{0, 2, 0, 0}, make([]byte, 4)), to},
			{0, hdr{typ: 79, flags: 5, seq: 6, portid: 7}, cat([]byte{0, 2, 0, 0}, le.attr(2, []byte{1})), from},
		}},
		{"the kernel copies the flags of no such type", []message{
			{0, hdr{typ: 16, flags: ack, seq: 5}, make([]byte, 16), to},
			{0, hdr{typ: 16, flags: ack, seq: 5, portid: 9}, make([]byte, 20), to},
		}},
		{"the FIB lookup answers in the request", []message{
			{fibProt, hdr{flags: request, seq: 5}, fib(0), to},
			{fibProt, hdr{flags: request, seq: 5}, fib(1), from},
			{fibProt, hdr{flags: request, seq: 5}, fib(0), to},
		}},
		{"the kernel asks for a neighbour", []message{
			{0, hdr{typ: 30, flags: request}, neigh(le.attr(1, le.u32(1))), to},
			{0, hdr{typ: 30, flags: request}, neigh(le.attr(1, le.u32(1)), le.attr(4, le.u32(0)), le.attr(3, make([]byte, 16))), from},
			{0, hdr{typ: 30, flags: request, seq: 1}, neigh(le.attr(1, le.u32(1)), le.attr(4, le.u32(0)), le.attr(3, make([]byte, 16))), to},
		}},
	} {
		s, d := dissect.NewSession(dissect.OrderLittle), dissect.New(families.Embedded())
		for i, m := range c.messages {
			in := frame(m.proto, le.msg(m.h, m.body))
			in.Number = i + 1
			s.Prepare(in, 0)
			if got := d.Frame(in).Msgs[0].Dir; got != m.want {
				t.Errorf("%s: message %d: direction %d, want %d", c.name, i+1, got, m.want)
			}
		}
	}
}

// TestSenderCaptured: who sent the frames of real captures, from what the
// programs did: k for the kernel, p for a program, a for one that tells all.
func TestSenderCaptured(t *testing.T) {
	for name, want := range map[string]string{
		"nexthop-notify-request-flag": "pkkpkk",
		"tc-notify-request-flag":      "pkpkpkpkpkk",
		"libudev-from-kernel":         "ak",
		"fib-lookup-and-solicit":      "kkkpkpkpk",
		"nexthop-same-seq":            "pkkpkkpkkpkkkkkkpkkkkkkkkkp",
	} {
		s, d := dissect.NewSession(dissect.OrderAuto), dissect.New(families.Embedded())
		got := ""
		for _, f := range pcaptest.File(t, "../testdata/cases/"+name+".pcap") {
			in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen}
			s.Prepare(&in, 0)
			got += map[dissect.Dir]string{dissect.DirToKernel: "p", dissect.DirFromKernel: "k", dissect.DirUserToUser: "a"}[d.Frame(&in).Msgs[0].Dir]
		}
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
