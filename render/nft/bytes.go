package nft

import "encoding/hex"

// appendHex appends bytes in hex.
func appendHex(dst, b []byte) []byte { return hex.AppendEncode(dst, b) }

// cstring cuts a string at its NUL.
func cstring(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}

// allZero says whether there is nothing but zeros.
func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// mac writes a link-layer address.
func mac(b []byte) string {
	out := make([]byte, 0, 3*len(b))
	for i := range b {
		if i > 0 {
			out = append(out, ':')
		}
		out = appendHex(out, b[i:i+1])
	}
	return string(out)
}
