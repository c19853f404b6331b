package main

import (
	"bytes"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestRedact writes no key of wireguard's, and changes nothing else.
func TestRedact(t *testing.T) {
	r := newRedactor(families.Embedded(), dissect.OrderAuto)
	keys, zeroed := 0, 0
	for _, f := range pcaptest.Frames(t, "wireguard") {
		before := bytes.Clone(f.Data)
		was := f.Data
		r.frame(&f)
		if !bytes.Equal(was, before) || len(f.Data) != len(before) {
			t.Fatalf("frame %d: the source's data was changed", f.Number)
		}
		for i := range before {
			if f.Data[i] != before[i] {
				if zeroed++; f.Data[i] != 0 {
					t.Fatalf("frame %d: byte %d is %x", f.Number, i, f.Data[i])
				}
			}
		}
		if before[capture.CookedLen-1] != families.ProtoGeneric {
			continue
		}
		for _, head := range []string{"\x24\x00\x03\x00", "\x24\x00\x02\x00"} { // private and preshared keys
			for at := capture.CookedLen; at+36 <= len(before); at += 4 {
				if key := before[at+4 : at+36]; string(before[at:at+4]) == head && entropic(key) {
					keys++
					if bytes.Contains(f.Data, key[:8]) {
						t.Errorf("frame %d: a key at %d is written", f.Number, at)
					}
				}
			}
		}
	}
	if keys == 0 || zeroed < keys*28 || zeroed > keys*33 {
		t.Errorf("%d keys, %d bytes are zeros now", keys, zeroed)
	}
}
