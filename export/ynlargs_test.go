package export

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// TestYNLArgs: what ynl can say of a request it says, and of the rest it says what
// it cannot.
func TestYNLArgs(t *testing.T) {
	specs, err := ynlSpecs()
	if err != nil {
		t.Fatal(err)
	}
	u16 := func(v uint16) string { return string(binary.NativeEndian.AppendUint16(nil, v)) }
	u32 := func(v uint32) string { return string(binary.NativeEndian.AppendUint32(nil, v)) }
	attr := func(id uint16, payload string) string {
		s := u16(uint16(4+len(payload))) + u16(id) + payload
		return s + strings.Repeat("\x00", (4-len(s)%4)%4)
	}
	link, addr := strings.Repeat("\x00", 16), "\x02\x18\x00\x00"+u32(7)
	for _, x := range []struct {
		what, family, op string
		body             string
		dump             bool
		want             string // JSON, or what is wrong
	}{
		{"nothing", "rt-link", "newlink", link, false, `{}`},
		{"a member", "rt-addr", "newaddr", addr, false, `{"ifa-family":2,"ifa-prefixlen":24,"ifa-index":7}`},
		{"an address", "rt-addr", "newaddr", addr + attr(1, "\xc0\x00\x02\x01"), false, `{"ifa-family":2,"ifa-prefixlen":24,"ifa-index":7,"address":"192.0.2.1"}`},
		{"an address of another length", "rt-addr", "newaddr", addr + attr(1, "\xc0"), false, "another length"},
		{"a nest", "rt-link", "newlink", link + attr(18, attr(1, "vlan\x00")+attr(2, attr(1, u16(9)))), false, `{"linkinfo":{"kind":"vlan","data":{"id":9}}}`},
		{"a format that nothing tells", "rt-link", "newlink", link + attr(18, attr(2, attr(1, u16(9)))), false, "nothing tells ynl"},
		{"a format that it lacks", "rt-link", "newlink", link + attr(18, attr(1, "x\x00")+attr(2, "")), false, "has no %s of x"},
		{"a text", "rt-link", "newlink", link + attr(3, `it's "x"`+"\n\x00"), false, `{"ifname":"it's \"x\"\n"}`},
		{"a text that is not ASCII", "rt-link", "newlink", link + attr(3, "ü\x00"), false, "in ASCII"},
		{"an empty text", "rt-link", "newlink", link + attr(3, "\x00"), false, `{"ifname":""}`},
		{"a text of no bytes", "rt-link", "newlink", link + attr(3, ""), false, "another length"},
		{"a short number", "rt-link", "newlink", link + attr(4, "\x01"), false, "another length"},
		{"a negative number", "rt-link", "newlink", link + attr(37, u32(0xffffffff)), false, `{"link-netnsid":-1}`},
		{"twice", "rt-link", "newlink", link + attr(4, u32(1)) + attr(4, u32(2)), false, "no second time"},

		{"an unknown one", "rt-link", "newlink", link + attr(999, ""), false, "has no %s"},
		{"what is no attribute", "rt-link", "newlink", link + "\x03\x00\x00\x00", false, missShape},
		{"a short header", "rt-link", "newlink", "\x00\x00\x00\x00", false, errCut.Error()},
		{"a dump with a short header", "rt-link", "getlink", "\x07\x00\x00\x00", true, `{"ifi-family":7}`},
		{"one of more than a family", "rt-link", "getlink", "\x07\x00\x00\x01", true, errCut.Error()},
		{"several of one", "netdev", "bind-rx", attr(2, attr(1, u32(1))) + attr(2, attr(1, u32(2))), false, `{"queues":[{"id":1},{"id":2}]}`},
		{"others between", "netdev", "bind-rx", attr(2, "") + attr(3, u32(1)) + attr(2, ""), false, "lets each %s follow"},
		{"a list from 0", "wireguard", "set-device", attr(8, attr(0, "")+attr(1, attr(3, u32(1)))), false, `{"peers":[{},{"flags":1}]}`},
		{"a list of zeros", "wireguard", "set-device", attr(8, attr(0, "")+attr(0, "")), false, `{"peers":[{},{}]}`},
		{"a list from 1", "wireguard", "set-device", attr(8, attr(1, "")), false, "counts what is in %s from 0"},
	} {
		var f *ynlFamily
		var op *ynlOp
		for _, s := range specs {
			for _, o := range s.ops {
				if s.file == x.family && o.name == x.op {
					f, op = s, o
				}
			}
		}
		if op == nil {
			t.Fatalf("%s: there is no %s %s", x.what, x.family, x.op)
		}
		v, err := (&ynlReader{f, []byte(x.body)}).args(op, 0, x.dump)
		var b bytes.Buffer
		var miss *ynlMiss
		switch {
		case errors.As(err, &miss) && miss.off >= len(x.body):
			t.Errorf("%s: at %d", x.what, miss.off)
		case err == nil:
			writeJSON(&b, v)
		default:
			b.WriteString(err.Error())
		}
		if got := b.String(); got != x.want && (err == nil || !strings.Contains(got, x.want)) {
			t.Errorf("%s: %s, want %s", x.what, got, x.want)
		}
	}
}
