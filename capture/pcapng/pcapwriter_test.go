package pcapng

import (
	"bytes"
	"math"
	"testing"

	"github.com/google/gopacket/pcapgo"

	"github.com/nlsniff/nlsniff/capture"
)

func TestWriteReadPcap(t *testing.T) {
	for order, e := range orders {
		for _, micro := range []bool{false, true} {
			var out bytes.Buffer
			w := NewPcapWriter(&out, PcapOptions{Micro: micro, Order: e.order()})
			want := sample(200)
			for i := range want {
				if err := w.Write(&want[i]); err != nil {
					t.Fatal(err)
				}
				// what pcap has no room for
				want[i].Process, want[i].Dir = capture.Process{}, 0
				if micro {
					want[i].Time -= want[i].Time % 1000
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			checkFrames(t, mustRead(t, out.Bytes()), want)
			oracle, err := pcapgo.NewReader(bytes.NewReader(out.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range want {
				data, ci, err := oracle.ReadPacketData()
				if err != nil || !bytes.Equal(data, f.Data) || ci.Timestamp.UnixNano() != f.Time || ci.Length != f.OrigLen {
					t.Fatalf("%s: pcapgo reads frame %d as %+v, %v", order, i, ci, err)
				}
			}
		}
	}
}

func TestPcapTimesAreClamped(t *testing.T) {
	var out bytes.Buffer
	w := NewPcapWriter(&out, PcapOptions{})
	times := map[int64]int64{-5: 0, math.MinInt64: 0, math.MaxInt64: math.MaxUint32*nanosPerSecond + nanosPerSecond - 1}
	var want []int64
	for in, out := range times {
		w.Write(&capture.Frame{Time: in, Data: netlink('a', 1)})
		want = append(want, out)
	}
	w.Close()
	for i, f := range mustRead(t, out.Bytes()) {
		if f.Time != want[i] {
			t.Errorf("time %d, want %d", f.Time, want[i])
		}
	}
}

func TestEmptyPcapHasAHeader(t *testing.T) {
	var out bytes.Buffer
	NewPcapWriter(&out, PcapOptions{}).Close()
	if frames := mustRead(t, out.Bytes()); len(frames) != 0 || out.Len() != pcapHeaderLen {
		t.Errorf("%d bytes", out.Len())
	}
}
