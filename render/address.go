package render

import (
	"net/netip"
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
)

// trimLLAddr cuts the room behind an address in an array of MAX_ADDR_LEN (32)
// bytes, whose length stands elsewhere or nowhere.
func trimLLAddr(p []byte) []byte {
	const maxAddrLen, etherLen = 32, 6
	if len(p) != maxAddrLen {
		return p
	}
	n := len(p)
	for n > etherLen && p[n-1] == 0 {
		n--
	}
	return p[:n]
}

func appendMAC(dst, p []byte) []byte {
	for i, c := range p {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// Address families of sys/socket.h that decide how an address is written.
const (
	afInet  = 2
	afInet6 = 10
	afMPLS  = 28
)

// appendIP appends an address by its length. A wider room than the family
// needs (struct members that hold either) counts as the family's.
func appendIP(dst, p []byte, af uint8) []byte {
	switch {
	case af == afMPLS && len(p)%4 == 0 && len(p) > 0:
		return appendMPLS(dst, p)
	case len(p) == 4, len(p) == 16 && af == afInet:
		return netip.AddrFrom4([4]byte(p[:4])).AppendTo(dst)
	case len(p) == 16:
		return netip.AddrFrom16([16]byte(p)).AppendTo(dst)
	case len(p) == 6 || len(p) == 8:
		return appendMAC(dst, p)
	}
	return appendHex(dst, p)
}

// appendSockaddr appends struct sockaddr_in or sockaddr_in6 as address:port.
func appendSockaddr(dst, p []byte, big bool) []byte {
	if len(p) >= 8 {
		port := uint16(dissect.Uint(p[2:4], true))
		switch af := dissect.Uint(p[:2], big); {
		case af == afInet:
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte(p[4:8])), port).AppendTo(dst)
		case af == afInet6 && len(p) >= 24:
			return netip.AddrPortFrom(netip.AddrFrom16([16]byte(p[8:24])), port).AppendTo(dst)
		}
	}
	return appendHex(dst, p)
}

func appendUUID(dst, p []byte) []byte {
	if len(p) != 16 {
		return appendHex(dst, p)
	}
	for i, end := range []int{4, 6, 8, 10, 16} {
		if i > 0 {
			dst = append(dst, '-')
		}
		start := []int{0, 4, 6, 8, 10}[i]
		dst = appendHex(dst, p[start:end])
	}
	return dst
}

// appendMPLS appends a label stack: labels separated by slashes, as ip does.
func appendMPLS(dst, p []byte) []byte {
	if len(p)%4 != 0 {
		return appendHex(dst, p)
	}
	for i := 0; i < len(p); i += 4 {
		if i > 0 {
			dst = append(dst, '/')
		}
		dst = strconv.AppendUint(dst, dissect.Uint(p[i:i+4], true)>>12, 10)
	}
	return dst
}
