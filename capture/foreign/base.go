package foreign

import (
	"encoding/base32"
	"encoding/base64"
	"strings"
)

// unbase64 decodes base64 of either alphabet, or base32, whose letters are all
// base64's too: it is what has a whole message, and with a part of one, what it must be.
// It returns nil if it is none.
func unbase64(b []byte) []byte {
	text := strings.TrimRight(string(b), "=")
	if len(text) < leastWithin {
		return nil
	}
	var fallback []byte
	for _, decode := range []func(string) ([]byte, error){
		base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString,
		base64.RawStdEncoding.DecodeString,
		base64.RawURLEncoding.DecodeString,
		base32.HexEncoding.WithPadding(base32.NoPadding).DecodeString,
	} {
		data, err := decode(text)
		if err != nil {
			continue
		}
		if isWhole(data) {
			return data
		}
		if _, ok := beginsMessage(data); fallback == nil && (ok || isCooked(data)) {
			fallback = data
		}
	}
	return fallback
}
