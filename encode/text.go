package encode

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// unescape takes back what makes strings safe to print: \xNN for a byte, \\ for
// a backslash.
func unescape(s string) ([]byte, error) {
	if !strings.Contains(s, `\`) {
		return []byte(s), nil
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			out = append(out, s[i])
		case i+1 < len(s) && s[i+1] == '\\':
			out = append(out, '\\')
			i++
		case i+3 < len(s) && s[i+1] == 'x':
			c, err := strconv.ParseUint(s[i+2:i+4], 16, 8)
			if err != nil {
				return nil, fmt.Errorf("%q is no escaped byte", s[i:i+4])
			}
			out = append(out, byte(c))
			i += 3
		default:
			return nil, fmt.Errorf("a backslash that escapes nothing in %q (a backslash itself is \\\\)", s)
		}
	}
	return out, nil
}

// hidden is what stands in JSON for key material.
const hidden = "<hidden>"

// errHidden says that bytes are not there.
var errHidden = fmt.Errorf("key material is hidden here (hint: print the JSON with --show-secrets)")

func hexBytes(s string) ([]byte, error) {
	if strings.Contains(s, "*") || s == hidden {
		return nil, errHidden
	}
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err != nil {
		return nil, fmt.Errorf("%q is no hexadecimal", s)
	}
	return b, nil
}

// binary is the inverse of how bytes are shown: addresses, UUIDs, keys,
// hexadecimal. af is the address family in force.
func (e *encoder) binary(t *families.Type, s string) ([]byte, error) {
	if s == hidden {
		return nil, errHidden
	}
	var b []byte
	var err error
	switch t.Hint {
	case families.HintMAC, families.HintFDDI:
		b, err = macBytes(s)
	case families.HintIPv4, families.HintIPv6, families.HintIP:
		b, err = e.address(t, s)
	case families.HintLLAddr:
		if b, err = macBytes(s); err != nil {
			b, err = e.address(t, s)
		}
	case families.HintUUID:
		b, err = hexBytes(strings.ReplaceAll(s, "-", ""))
	case families.HintKey:
		if b, err = base64.StdEncoding.DecodeString(s); err != nil {
			if b, err = hexBytes(s); err != nil {
				err = fmt.Errorf("%q is no base64", s)
			}
		}
	case families.HintMPLS:
		b, err = mplsBytes(s)
	case families.HintMCTP:
		b, err = e.mctp(s)
	default:
		b, err = hexBytes(s)
	}
	if err != nil {
		return nil, err
	}
	if t.Size > len(b) && (t.Hint != families.HintNone && t.Hint != families.HintHex) {
		b = append(b, make([]byte, t.Size-len(b))...)
	}
	if t.Size > 0 && len(b) > t.Size {
		return nil, fmt.Errorf("%q has %s, there is room for %d", s, phrase.Count(len(b), "byte"), t.Size)
	}
	return b, nil
}

func macBytes(s string) ([]byte, error) {
	if s == "" {
		return nil, nil
	}
	parts := strings.Split(s, ":")
	b := make([]byte, len(parts))
	for i, p := range parts {
		c, err := strconv.ParseUint(p, 16, 8)
		if err != nil || len(p) != 2 {
			return nil, fmt.Errorf("%q is no link-layer address", s)
		}
		b[i] = byte(c)
	}
	return b, nil
}

// afMPLS is AF_MPLS of sys/socket.h.
const afMPLS = 28

func (e *encoder) address(t *families.Type, s string) ([]byte, error) {
	if s == "" {
		return nil, nil
	}
	if e.af == afMPLS && t.Hint == families.HintIP {
		return mplsBytes(s)
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return a.AsSlice(), nil
	}
	if strings.Contains(s, ":") {
		if b, err := macBytes(s); err == nil {
			return b, nil
		}
	}
	if b, err := hexBytes(s); err == nil {
		return b, nil
	}
	return nil, fmt.Errorf("%q is no address", s)
}

// mplsBytes makes a stack of labels; the last one has the bottom bit
// (MPLS_LS_S_SHIFT of linux/mpls.h).
func mplsBytes(s string) ([]byte, error) {
	var b []byte
	parts := strings.Split(s, "/")
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 10, 20)
		if err != nil {
			return nil, fmt.Errorf("%q is no stack of MPLS labels", s)
		}
		v <<= 12
		if i == len(parts)-1 {
			v |= 1 << 8
		}
		b = append(b, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	}
	return b, nil
}

// mctp is struct mctp_fq_addr: network and endpoint.
func (e *encoder) mctp(s string) ([]byte, error) {
	net, eid, ok := strings.Cut(s, ":")
	n, err1 := strconv.ParseUint(net, 10, 32)
	id, err2 := strconv.ParseUint(eid, 10, 8)
	if !ok || err1 != nil || err2 != nil {
		return hexBytes(s)
	}
	b := make([]byte, 8)
	putUint(b[:4], n, e.big)
	b[4] = byte(id)
	return b, nil
}

// sockaddr is struct sockaddr_in (16 bytes) or sockaddr_in6 (28).
func (e *encoder) sockaddr(t *families.Type, v *Value) ([]byte, error) {
	if v.Shape == String {
		ap, err := netip.ParseAddrPort(v.Text)
		if err != nil {
			return nil, fmt.Errorf("%q is no address with a port", v.Text)
		}
		return e.sockaddrOf(t, ap), nil
	}
	a, err := netip.ParseAddr(textOf(v.Get("address")))
	if err != nil {
		return nil, fmt.Errorf("%q is no address", textOf(v.Get("address")))
	}
	port, err := strconv.ParseUint(textOf(v.Get("port")), 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%q is no port", textOf(v.Get("port")))
	}
	return e.sockaddrOf(t, netip.AddrPortFrom(a, uint16(port))), nil
}

func (e *encoder) sockaddrOf(t *families.Type, ap netip.AddrPort) []byte {
	const afInet, afInet6, lenIn, lenIn6 = 2, 10, 16, 28
	b := make([]byte, max(t.Size, lenIn6))
	n := lenIn6
	if ap.Addr().Is4() {
		putUint(b[:2], afInet, e.big)
		copy(b[4:], ap.Addr().AsSlice())
		n = lenIn
	} else {
		putUint(b[:2], afInet6, e.big)
		copy(b[8:], ap.Addr().AsSlice())
	}
	putUint(b[2:4], uint64(ap.Port()), true)
	return b[:max(t.Size, n)]
}

func textOf(v *Value) string {
	if v == nil {
		return ""
	}
	return v.Text
}

// putUint writes an integer of 1, 2, 4 or 8 bytes.
func putUint(b []byte, v uint64, big bool) {
	for i := range b {
		shift := 8 * i
		if big {
			shift = 8 * (len(b) - 1 - i)
		}
		b[i] = byte(v >> shift)
	}
}
