//go:build linux

package nlmon

import (
	"bytes"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// blockBytes builds a block as the kernel does, in memory that is not clean.
func blockBytes(payloads ...[]byte) []byte {
	b := bytes.Repeat([]byte{0xa5}, 48)
	h := blockHeader(b)
	h.Num_pkts, h.Offset_to_first_pkt = uint32(len(payloads)), 48
	for i, p := range payloads {
		const net = addressAt + 48
		size := (net + len(p) + 7) &^ 7
		at := len(b)
		b = append(b, bytes.Repeat([]byte{0xa5}, size)...)
		f := (*unix.Tpacket3Hdr)(unsafe.Pointer(&b[at]))
		f.Next_offset = uint32(size)
		if i == len(payloads)-1 {
			f.Next_offset = 0
		}
		f.Sec, f.Nsec = uint32(i), 5
		f.Snaplen, f.Len, f.Net, f.Mac = uint32(len(p)), uint32(len(p)+i), uint16(net), uint16(net)
		ll := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&b[at+addressAt]))
		ll.Protocol, ll.Hatype, ll.Pkttype, ll.Halen = htons(unix.NETLINK_GENERIC), capture.ARPHRDNetlink, unix.PACKET_OUTGOING, uint8(i*2)
		copy(b[at+net:], p)
	}
	blockHeader(b).Blk_len = uint32(len(b))
	return b
}

func frames(b []byte) (out []capture.Frame) {
	blk := &block{data: b}
	blk.begin()
	var f capture.Frame
	for blk.frame(&f) {
		out = append(out, f)
	}
	return out
}

func TestBlock(t *testing.T) {
	got := frames(blockBytes([]byte("sixteen bytes it"), []byte("more"), nil))
	want := []struct {
		data string
		orig int
		time int64
	}{
		// Only as much of the address as there is: the rest is not the frame's.
		{"\x00\x04\x03\x38\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10sixteen bytes it", 32, 5},
		{"\x00\x04\x03\x38\x00\x02\xa5\xa5\x00\x00\x00\x00\x00\x00\x00\x10more", 21, 1e9 + 5},
		{"\x00\x04\x03\x38\x00\x04\xa5\xa5\xa5\xa5\x00\x00\x00\x00\x00\x10", 18, 2e9 + 5},
	}
	if len(got) != len(want) {
		t.Fatalf("%d frames, want %d", len(got), len(want))
	}
	for i, w := range want {
		if string(got[i].Data) != w.data || got[i].OrigLen != w.orig || got[i].Time != w.time {
			t.Errorf("frame %d: %q, length %d, time %d", i, got[i].Data, got[i].OrigLen, got[i].Time)
		}
	}
}

// FuzzBlock: whatever stands in a block, frames are within it.
func FuzzBlock(f *testing.F) {
	f.Add(blockBytes([]byte("sixteen bytes it"), []byte("more")))
	f.Add(blockBytes())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		b = append([]byte(nil), b...) // aligned
		total := 0
		for _, fr := range frames(b) {
			if len(fr.Data) < capture.CookedLen || fr.OrigLen < capture.CookedLen {
				t.Fatalf("frame of %d bytes", len(fr.Data))
			}
			if total++; total > len(b) {
				t.Fatal("more frames than bytes")
			}
		}
	})
}
