package pcapng

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/gopacket/pcapgo"

	"github.com/nlsniff/nlsniff/capture"
)

// record makes a pcap record.
func record(e endian, sec, sub uint32, data []byte) []byte {
	b := e.append32(nil, sec)
	b = e.append32(b, sub)
	b = e.append32(b, uint32(len(data)))
	b = e.append32(b, uint32(len(data)))
	return append(b, data...)
}

// corpus is the real captures of the repository, all pcap.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/pcaps/*.pcap")
	if err != nil || len(paths) == 0 {
		t.Fatal("no captures in testdata/pcaps", err)
	}
	files := map[string][]byte{}
	for _, path := range paths {
		if files[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestPcapMagics(t *testing.T) {
	for order, e := range orders {
		for _, magic := range []uint32{magicMicro, magicNano} {
			head := pcapHeader(e, 253)
			e.put32(head, magic)
			frames := mustRead(t, slices.Concat(head, record(e, 4_000_000_000, 123_456, netlink('a', 7))))
			want := int64(4_000_000_000_000_123_456)
			if magic == magicMicro {
				want = 4_000_000_000_123_456_000
			}
			checkFrames(t, frames, []capture.Frame{{Number: 1, Time: want, Data: netlink('a', 7), OrigLen: 23}})
			if t.Failed() {
				t.Fatalf("%s, magic %x", order, magic)
			}
		}
	}
}

func TestCookedPcap(t *testing.T) {
	arp := netlink('a', 30)
	arp[3] = 1
	in := slices.Concat(pcapHeader(big, 113), record(big, 1, 0, arp), record(big, 2, 0, netlink('b', 3)),
		record(big, 3, 0, []byte{0, 4, 3}), record(big, 4, 0, netlink('c', 3)))
	res := readAll(t, in, Options{})
	if len(res.frames) != 2 || res.frames[0].Number != 2 || res.frames[1].Number != 4 || res.reader.Skipped() != 2 {
		t.Errorf("%+v, skipped %d", res.frames, res.reader.Skipped())
	}
}

// TestPcapAgainstPcapgo reads the real captures with both readers.
func TestPcapAgainstPcapgo(t *testing.T) {
	for name, in := range corpus(t) {
		frames := mustRead(t, in)
		oracle, err := pcapgo.NewReader(bytes.NewReader(in))
		if err != nil {
			t.Fatal(name, err)
		}
		for i := 0; ; i++ {
			data, ci, err := oracle.ReadPacketData()
			if err == io.EOF {
				if i != len(frames) || i == 0 {
					t.Errorf("%s: %d frames, pcapgo has %d", name, len(frames), i)
				}
				break
			}
			if err != nil {
				t.Fatal(name, err)
			}
			if f := frames[i]; !bytes.Equal(f.Data, data) || f.Time != ci.Timestamp.UnixNano() || f.OrigLen != ci.Length || f.Number != i+1 {
				t.Fatalf("%s: frame %d differs from pcapgo's", name, i+1)
			}
		}
	}
}
