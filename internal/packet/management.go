package packet

import (
	"encoding/binary"
	"fmt"
	"net"
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

// coded is a number with its name, if it has one.
func coded(enum string, v uint16) string {
	if name := codes()[enum].ValueName(uint64(v)); name != "" {
		return fmt.Sprintf("%d %s", v, name)
	}
	return fmt.Sprint(v)
}

// capability is the capability field of a frame: its bits by their names, what
// has none in hex.
func capability(v uint16) string {
	s, rest := "", v
	e := codes()["ieee80211-capability"]
	for i := range e.Entries {
		if x := &e.Entries[i]; uint64(v)&x.Value != 0 {
			if s != "" {
				s += "|"
			}
			s += x.Name[len(e.Prefix):]
			rest &^= uint16(x.Value)
		}
	}
	switch {
	case s == "":
		return fmt.Sprintf("0x%x", v)
	case rest != 0:
		return fmt.Sprintf("0x%x %s|0x%x", v, s, rest)
	}
	return fmt.Sprintf("0x%x %s", v, s)
}

// aidMask leaves out the two bits of an association ID that are always set (IEEE
// 802.11-2020, 9.4.1.8).
const aidMask = 0x3fff

// management says what the fixed fields of a management frame say. ok is false
// if the layer is none, or is cut short.
func management(want uint16, p []byte) (s string, ok bool) {
	u16 := func(off int) uint16 { return binary.LittleEndian.Uint16(p[off:]) }
	switch {
	case want == deauth && len(p) >= 2,
		want == disassoc && len(p) >= 2:
		return "reason " + coded("ieee80211_reasoncode", u16(0)), true
	case want == auth && len(p) >= 6:
		return fmt.Sprintf("algorithm %s sequence %d status %s", coded("ieee80211-auth", u16(0)), u16(2), coded("ieee80211_statuscode", u16(4))), true
	case want == assocReq && len(p) >= 4:
		return fmt.Sprintf("capability %s listen-interval %d", capability(u16(0)), u16(2)), true
	case want == reassocReq && len(p) >= 10:
		return fmt.Sprintf("capability %s listen-interval %d current %v", capability(u16(0)), u16(2), net.HardwareAddr(p[4:10])), true
	case want == assocResp && len(p) >= 6,
		want == reassocResp && len(p) >= 6:
		return fmt.Sprintf("capability %s status %s aid %d", capability(u16(0)), coded("ieee80211_statuscode", u16(2)), u16(4)&aidMask), true
	case want == beacon && len(p) >= 12,
		want == probeResp && len(p) >= 12:
		return fmt.Sprintf("timestamp %d interval %d capability %s", binary.LittleEndian.Uint64(p), u16(8), capability(u16(10))), true
	case want == action && len(p) >= 1:
		s = "category " + coded("ieee80211_category", uint16(p[0]&0x7f))
		if p[0]&0x80 != 0 { // the answer to one that was not understood
			s += " error"
		}
		if len(p) >= 2 {
			s += fmt.Sprintf(" action %d", p[1])
		}
		if len(p) > 2 {
			s += fmt.Sprintf(" data %x", p[2:])
		}
		return s, true
	}
	return "", false
}
