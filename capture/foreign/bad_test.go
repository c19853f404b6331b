package foreign

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/nlsniff/nlsniff/capture"
)

// samples are all files in testdata.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		all[filepath.Base(f)] = sample(t, filepath.Base(f))
	}
	return all
}

// TestCut ends every input in every place: what comes before is read as ever.
func TestCut(t *testing.T) {
	for name, b := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := read(t, bytes.NewReader(b), Options{})
			step := 1 + len(b)/400
			for n := 0; n < len(b); n += step {
				out := read(t, bytes.NewReader(b[:n]), Options{})
				for i, f := range out.frames {
					if i >= len(whole.frames) {
						t.Fatalf("%d of %d bytes have frame %d", n, len(b), i+1)
					}
					if w := whole.frames[i]; !bytes.HasPrefix(w.Data, f.Data) || f.Time != w.Time || len(f.Data) < len(w.Data) && i < len(out.frames)-1 {
						t.Fatalf("%d of %d bytes: frame %d is %s, not %s", n, len(b), i+1, describe(&f), describe(&w))
					}
				}
			}
		})
	}
}

// TestDamage overwrites the middle of a stream: the messages around it are there,
// and what is missing is said.
func TestDamage(t *testing.T) {
	var clean []byte
	for i := range 50 {
		clean = append(clean, message(binary.LittleEndian, 20, 0, uint32(i), make([]byte, 40+4*i)...)...)
	}
	for name, junk := range map[string][]byte{
		"zeros": make([]byte, 100), "text": []byte(strings.Repeat("text ", 20)), "a length of 4 MiB": binary.LittleEndian.AppendUint32(nil, 4<<20),
		"a length of 0": {0, 0, 0, 0}, "odd bytes": {0xff, 0xfe, 0xfd}, "a length that is one more": nil,
	} {
		t.Run(name, func(t *testing.T) {
			b := bytes.Clone(clean[:0:0])
			at := 0
			for range 20 {
				at += align4(int(binary.LittleEndian.Uint32(clean[at:])))
			}
			b = append(append(append(b, clean[:at]...), junk...), clean[at:]...)
			switch name {
			case "a length of 4 MiB", "a length of 0":
				b = append(append(append([]byte(nil), clean[:at]...), junk...), clean[at+4:]...)
			case "a length that is one more":
				b[at] += 5
			}
			out := read(t, bytes.NewReader(b), Options{})
			seen := map[uint32]bool{}
			for _, f := range out.frames {
				seen[binary.LittleEndian.Uint32(f.Data[capture.CookedLen+8:])] = true
			}
			for i := range uint32(50) {
				if !seen[i] && i != 20 && i != 21 {
					t.Errorf("message %d is lost", i)
				}
			}
			if len(out.damage) == 0 || out.err != nil {
				t.Errorf("damage %v, error %v", out.damage, out.err)
			}
			for _, d := range out.damage {
				if d.Offset < int64(at) || d.Offset+d.Skipped > int64(len(b)) {
					t.Errorf("damage %+v is not at %d of %d", d, at, len(b))
				}
			}
		})
	}
}

// TestMixed puts inputs one behind the other: whatever comes of it, it ends, and
// the first is read.
func TestMixed(t *testing.T) {
	all := samples(t)
	rubbish := make([]byte, 3000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range rubbish {
		rubbish[i] = byte(r.Uint32())
	}
	all["rubbish"] = rubbish
	for name, a := range all {
		first := read(t, bytes.NewReader(a), Options{})
		for other, b := range all {
			out := read(t, bytes.NewReader(append(bytes.Clone(a), b...)), Options{})
			if name != "raw.bin" && len(out.frames) < len(first.frames) && out.err == nil {
				t.Errorf("%s and %s: %d frames of %d", name, other, len(out.frames), len(first.frames))
			}
		}
	}
	if out := read(t, bytes.NewReader(rubbish), Options{}); out.err == nil {
		t.Errorf("rubbish has %d frames", len(out.frames))
	}
}

// TestSlow reads byte for byte: what an input is does not depend on how it comes.
func TestSlow(t *testing.T) {
	for name, b := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b = b[:min(len(b), 4000)]
			want, got := read(t, bytes.NewReader(b), Options{}), read(t, iotest.OneByteReader(bytes.NewReader(b)), Options{})
			if len(got.frames) != len(want.frames) || (got.err == nil) != (want.err == nil) {
				t.Errorf("%d frames, %v; at once %d, %v", len(got.frames), got.err, len(want.frames), want.err)
			}
		})
	}
}

// TestHuge has what claims or takes much.
func TestHuge(t *testing.T) {
	first := string(message(binary.LittleEndian, 16, 5, 1))
	call := "7 socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 3<NETLINK:[9]>\n7 sendto(3<NETLINK:[9]>, \"\", 20, 0, NULL, 0) = 20\n"
	row := " | 00000  14 00 00 00 10 00 05 00  01 00 00 00 00 00 00 00  ................ |\n"
	dump := "00000000  14 00 00 00 10 00 05 00  01 00 00 00 00 00 00 00  |................|\n"
	for name, in := range map[string]string{
		"one message, 4 GiB claimed": strings.Repeat(first, 4) + "\xff\xff\xff\xff\x10\x00\x05\x00" + strings.Repeat("\x00", 1000),
		"lengths that lead nowhere":  first + strings.Repeat("\x10\x00\x10\x00\x10\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00", 30000),
		"a line of 8 MiB":            call + row + strings.Repeat("x", 8<<20) + "\n" + call[strings.Index(call, "7 sendto"):] + row,
		"a dump without end":         call + strings.Repeat(row, 100000),
		"a repetition of 4 GiB":      dump + "*\nffffffff  00 00 00 00\n",
		"ever the same offset":       strings.Repeat(dump, 50000),
		"quotes":                     strings.Repeat(">", 1<<19) + "\n" + dump,
		"colons":                     dump + strings.Repeat(": ", 1<<19) + "\n",
		"pairs":                      dump + strings.Repeat("40 ", 1<<19) + "\n",
		"slashes":                    dump + "x=" + strings.Repeat("A/", 1<<19) + "\n",
		"digits":                     dump + "x=" + strings.Repeat("40", 1<<19) + "\n",
		"counts":                     dump + strings.Repeat("{0x0 <repeats 9999999 times>}\n", 3000),
		"strings in strings":         dump + strings.Repeat(`"\\\"\n\u0000`, 1<<16) + "\n",
		"escapes without quotes":     dump + strings.Repeat(`\ `, 1<<19) + `\x00` + "\n",
		"quotes without end":         dump + strings.Repeat(`\x00" '`, 1<<17) + "\n",
		"brackets":                   dump + strings.Repeat("[1,", 1<<18) + "\n",
		"stores far apart":           dump + strings.Repeat("*(uint8_t*)0x0 = 0;\n*(uint64_t*)0xffffffffffffffff = -1;\n", 10000),
		"numbers":                    dump + "[" + strings.Repeat("7, ", 1<<18) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := read(t, strings.NewReader(in), Options{})
			total := 0
			for _, f := range out.frames {
				total += len(f.Data)
			}
			if out.err != nil || len(out.frames) == 0 || total > 2*len(in)+maxBlock {
				t.Errorf("%d frames of %d bytes, damage %v, error %v", len(out.frames), total, out.damage[:min(3, len(out.damage))], out.err)
			}
		})
	}
}
