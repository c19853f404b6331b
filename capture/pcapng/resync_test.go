package pcapng

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestDamagedBlock damages one of five packet blocks.
func TestDamagedBlock(t *testing.T) {
	tests := []struct {
		name   string
		damage func(e endian, block []byte) []byte
		reason string
		frames int
	}{
		{"short length", func(e endian, b []byte) []byte { e.put32(b[4:], 8); return b }, "block length 8 is less than 12", 4},
		{"odd length", func(e endian, b []byte) []byte { e.put32(b[4:], 53); return b }, "block length 53 is not a multiple of 4", 4},
		{"huge length", func(e endian, b []byte) []byte { e.put32(b[4:], 0xfffffffc); return b }, "block length 4294967292 is over the limit of 67108864", 4},
		{"length past the end", func(e endian, b []byte) []byte { e.put32(b[4:], 40000); return b }, "the file ends", 4},
		{"trailing length", func(e endian, b []byte) []byte { e.put32(b[len(b)-4:], 7); return b }, "is repeated as 7", 4},
		{"captured length", func(e endian, b []byte) []byte { e.put32(b[20:], 0x80000000); return b }, "packet of 2147483648 bytes in a block with room for 48", 4},
		{"interface", func(e endian, b []byte) []byte { e.put32(b[8:], 3); return b }, "packet of interface 3 in a section of 1 interface", 4},
		{"missing bytes", func(e endian, b []byte) []byte { return b[:len(b)-7] }, "is repeated as", 4},
		{"inserted text", func(e endian, b []byte) []byte { return append([]byte("Hello World!!!!!!!"), b...) }, "is not a multiple of 4", 5},
		{"option past the end", func(e endian, b []byte) []byte {
			w := &builder{e: e}
			w.packet(0, 2, netlink('b', 29), Option{77, make([]byte, 20)})
			at := 28 + pad4(45)
			copy(w.b[at+2:], e.append16(nil, 2000))
			return w.b
		}, "pass its end", 5},
	}
	for order, e := range orders {
		for _, tt := range tests {
			t.Run(tt.name+" "+order, func(t *testing.T) {
				w := (&builder{e: e}).section().iface(253, 0, Option{OptInterfaceResolution, []byte{9}}).packet(0, 1, netlink('a', 10))
				at := len(w.b)
				bad := tt.damage(e, (&builder{e: e}).packet(0, 2, netlink('b', 29)).b)
				w.b = append(w.b, bad...)
				end := len(w.b)
				w.packet(0, 3, netlink('c', 100)).packet(0, 4, netlink('d', 3)).packet(0, 5, netlink('e', 30))
				res := readAll(t, w.b, Options{})
				if res.openErr != nil || res.err != nil || len(res.damage) != 1 {
					t.Fatalf("%v %v %v", res.openErr, res.err, res.damage)
				}
				d := res.damage[0]
				if d.Offset < int64(at) || d.Offset+d.Skipped > int64(end) || d.Skipped <= 0 {
					t.Errorf("damage at %d, %d bytes, want it in [%d, %d)", d.Offset, d.Skipped, at, end)
				}
				if !strings.Contains(d.Reason, tt.reason) {
					t.Errorf("reason %q, want %q", d.Reason, tt.reason)
				}
				if len(res.frames) != tt.frames {
					t.Errorf("%d frames, want %d", len(res.frames), tt.frames)
				}
				if last := res.frames[len(res.frames)-1]; last.Time != 5 || !bytes.Equal(last.Data, netlink('e', 30)) {
					t.Errorf("the last frame is %+v", last)
				}
			})
		}
	}
}

// TestCutOff cuts a file at every length. What is whole must come, then one
// error unless the cut is between two blocks, then the end.
func TestCutOff(t *testing.T) {
	files := map[string][]byte{
		"pcapng": everything(big),
		"pcap":   slices.Concat(pcapHeader(big, 253), record(big, 5, 6, netlink('a', 9)), record(big, 5, 7, netlink('b', 70))),
	}
	for name, in := range files {
		ends := map[int]int{} // offset of a block's end → frames before it
		br, err := NewBlockReader(bytes.NewReader(in), Options{})
		if err != nil {
			t.Fatal(err)
		}
		frames := 0
		for {
			b, err := br.Next()
			if err != nil {
				break
			}
			if b.IsPacket() && bytes.Contains(b.Raw, []byte{3, 0x38}) {
				frames++
			}
			ends[int(b.Offset)+len(b.Raw)] = frames
		}
		frames = 0
		for n := 28; n <= len(in); n++ {
			res := readAll(t, in[:n], Options{})
			whole, isEnd := ends[n]
			if isEnd {
				frames = whole
			}
			if res.openErr != nil || res.err != nil || len(res.frames) != frames || (len(res.damage) == 0) != isEnd || len(res.damage) > 1 {
				t.Fatalf("%s cut at %d: %d frames, want %d; %v %v %v", name, n, len(res.frames), frames, res.openErr, res.err, res.damage)
			}
			if !isEnd && res.damage[0].Offset+res.damage[0].Skipped != int64(n) {
				t.Fatalf("%s cut at %d: damage %+v", name, n, res.damage[0])
			}
		}
	}
}

// TestContinuedCapture: one capture was killed in the middle of a block and
// the next one appended to the same file.
func TestContinuedCapture(t *testing.T) {
	for cut := 1; cut < 40; cut++ {
		first := everything(little)
		first = first[:len(first)-cut]
		res := readAll(t, slices.Concat(first, everything(big)), Options{})
		if len(res.damage) != 1 || len(res.frames) != 4+5 || res.damage[0].Offset+res.damage[0].Skipped != int64(len(first)) {
			t.Fatalf("cut %d: %d frames, damage %v", cut, len(res.frames), res.damage)
		}
	}
}

func TestDamagedRecord(t *testing.T) {
	tests := []struct {
		name   string
		at     int
		value  uint32
		reason string
	}{
		{"huge length", 8, 0xffffffff, "record of 4294967295 bytes is over the limit of 67108864"},
		{"large length", 8, 2 << 20, "the file ends"},
		{"longer than the frame", 8, 70, "record has 70 bytes of a frame of 61 bytes"},
		{"fraction", 4, 1_000_000, "record has 1000000 as its fraction of a second"},
	}
	for order, e := range orders {
		for _, tt := range tests {
			t.Run(tt.name+" "+order, func(t *testing.T) {
				bad := record(e, 1_700_000_001, 1, netlink('b', 45))
				e.put32(bad[tt.at:], tt.value)
				if tt.at != 8 {
					bad[18] = 9 // and the frame is no netlink either
				} else if tt.value < 100 {
					bad[19] = 9
				}
				in := slices.Concat(pcapHeader(e, 253), record(e, 1_700_000_000, 0, netlink('a', 9)))
				at := len(in)
				in = slices.Concat(in, bad)
				end := len(in)
				in = slices.Concat(in, record(e, 1_700_000_002, 5, netlink('c', 9)), record(e, 1_700_000_002, 7, netlink('d', 11)))
				res := readAll(t, in, Options{})
				if len(res.damage) != 1 || len(res.frames) != 3 {
					t.Fatalf("%d frames, damage %v", len(res.frames), res.damage)
				}
				d := res.damage[0]
				if d.Offset != int64(at) || d.Skipped != int64(end-at) || !strings.HasPrefix(d.Reason, tt.reason) {
					t.Errorf("damage at %d, %d bytes: %q", d.Offset, d.Skipped, d.Reason)
				}
			})
		}
	}
}

// TestOddRecordsOfNetlink: odd headers that real writers make are believed
// where a netlink frame follows.
func TestOddRecordsOfNetlink(t *testing.T) {
	late := record(little, 5, 2_500_000, netlink('a', 9))
	long := record(little, 5, 0, netlink('b', 9))
	little.put32(long[12:], 3)
	res := readAll(t, slices.Concat(pcapHeader(little, 253), late, long, record(little, 6, 0, netlink('c', 2<<20))), Options{})
	if len(res.damage) != 0 || len(res.frames) != 3 {
		t.Fatalf("%d frames, damage %v", len(res.frames), res.damage)
	}
	if f := res.frames[0]; f.Time != 7_500_000_000 {
		t.Errorf("time %d", f.Time)
	}
	if f := res.frames[1]; f.OrigLen != 25 || f.Flags != 0 {
		t.Errorf("%+v", f)
	}
}

// hostile makes inputs on which a naive search is quadratic, since every byte
// looks like the start of a long block.
func hostile() map[string]func(n int) []byte {
	return map[string]func(n int) []byte{
		"blocks that end late": func(n int) []byte {
			w := (&builder{}).section().iface(253, 0)
			for len(w.b) < n {
				w.b = append(w.b, 6, 0, 0, 0, 0xec, 0xff, 0x0f, 0) // type 6, length 1 MiB − 20
			}
			return w.b
		},
		"blocks over the end": func(n int) []byte {
			w := (&builder{}).section().iface(253, 0)
			for len(w.b) < n {
				w.b = append(w.b, 6, 0, 0, 0, 0, 0, 0, 2) // length 32 MiB
			}
			return w.b
		},
		"records over the end": func(n int) []byte {
			b := pcapHeader(little, 253)
			for len(b) < n {
				r := record(little, 1, 1, netlink('a', 0))
				little.put32(r[8:], 1<<20)
				little.put32(r[12:], 1<<20)
				b = append(b, r[:22]...)
			}
			return b
		},
		"zeros": func(n int) []byte { return append((&builder{}).section().b, make([]byte, n)...) },
	}
}

// TestHostile reads them to their end, which a quadratic search would not
// reach before the test times out.
func TestHostile(t *testing.T) {
	for name, mk := range hostile() {
		t.Run(name, func(t *testing.T) {
			readAll(t, mk(4<<20), Options{})
		})
	}
}

// BenchmarkHostile shows that twice the input takes twice the time: MB/s stay
// the same.
func BenchmarkHostile(b *testing.B) {
	for name, mk := range hostile() {
		for _, size := range []int{1 << 20, 4 << 20} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				in := mk(size)
				b.SetBytes(int64(len(in)))
				for b.Loop() {
					readAll(b, in, Options{})
				}
			})
		}
	}
}
