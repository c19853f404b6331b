package packet

import (
	"encoding/binary"
	"sync"

	"github.com/nlsniff/nlsniff/families"
)

// codes has the names of the numbers in 802.11 frames.
var codes = sync.OnceValue(func() map[string]*families.Enum {
	f, err := families.Embedded().Load("ieee80211-codes")
	if err != nil {
		panic(err) // a test reads every embedded file
	}
	return f.Enums
})

// coded appends a number with its name, if it has one.
func (t *text) coded(enum string, v uint16) *text {
	t.num(uint64(v))
	if name := codes()[enum].ValueName(uint64(v)); name != "" {
		t.str(" ").str(name)
	}
	return t
}

// capability appends the capability field of a frame: its bits by their names,
// what has none in hex.
func (t *text) capability(v uint16) *text {
	t.str("capability ").hex(uint64(v))
	rest, between := v, " "
	e := codes()["ieee80211-capability"]
	for i := range e.Entries {
		if x := &e.Entries[i]; uint64(v)&x.Value != 0 {
			t.str(between).str(x.Name[len(e.Prefix):])
			rest, between = rest&^uint16(x.Value), "|"
		}
	}
	if rest != 0 && between == "|" {
		t.str(between).hex(uint64(rest))
	}
	return t
}

// aidMask leaves out the two bits of an association ID that are always set (IEEE
// 802.11-2020, 9.4.1.8).
const aidMask = 0x3fff

// management appends what the fixed fields of a management frame say. It reports
// false if the layer is none, or is cut short.
func management(t *text, id uint16, p []byte) bool {
	u16 := func(off int) uint16 { return binary.LittleEndian.Uint16(p[off:]) }
	need := 0
	for i := range mgmtFrames {
		if mgmtFrames[i].layer == id && id != none {
			need = mgmtFrames[i].size
		}
	}
	if id == action {
		need = 1
	}
	if need == 0 || len(p) < need {
		return false
	}
	switch id {
	case deauth, disassoc:
		t.str("reason ").coded("ieee80211_reasoncode", u16(0))
	case auth:
		t.str("algorithm ").coded("ieee80211-auth", u16(0)).str(" sequence ").num(uint64(u16(2)))
		t.str(" status ").coded("ieee80211_statuscode", u16(4))
	case assocReq:
		t.capability(u16(0)).str(" listen-interval ").num(uint64(u16(2)))
	case reassocReq:
		t.capability(u16(0)).str(" listen-interval ").num(uint64(u16(2))).str(" current ").mac(p[4:])
	case assocResp, reassocResp:
		t.capability(u16(0)).str(" status ").coded("ieee80211_statuscode", u16(2)).str(" aid ").num(uint64(u16(4) & aidMask))
	case beacon, probeResp:
		t.str("timestamp ").num(binary.LittleEndian.Uint64(p)).str(" interval ").num(uint64(u16(8))).str(" ").capability(u16(10))
	case action:
		t.str("category ").coded("ieee80211_category", uint16(p[0]&0x7f))
		if p[0]&0x80 != 0 { // the answer to one that was not understood
			t.str(" error")
		}
		if len(p) >= 2 {
			t.str(" action ").num(uint64(p[1]))
		}
		if len(p) > 2 {
			t.str(" data ").raw(p[2:], "")
		}
	}
	return true
}
