package dissect_test

import (
	"encoding/binary"
	"os"
	"testing"
	"testing/fstest"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// wire builds messages in one byte order.
type wire struct{ binary.AppendByteOrder }

var (
	le = wire{binary.LittleEndian}
	be = wire{binary.BigEndian}
)

func (w wire) u16(v uint16) []byte { return w.AppendUint16(nil, v) }
func (w wire) u32(v uint32) []byte { return w.AppendUint32(nil, v) }
func (w wire) u64(v uint64) []byte { return w.AppendUint64(nil, v) }

// attr is an attribute with its padding.
func (w wire) attr(typ uint16, payload ...[]byte) []byte {
	p := cat(payload...)
	return pad(w.rawAttr(4+len(p), typ, p))
}

// rawAttr is an attribute whose nla_len says anything, without padding.
func (w wire) rawAttr(length int, typ uint16, payload ...[]byte) []byte {
	return append(w.AppendUint16(w.u16(uint16(length)), typ), cat(payload...)...)
}

// hdr is an nlmsghdr.
type hdr struct {
	typ, flags  uint16
	seq, portid uint32
	length      uint32 // 0: the real one
}

// msg is a message with its padding.
func (w wire) msg(h hdr, body ...[]byte) []byte {
	b := cat(body...)
	if h.length == 0 {
		h.length = uint32(16 + len(b))
	}
	m := w.AppendUint32(nil, h.length)
	m = w.AppendUint16(w.AppendUint16(m, h.typ), h.flags)
	m = w.AppendUint32(w.AppendUint32(m, h.seq), h.portid)
	return pad(append(m, b...))
}

func genl(cmd, version byte) []byte { return []byte{cmd, version, 0, 0} }

func str(s string) []byte { return append([]byte(s), 0) }

func cat(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// cooked is the header that a capture puts before the messages.
func cooked(proto byte) []byte {
	return []byte{0, 4, 0x03, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, proto}
}

// frame is a little-endian frame.
func frame(proto byte, msgs ...[]byte) *dissect.Input {
	data := append(cooked(proto), cat(msgs...)...)
	return &dissect.Input{Number: 1, Data: data, OrigLen: len(data)}
}

// testDB makes a DB of the two descriptions that every one needs and of those
// given, which do not change as the real ones grow.
func testDB(t testing.TB, specs ...string) *families.DB {
	t.Helper()
	fs := fstest.MapFS{}
	for _, name := range []string{"netlink.spec", "common.spec", "nlctrl.spec"} {
		b, err := os.ReadFile("../families/spec/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fs[name] = &fstest.MapFile{Data: b}
	}
	for i, s := range specs {
		fs[string(rune('a'+i))+".spec"] = &fstest.MapFile{Data: []byte(s)}
	}
	db, err := families.Open(fs)
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range db.List() {
		if _, err := db.Load(info.Name); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func emptyDB(t testing.TB) *families.DB { return testDB(t) }
