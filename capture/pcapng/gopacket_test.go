package pcapng

import (
	"bytes"
	"io"
	"testing"

	"github.com/google/gopacket"

	"github.com/nlsniff/nlsniff/capture"
)

func TestReadPacketData(t *testing.T) {
	in := everything(big)
	want := mustRead(t, in)
	r, err := NewReader(bytes.NewReader(in), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var kept [][]byte
	for _, f := range want {
		data, ci, err := r.ReadPacketData()
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, data)
		if ci.Timestamp.UnixNano() != f.Time || ci.CaptureLength != len(f.Data) || ci.Length != f.OrigLen || ci.InterfaceIndex != f.Interface {
			t.Errorf("frame %d: %+v", f.Number, ci)
		}
		if got := ci.AncillaryData[0].(capture.Frame); got.Number != f.Number || got.Comment != f.Comment || got.Dir != f.Dir || got.Data != nil {
			t.Errorf("frame %d: %+v", f.Number, got)
		}
	}
	for i, f := range want {
		if !bytes.Equal(kept[i], f.Data) {
			t.Errorf("the data of frame %d did not last", f.Number)
		}
	}
	if _, _, err := r.ReadPacketData(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

// TestPacketSource: a damaged part does not end gopacket's channel.
func TestPacketSource(t *testing.T) {
	in := append(append(everything(big), "damage"...), everything(little)...)
	r, err := NewReader(bytes.NewReader(in), Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range gopacket.NewPacketSource(r, gopacket.DecodePayload).Packets() {
		n++
	}
	if n != 10 {
		t.Errorf("%d packets, want 10", n)
	}
}
