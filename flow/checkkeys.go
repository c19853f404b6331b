package flow

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// algorithmKey: struct xfrm_algo and its relatives say how many bits follow.
func algorithmKey(names string) check {
	return func(r *request) string {
		for name := range strings.FieldsSeq(names) {
			b := r.bytes(name)
			head := 64 + 4 // alg_name, alg_key_len
			if name == "XFRMA_ALG_AEAD" || name == "XFRMA_ALG_AUTH_TRUNC" {
				head += 4 // alg_icv_len or alg_trunc_len
			}
			if len(b) < head {
				continue
			}
			if bits := dissect.Uint(b[64:68], r.t.Big); (bits+7)/8 > uint64(len(b)-head) {
				return fmt.Sprintf("%s says that the key has %s, and has %s of it", name, phrase.Count(bits, "bit"), phrase.Count(len(b)-head, "byte"))
			}
		}
		return ""
	}
}

// aesKey: AES takes three lengths.
func aesKey(name string) check {
	return func(r *request) string {
		b := r.bytes(name)
		if len(b) < 68 {
			return ""
		}
		alg, _, _ := bytes.Cut(b[:64], []byte{0})
		if bits := dissect.Uint(b[64:68], r.t.Big); string(alg) == "cbc(aes)" && bits != 128 && bits != 192 && bits != 256 {
			return fmt.Sprintf("%s has a key of %s, AES takes 128, 192 or 256", name, phrase.Count(bits, "bit"))
		}
		return ""
	}
}

// keyOf: a key has one of two lengths.
func keyOf(name string, short, long int) check {
	return func(r *request) string {
		n := len(r.bytes(name))
		if r.row(name) < 0 || n == short || n == long {
			return ""
		}
		return fmt.Sprintf("%s has %d bytes, a key has %d or %d", name, n, short, long)
	}
}

// cipherKeys are the key lengths in bytes of cipher suites
// (WLAN_CIPHER_SUITE_* and WLAN_KEY_LEN_* of linux/ieee80211.h).
var cipherKeys = map[uint64]int{
	0x000fac01: 5, 0x000fac02: 32, 0x000fac04: 16, 0x000fac05: 13, 0x000fac06: 16, 0x000fac08: 16, 0x000fac09: 32, 0x000fac0a: 32,
	0x000fac0b: 16, 0x000fac0c: 32, 0x000fac0d: 32,
}

// cipherKey: each cipher suite has its length.
func cipherKey(cipher, key string) check {
	return func(r *request) string {
		v, ok := r.number(cipher)
		want := cipherKeys[v]
		if !ok || want == 0 || r.row(key) < 0 {
			return ""
		}
		if n := len(r.bytes(key)); n != want {
			return fmt.Sprintf("%s has %s, the cipher suite takes %d", key, phrase.Count(n, "byte"), want)
		}
		return ""
	}
}
