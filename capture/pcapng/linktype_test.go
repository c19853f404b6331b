package pcapng

import (
	"bytes"
	"errors"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

func TestLinkTypes(t *testing.T) {
	ethernet := bytes.Repeat([]byte{0xff}, 60)
	ng := func(links ...uint32) []byte {
		w := (&builder{}).section()
		for _, l := range links {
			w.iface(l, 0)
		}
		for i := range links {
			w.packet(uint32(i), 1, ethernet).packet(uint32(i), 2, netlink('a', 1))
		}
		return w.b
	}
	tests := []struct {
		name    string
		in      []byte
		frames  int
		skipped uint64
		err     string
	}{
		{"pcap of Ethernet", pcapHeader(little, 1), 0, 0, "link type 1 (ETHERNET) is not netlink"},
		{"pcap of an unnamed type", pcapHeader(big, 300), 0, 0, "link type 300 is not netlink"},
		{"pcapng of Ethernet", ng(1), 0, 1, "link type 1 (ETHERNET) is not netlink"},
		{"netlink only", ng(253), 2, 0, ""},
		{"cooked", ng(113), 1, 1, ""},
		{"Ethernet and netlink", ng(1, 253), 2, 2, ""},
		{"Ethernet without a packet", (&builder{}).section().iface(1, 0).b, 0, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := readAll(t, tt.in, Options{})
			err := res.openErr
			if err == nil {
				err = res.err
				if n := res.reader.Skipped(); n != tt.skipped {
					t.Errorf("skipped %d, want %d", n, tt.skipped)
				}
			}
			var link *LinkTypeError
			if tt.err == "" && err != nil || tt.err != "" && (!errors.As(err, &link) || err.Error() != tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if len(res.frames) != tt.frames {
				t.Errorf("%d frames, want %d", len(res.frames), tt.frames)
			}
		})
	}
}

// TestSLL2 reads frames with the other cooked header, whole and cut.
func TestSLL2(t *testing.T) {
	header := []byte{0, 16, 0, 0, 0, 0, 0, 9, 0x03, 0x38, 7, 6, 1, 2, 3, 4, 5, 6, 7, 8}
	frame := append(header[:20:20], "payload"...)
	cooked := append([]byte{0, 7, 0x03, 0x38, 0, 6, 1, 2, 3, 4, 5, 6, 7, 8, 0, 16}, "payload"...)
	ethernet := append([]byte{0x08, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6}, make([]byte, 20)...)
	w := (&builder{}).section().iface(276, 0).packet(0, 1, frame).packet(0, 2, ethernet)
	for n := range frame {
		w.packet(0, uint64(3+n), frame[:n])
	}
	want := [][]byte{cooked}
	for n := range frame {
		switch {
		case n >= 20:
			want = append(want, cooked[:n-4])
		case n >= 12:
			want = append(want, cooked[:n-6])
		}
	}
	res := readAll(t, w.b, Options{})
	if res.err != nil || len(res.frames) != len(want) {
		t.Fatalf("%d frames, want %d: %v", len(res.frames), len(want), res.err)
	}
	for i, f := range res.frames {
		if !bytes.Equal(f.Data, want[i]) || f.OrigLen != len(f.Data) {
			t.Errorf("frame %d: % x of %d, want % x", i, f.Data, f.OrigLen, want[i])
		}
	}
}

// TestSLL2Copied: a frame of an interface with the other header is written to one
// with this header.
func TestSLL2Copied(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, Section{Interfaces: []Interface{{LinkType: capture.LinkTypeLinuxSLL2, Name: "any"}}})
	data := netlink('a', 1)
	if err := w.Write(&capture.Frame{Data: data, OrigLen: len(data)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	res := readAll(t, out.Bytes(), Options{})
	if len(res.frames) != 1 || !bytes.Equal(res.frames[0].Data, data) || res.frames[0].Interface != 1 {
		t.Errorf("%+v", res.frames)
	}
}

func TestLinkTypeErrorIsToldOnce(t *testing.T) {
	w := (&builder{}).section().iface(1, 0).packet(0, 1, netlink('a', 1)).packet(0, 1, netlink('a', 1))
	w.iface(253, 0).packet(1, 1, netlink('b', 1))
	r, err := NewReader(bytes.NewReader(w.b), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var f capture.Frame
	var link *LinkTypeError
	if err := r.Next(&f); !errors.As(err, &link) {
		t.Fatalf("first: %v", err)
	}
	if err := r.Next(&f); err != nil || f.Number != 3 {
		t.Fatalf("second: frame %d, %v", f.Number, err)
	}
}
