package pcapng

import (
	"bytes"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

func TestSimplePacketIsCutToSnapLen(t *testing.T) {
	w := &builder{}
	w.section().iface(253, 18).simplePacket(100, netlink('a', 2))
	frames := mustRead(t, w.b)
	if len(frames) != 1 || !bytes.Equal(frames[0].Data, netlink('a', 2)) || frames[0].OrigLen != 100 ||
		frames[0].Flags != capture.FlagTruncated {
		t.Fatalf("%+v", frames)
	}
}

func TestDamagedPackets(t *testing.T) {
	tests := []struct {
		name      string
		blockType uint32
		body      []byte
		reason    string
	}{
		{"empty simple", BlockSimplePacket, nil, "simple packet block of 12 bytes"},
		{"empty enhanced", BlockEnhancedPacket, nil, "packet block of 12 bytes"},
		{"half an old one", BlockPacket, make([]byte, 16), "packet block of 28 bytes"},
		{"no such interface", BlockPacket, append([]byte{9, 0}, make([]byte, 18)...), "packet of interface 9 in a section of 1 interface"},
	}
	for _, tt := range tests {
		w := (&builder{}).section().iface(253, 0)
		at := len(w.b)
		w.block(tt.blockType, tt.body).packet(0, 1, netlink('a', 1))
		res := readAll(t, w.b, Options{})
		if len(res.damage) != 1 || res.damage[0].Reason != tt.reason || res.damage[0].Offset != int64(at) ||
			res.damage[0].Skipped != int64(minBlock+len(tt.body)) {
			t.Errorf("%s: damage %+v", tt.name, res.damage)
		}
		if len(res.frames) != 1 || res.frames[0].Number != 2 {
			t.Errorf("%s: frames %+v", tt.name, res.frames)
		}
	}
}
