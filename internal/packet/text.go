package packet

import (
	"net/netip"
	"strconv"
)

// text is what is said of a header; its methods append.
type text struct{ b []byte }

func (t *text) str(s string) *text { t.b = append(t.b, s...); return t }

func (t *text) bool(v bool) *text {
	t.b = strconv.AppendBool(t.b, v)
	return t
}

func (t *text) num(v uint64) *text { t.b = strconv.AppendUint(t.b, v, 10); return t }

func (t *text) hex(v uint64) *text {
	t.b = strconv.AppendUint(append(t.b, "0x"...), v, 16)
	return t
}

const digits = "0123456789abcdef"

// raw appends bytes in hex, with something between them.
func (t *text) raw(p []byte, between string) *text {
	for i, c := range p {
		if i > 0 {
			t.b = append(t.b, between...)
		}
		t.b = append(t.b, digits[c>>4], digits[c&15])
	}
	return t
}

func (t *text) mac(p []byte) *text { return t.raw(p[:6], ":") }

func (t *text) ip4(p []byte) *text {
	t.b = netip.AddrFrom4([4]byte(p)).AppendTo(t.b)
	return t
}

func (t *text) ip6(p []byte) *text {
	t.b = netip.AddrFrom16([16]byte(p)).Unmap().AppendTo(t.b)
	return t
}

// nonzero appends something unless it is zero.
func (t *text) nonzero(what string, v uint64) *text {
	if v != 0 {
		t.str(what).hex(v)
	}
	return t
}

// name appends the name of a number, or the number behind what it is.
func (t *text) name(names []string, what string, v byte) *text {
	if int(v) < len(names) && names[v] != "" {
		return t.str(names[v])
	}
	return t.str(what).num(uint64(v))
}

// etherType appends the name of an Ethernet type, or the number.
func (t *text) etherType(v uint16) *text {
	if s := etherTypeName(v); s != "" {
		return t.str(s)
	}
	t.b = append(t.b, '0', 'x', digits[v>>12], digits[v>>8&15], digits[v>>4&15], digits[v&15])
	return t
}

// protocol appends the name of a protocol number of IP, or the number.
func (t *text) protocol(p byte) *text {
	if s := protocolName(p); s != "" {
		return t.str(s)
	}
	return t.num(uint64(p))
}
