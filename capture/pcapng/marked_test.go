package pcapng

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// TestWriteMarked: a block is marked, and keeps all else that stands beside its
// packet, options of other programs too.
func TestWriteMarked(t *testing.T) {
	data := netlink('a', 5)
	foreign := []byte("\x01\x02\x03\x04\x05\x06\x07\x08")
	for name, e := range orders {
		frames := []capture.Frame{
			{Time: 1, Data: data, OrigLen: len(data)},
			{Time: 2, Data: data, OrigLen: len(data), Dir: capture.DirToKernel, Process: someone, Comment: "see"},
			{Time: 3, Data: data, OrigLen: len(data), Process: someone, Delivery: &capture.Delivery{Socket: someSocket, Call: capture.CallSendMsg}},
		}
		var in, out bytes.Buffer
		w := NewWriter(&in, Section{Order: e.order()})
		for i := range frames {
			if err := w.Write(&frames[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(bytes.NewReader(in.Bytes()), Options{})
		if err != nil {
			t.Fatal(err)
		}
		w = NewWriter(&out, Section{Order: e.order()})
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		w.AddInterface(Interface{LinkType: capture.LinkTypeNetlink})
		for range frames {
			var f capture.Frame
			if err := r.Next(&f); err != nil {
				t.Fatal(err)
			}
			f.Flags |= capture.FlagPart
			b := r.Block()
			b.Raw = withOption(b.Raw, e, foreign)
			if err := w.WriteMarked(b, &f); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(out.Bytes(), foreign); n != len(frames) {
			t.Errorf("%s: %d options of another program, want %d", name, n, len(frames))
		}
		got := readEvents(t, out.Bytes())
		for i, want := range frames {
			want.Number, want.Flags = i+1, capture.FlagPart
			if !reflect.DeepEqual(got[i], want) {
				t.Errorf("%s: got %+v\nwant %+v", name, got[i], want)
			}
		}
	}
}

// withOption adds an option to a packet's block, before all others.
func withOption(raw []byte, e endian, value []byte) []byte {
	const hash = 3 // epb_hash
	at := 8 + enhancedBodyLen + pad4(int(e.u32(raw[8+12:])))
	out := append([]byte(nil), raw[:at]...)
	out = appendOption(out, e, hash, value)
	out = append(out, raw[at:len(raw)-4]...)
	e.put32(out[4:], uint32(len(out)+4))
	return e.append32(out, uint32(len(out)+4))
}
