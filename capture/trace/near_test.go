//go:build linux && (amd64 || arm64)

package trace

import (
	"bytes"
	"os"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestNear: what is read from pieces that were fetched together is what stands
// in memory, also where a piece cannot be read, or there is none.
func TestNear(t *testing.T) {
	page, err := unix.Mmap(-1, 0, 2*pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	for i := range page {
		page[i] = byte(i * 7)
	}
	if err := unix.Mprotect(page[pageSize:], unix.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	at := uint64(uintptr(unsafe.Pointer(&page[0])))
	for _, c := range []struct {
		name   string
		spans  []span
		pieces int
	}{
		{"two", []span{{at, 100}, {at + 200, 12}}, 2},
		{"one is read when it is wanted", []span{{at, 100}}, 0},
		{"none where there is no address", []span{{0, 12}, {at, 100}, {at + 200, 4}}, 2},
		{"the last ends outside", []span{{at, 100}, {at + pageSize - 4, 12}}, 1},
		{"too large for the room", []span{{at, nearRoom + 1}, {at + 200, 4}, {at + 300, 4}}, 2},
		{"more than there is place for", []span{{at, 1}, {at + 1, 1}, {at + 2, 1}, {at + 3, 1}, {at + 4, 1}}, maxPieces},
	} {
		th := &thread{tid: os.Getpid()}
		th.fetch(c.spans...)
		if th.near.n != c.pieces {
			t.Errorf("%s: %d pieces, want %d", c.name, th.near.n, c.pieces)
		}
		for _, from := range []int{0, 1, 50, 99, 100, 150, 200, 205, pageSize - 8, pageSize - 4} {
			b := make([]byte, 8)
			n := th.read(at+uint64(from), b)
			want := page[from:min(from+8, pageSize)]
			if !bytes.Equal(b[:n], want) {
				t.Errorf("%s: at %d % x, want % x", c.name, from, b[:n], want)
			}
		}
	}
}
