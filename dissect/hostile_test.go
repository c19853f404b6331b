package dissect_test

import (
	"bytes"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// fill repeats a part until size bytes are reached.
func fill(size int, part []byte) []byte { return bytes.Repeat(part, size/len(part)) }

// shell nests a payload in attributes of one type until an nla_len cannot say
// more. Each level costs 4 bytes, so every byte at the bottom is looked at by
// every level above it.
func shell(typ uint16, levels int, payload []byte) []byte {
	for range levels {
		if len(payload)+4 > 0xffff {
			break
		}
		payload = le.rawAttr(4+len(payload), typ, payload)
	}
	return payload
}

// TestHostile decodes frames made to be slow and large.
func TestHostile(t *testing.T) {
	d := dissect.New(testDB(t, testSpec, testGenl, testNetfilter, testConnector))
	large := 1 << 20
	if slow {
		large = 1 << 17
	}
	bare := func(body []byte) []byte { return le.msg(hdr{typ: tBare}, body) }
	huge := le.msg(hdr{typ: tBare, flags: 5}, fill(1<<15-64, le.rawAttr(4, 5)))
	point := le.attr(6, str("point"))
	for _, c := range []struct {
		name    string
		make    func(size int) []byte
		request []byte // asked, if not set
	}{
		{"empty attributes", func(n int) []byte { return bare(fill(n, le.rawAttr(4, 5))) }, nil},
		{"unknown attributes", func(n int) []byte { return bare(fill(n, le.rawAttr(4, 0x3fff))) }, nil},
		{"attributes of no length", func(n int) []byte { return bare(fill(n, le.rawAttr(0, 2))) }, nil},
		{"nests that may be longer than they say", func(n int) []byte { return bare(fill(n, le.rawAttr(0, 38))) }, nil},
		{"nests that may be longer, with more", func(n int) []byte {
			return bare(fill(n, cat(le.rawAttr(16, 38), le.attr(2, le.u32(1)), le.rawAttr(4, 0x3fff))))
		}, nil},
		{"zeros", func(n int) []byte { return bare(make([]byte, n)) }, nil},
		{"ones", func(n int) []byte { return bare(bytes.Repeat([]byte{0xff}, n)) }, nil},
		{"nests in nests", func(n int) []byte { return bare(fill(n, pad(shell(38, 60, le.attr(2, le.u32(1)))))) }, nil},
		{"nests that nobody knows", func(n int) []byte { return bare(fill(n, pad(shell(99, 60, le.attr(2, le.u32(1)))))) }, nil},
		{"nests that nobody knows, large", func(n int) []byte { return bare(fill(n, pad(shell(99, 60, fill(60000, le.rawAttr(4, 1)))))) }, nil},
		{"nests that look like none", func(n int) []byte {
			return bare(fill(n, pad(shell(99, 60, cat(fill(60000, le.rawAttr(4, 1)), []byte{1})))))
		}, nil},
		{"sub-messages of a kind at the end", func(n int) []byte { return bare(cat(fill(n, le.rawAttr(4, 7)), point)) }, nil},
		{"sub-messages of no kind", func(n int) []byte { return bare(fill(n, le.rawAttr(4, 7))) }, nil},
		{"sub-messages of several kinds", func(n int) []byte {
			return bare(fill(n, cat(le.rawAttr(4, 7), le.rawAttr(4, 29), le.rawAttr(4, 37))))
		}, nil},
		{"sub-messages in nests", func(n int) []byte { return bare(fill(n, le.attr(4, le.rawAttr(4, 3), le.rawAttr(4, 3)))) }, nil},
		{"sub-messages in arrays", func(n int) []byte { return bare(fill(n, le.attr(32, fill(60000, le.rawAttr(4, 1))))) }, nil},
		{"kinds", func(n int) []byte { return bare(fill(n, point)) }, nil},
		{"records", func(n int) []byte { return bare(fill(n, le.attr(20, fill(60000, cat(le.u16(8), make([]byte, 6)))))) }, nil},
		{"elements", func(n int) []byte { return bare(fill(n, le.attr(21, make([]byte, 60000)))) }, nil},
		{"structs", func(n int) []byte { return bare(fill(n, le.attr(13, make([]byte, 60000)))) }, nil},
		{"empty structs with counts", func(n int) []byte { return bare(fill(n, le.attr(26, make([]byte, 60000)))) }, nil},
		{"strings of NULs", func(n int) []byte { return bare(fill(n, le.attr(3, make([]byte, 60000)))) }, nil},
		{"messages", func(n int) []byte { return fill(n, le.msg(hdr{typ: tBare, flags: 0xffff})) }, nil},
		{"messages that nobody knows", func(n int) []byte { return fill(n, le.msg(hdr{typ: 9999, flags: 0xffff})) }, nil},
		{"errors", func(n int) []byte { return fill(n, errno(0, -22, le.msg(hdr{typ: tBare}))) }, nil},
		{"errors with offsets", func(n int) []byte { return fill(n, errno(tlvs, -22, asked, offs(64), missType(2), missNest(60))) }, nil},
		{"an error with many offsets", func(n int) []byte { return errno(capped|tlvs, -22, asked[:16], fill(n, offs(64))) }, nil},
		{"errors without their long request", func(n int) []byte { return fill(n, errno(capped|tlvs, -22, huge[:16], offs(1<<15-80))) }, huge},
		{"errors without their requests", func(n int) []byte { return fill(n, errno(capped|tlvs, -22, asked[:16], offs(64))) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := frame(families.ProtoRoute, c.make(large))
			in.Request = c.request
			if in.Request == nil {
				in.Request = asked
			}
			if len(in.Data) < large/2 {
				t.Fatalf("%d bytes, want about %d", len(in.Data), large)
			}
			decode(t, d, in) // quadratic time would outlast the test's limit
		})
	}
}

// TestHostileSession: nor does a session take long over anything.
func TestHostileSession(t *testing.T) {
	s := dissect.NewSession(dissect.OrderAuto)
	for i, m := range [][]byte{
		fill(1<<20, le.msg(hdr{typ: 18, flags: 1})),
		le.msg(hdr{typ: 18, flags: 1, seq: 5}, make([]byte, 1<<15-64)),
		fill(1<<20, errno(capped|tlvs, -22, le.msg(hdr{typ: 18, flags: 1, seq: 5, length: 1<<15 - 48}))),
		fill(1<<20, errno(capped|tlvs, -22, asked[:16])),
		fill(1<<20, le.msg(hdr{typ: 16}, make([]byte, 16), fill(200, le.rawAttr(4, 9)))),
		fill(1<<20, done(tlvs, 0)),
	} {
		in := frame(families.ProtoRoute, m)
		in.Number = i + 1
		s.Prepare(in, 0)
		if in.IDs == nil || in.Links == nil {
			t.Errorf("frame %d is not prepared", i+1)
		}
	}
}
