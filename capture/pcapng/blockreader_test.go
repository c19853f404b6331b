package pcapng

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/nlsniff/nlsniff/capture"
)

// copyBlocks copies in block by block to the writer of its format.
func copyBlocks(t testing.TB, in io.Reader) []byte {
	t.Helper()
	br, err := NewBlockReader(in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer br.Close()
	var out bytes.Buffer
	var w interface {
		WriteRaw(Block) error
		Close() error
	} = NewWriter(&out, Section{})
	if br.Format() == FormatPcap {
		w = NewPcapWriter(&out, PcapOptions{})
	}
	for {
		b, err := br.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteRaw(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestCopyIsIdentical(t *testing.T) {
	files := map[string][]byte{
		"both orders": slices.Concat(everything(big), everything(little)),
		"pcap big":    append(pcapHeader(big, 253), record(big, 5, 6, netlink('a', 9))...),
		"pcap little": append(pcapHeader(little, 253), record(little, 5, 6, netlink('a', 9))...),
	}
	for name, in := range corpus(t) {
		files[name] = in
	}
	for name, in := range files {
		t.Run(name, func(t *testing.T) {
			if !bytes.Equal(copyBlocks(t, bytes.NewReader(in)), in) {
				t.Error("the copy differs")
			}
			if len(in) < 1<<17 && !bytes.Equal(copyBlocks(t, iotest.OneByteReader(bytes.NewReader(in))), in) {
				t.Error("the copy differs when bytes come one by one")
			}
		})
	}
}

func TestBlocks(t *testing.T) {
	in := everything(big)
	br, err := NewBlockReader(bytes.NewReader(in), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var at int64
	for {
		b, err := br.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if b.Offset != at || !bytes.Equal(b.Raw, in[at:at+int64(len(b.Raw))]) || b.Order != big.order() {
			t.Fatalf("block 0x%x at %d, want %d", b.Type, b.Offset, at)
		}
		at += int64(len(b.Raw))
		if br.Offset() != at {
			t.Fatalf("offset %d, want %d", br.Offset(), at)
		}
	}
	if at != int64(len(in)) {
		t.Errorf("blocks end at %d of %d", at, len(in))
	}
}

func TestBlockOptions(t *testing.T) {
	br, err := NewBlockReader(bytes.NewReader(everything(big)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[uint32][]string{}
	for {
		b, err := br.Next()
		if err != nil {
			break
		}
		for o := range b.Options() {
			got[b.Type] = append(got[b.Type], string(o.Value))
		}
	}
	for blockType, want := range map[uint32][]string{
		BlockSectionHeader:  {"a comment", "x86", "Linux", "test", "local"},
		BlockInterface:      {"nlmon0", "\x09", "\x01\x02\x03", "eth0"},
		BlockEnhancedPacket: {"hello", "?", "\x00\x00\x00\x02", "\x00\x00\x00\x01"},
		BlockStatistics:     {"\x00\x00\x00\x00\x00\x00\x00\x03", "\x00\x00\x00\x00\x00\x00\x00\x02"},
		0x12345678:          nil,
	} {
		if !slices.Equal(got[blockType], want) {
			t.Errorf("options of block 0x%x: %q, want %q", blockType, got[blockType], want)
		}
	}
}

// TestLocalTypesAreNotPcap: a pcapng file may use the numbers that this package
// has for the parts of a pcap file.
func TestLocalTypesAreNotPcap(t *testing.T) {
	w := (&builder{}).section().block(BlockPcapRecord, nil).block(BlockPcapHeader, nil).iface(253, 0)
	w.block(BlockPcapRecord, record(little, 1, 1, netlink('x', 1))).packet(0, 1, netlink('a', 1))
	frames := mustRead(t, w.b)
	if len(frames) != 1 || frames[0].Number != 1 || frames[0].Time != 1000 {
		t.Errorf("%+v", frames)
	}
	if !bytes.Equal(copyBlocks(t, bytes.NewReader(w.b)), w.b) {
		t.Error("the copy differs")
	}
}

// growing is a file to which bytes are added between reads.
type growing struct {
	in   []byte
	upTo int
}

func (g *growing) Read(p []byte) (int, error) {
	n := copy(p, g.in[:g.upTo])
	g.in, g.upTo = g.in[n:], g.upTo-n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestFollow(t *testing.T) {
	files := map[string][]byte{
		"pcapng": slices.Concat(everything(little), everything(big)),
		"pcap":   append(pcapHeader(big, 253), slices.Concat(record(big, 5, 6, netlink('a', 9)), record(big, 5, 7, netlink('b', 9)))...),
	}
	for name, in := range files {
		want := mustRead(t, in)
		for _, step := range []int{1, 3, 50} {
			g := &growing{in: in}
			r, err := NewReader(g, Options{Follow: true})
			if err != nil {
				t.Fatal(name, err)
			}
			var got []capture.Frame
			for waits := 0; waits < len(in)+2; {
				var f capture.Frame
				switch err := r.Next(&f); err {
				case nil:
					f.Data = bytes.Clone(f.Data)
					got = append(got, f)
				case capture.ErrTryAgain:
					waits++
					g.upTo = min(g.upTo+step, len(g.in))
				default:
					t.Fatal(name, err)
				}
			}
			checkFrames(t, got, want)
		}
	}
}

func TestFollowResyncs(t *testing.T) {
	w := (&builder{}).section().iface(253, 0)
	damaged := len(w.b)
	w.b = append(w.b, bytes.Repeat([]byte{6, 0, 0, 0}, 50)...)
	w.packet(0, 1, netlink('a', 40))
	g := &growing{in: w.b}
	r, err := NewReader(g, Options{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for range 2 * len(w.b) {
		var f capture.Frame
		var bad *capture.CorruptError
		switch err := r.Next(&f); {
		case err == nil:
			seen = append(seen, "frame")
		case errors.As(err, &bad):
			seen = append(seen, "damage")
			if bad.Offset != int64(damaged) || bad.Skipped != 200 {
				t.Errorf("damage at %d, %d bytes, want %d, 200", bad.Offset, bad.Skipped, damaged)
			}
		case err == capture.ErrTryAgain:
			g.upTo = min(g.upTo+1, len(g.in))
		default:
			t.Fatal(err)
		}
	}
	if !slices.Equal(seen, []string{"damage", "frame"}) {
		t.Errorf("saw %v", seen)
	}
}

func TestFollowNotACapture(t *testing.T) {
	g := &growing{in: []byte("some log\nfile\n")}
	r, err := NewReader(g, Options{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	var f capture.Frame
	if err := r.Next(&f); err != capture.ErrTryAgain {
		t.Errorf("while empty: %v", err)
	}
	g.upTo = 14
	if err := r.Next(&f); !errors.Is(err, ErrFormat) {
		t.Errorf("text: %v", err)
	}
}

func TestReadErrorIsPassedOn(t *testing.T) {
	broken := errors.New("the disk is on fire")
	in := everything(little)
	res := readFrom(t, io.MultiReader(bytes.NewReader(in), iotest.ErrReader(broken)), Options{})
	if len(res.frames) != 5 || res.err != broken {
		t.Errorf("%d frames, %v", len(res.frames), res.err)
	}
	if res := readFrom(t, iotest.ErrReader(broken), Options{}); res.openErr != broken {
		t.Errorf("open: %v", res.openErr)
	}
}

func TestMaxBlock(t *testing.T) {
	w := (&builder{}).section().iface(253, 0).packet(0, 1, netlink('a', 5000)).packet(0, 2, netlink('b', 5))
	res := readAll(t, w.b, Options{MaxBlock: 2000})
	if len(res.frames) != 1 || len(res.damage) != 1 || !strings.Contains(res.damage[0].Reason, "over the limit of 2000") {
		t.Errorf("%d frames, %v", len(res.frames), res.damage)
	}
}
