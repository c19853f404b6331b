package foreign

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestSeveral has texts with several messages, or with one in several parts.
func TestSeveral(t *testing.T) {
	m := message(binary.LittleEndian, 16, 5, 0x61626364, []byte("\x07\x00\x00\x00\xe9\xff\"'\\\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")...)
	n := message(binary.LittleEndian, 18, 5, 2, 1, 2, 3, 4)
	dump := strings.ReplaceAll(hex.Dump(m), "\n", `\n`)
	type test struct {
		name, text string
		want       [][]byte
	}
	tests := []test{
		{"lines of JSON", fmt.Sprintf("{\"a\":%s}\n{\"a\":%s}\n", toJSON(latin1(m)), toJSON(latin1(n))), [][]byte{m, n}},
		{"two in a line of JSON", fmt.Sprintf("{\"a\":[%s,%s]}\n", toJSON(latin1(m)), toJSON(latin1(n))), [][]byte{m, n}},
		{"a dump in a string", fmt.Sprintf("{\"log\":\"sent:\\n%s\",\"stream\":\"stderr\"}\n", strings.ReplaceAll(dump, `"`, `\"`)), [][]byte{m}},
		{"a dump in a string in a string", toJSON(fmt.Sprintf("{\"log\":%s}", toJSON(hex.Dump(m)))) + "\n", [][]byte{m}},
		{"digits in a string", fmt.Sprintf("{\"log\":\"sent %x\\n\",\"stream\":\"stderr\"}\n", m), [][]byte{m}},
		{"lines of Python", python(m) + "\n" + python(n) + "\n", [][]byte{m, n}},
		{"lines of C", fmt.Sprintf("send(\"\\x%s\", 40);\nsend(\"\\x%s\", 20);\n", strings.ReplaceAll(fmt.Sprintf("% x", m), " ", `\x`), strings.ReplaceAll(fmt.Sprintf("% x", n), " ", `\x`)), [][]byte{m, n}},
		{"gdb's print of characters", `$1 = "(\000\000\000\020\000\005\000dcba\000\000\000\000\a\000\000\000\351\377\"'\\", '\000' <repeats 14 times>` + "\n", [][]byte{m}},
		{"gdb's print, without the last zero", `$3 = "\024\000\000\000\020\000\005\000dcba\000\000\000\000\001\002\003"` + "\n", [][]byte{message(binary.LittleEndian, 16, 5, 0x61626364, 1, 2, 3, 0)}},
		{"gdb's x/20ub", "0x5555 <buf>:\t20\t0\t0\t0\t16\t0\t5\t0\n0x555d <buf+8>:\t7\t0\t0\t0\t0\t0\t0\t0\n0x5565 <buf+16>:\t255\t39\t0\t0\n", [][]byte{message(binary.LittleEndian, 16, 5, 7, 255, 39, 0, 0)}},
		{"gdb's x/20db", "0x5555 <buf>:\t20 '\\024'\t0 '\\000'\t0 '\\000'\t0 '\\000'\t16 '\\020'\t0 '\\000'\t5 '\\005'\t0 '\\000'\n0x555d <buf+8>:\t7 '\\a'\t0 '\\000'\t0 '\\000'\t0 '\\000'\t0 '\\000'\t0 '\\000'\t0 '\\000'\t0 '\\000'\n0x5565 <buf+16>:\t-1 '\\377'\t39 '\\''\t0 '\\000'\t0 '\\000'\n", [][]byte{message(binary.LittleEndian, 16, 5, 7, 255, 39, 0, 0)}},
		{"gdb's x/20ob", "0x5555 <buf>:\t024\t0\t0\t0\t020\t0\t05\t0\n0x555d <buf+8>:\t07\t0\t0\t0\t0\t0\t0\t0\n0x5565 <buf+16>:\t0377\t047\t0\t0\n", [][]byte{message(binary.LittleEndian, 16, 5, 7, 255, 39, 0, 0)}},
		{"stores with bits", "*(uint32_t*)0x20000040 = 0x18;\n*(uint16_t*)0x20000044 = 0x10;\n*(uint16_t*)0x20000046 = 5;\n*(uint32_t*)0x20000048 = 7;\n*(uint32_t*)0x2000004c = r[0];\n" +
			"*(uint16_t*)0x20000050 = 5;\nSTORE_BY_BITMASK(uint16_t, , 0x20000052, 1, 0, 14);\nSTORE_BY_BITMASK(uint16_t, , 0x20000053, 0, 6, 1);\nSTORE_BY_BITMASK(uint16_t, , 0x20000053, 1, 7, 1);\n" +
			"NONFAILING(*(uint16_t*)0x20000054 = htobe16(0x806));\n", [][]byte{message(binary.LittleEndian, 16, 5, 7, 5, 0, 1, 0x80, 8, 6, 0, 0)}},
		{"stores with a string", "*(uint32_t*)0x20000040 = 0x14;\n*(uint16_t*)0x20000044 = 0x10;\n*(uint16_t*)0x20000046 = 5;\n*(uint64_t*)0x20000048 = 7;\nmemcpy((void*)0x20000050, \"lo\\000\\000\", 4);\n",
			[][]byte{message(binary.LittleEndian, 16, 5, 7, 'l', 'o', 0, 0)}},
		{"a log in colours", "\x1b[32mDEBUG\x1b[0m sent " + hex.EncodeToString(m) + "\x1b[0m\n", [][]byte{m}},
		{"dumps of the kernel, cut at 64 bytes", "[  1.000000] nl: " + fmt.Sprintf("% x", message(binary.LittleEndian, 16, 5, 7, make([]byte, 100)...)[:64]) + "\n", [][]byte{message(binary.LittleEndian, 16, 5, 7, make([]byte, 100)...)[:64]}},
		{"lines with all equal left out", "00000000  54 00 00 00 10 00 05 00  00 00 00 00 00 00 00 00  |T...............|\n00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000050  00 00 00 00                                       |....|\n00000054\n", [][]byte{message(binary.LittleEndian, 16, 5, 0, make([]byte, 0x44)...)}},
	}
	lua := ""
	for _, c := range m {
		lua += fmt.Sprintf(`\%03d`, c)
	}
	tests = append(tests, test{"Lua's decimal escapes", "m = \"" + lua + "\"\n", [][]byte{m}})
	for _, tt := range tests {
		out := read(t, strings.NewReader(tt.text), Options{})
		if out.err != nil || len(out.frames) != len(tt.want) {
			t.Errorf("%s: %d frames, %v, of\n%s", tt.name, len(out.frames), out.err, tt.text)
			continue
		}
		for i, w := range tt.want {
			if got := out.frames[i].Data[capture.CookedLen:]; !bytes.Equal(got, w) {
				t.Errorf("%s:\n% x, not\n% x, of\n%s", tt.name, got, w, tt.text)
			}
		}
	}
}

// TestTsharkForms reads what tshark and tcpdump print of a capture: each frame once.
func TestTsharkForms(t *testing.T) {
	want := pcaptest.Frames(t, "conntrack_all")[:20]
	for _, command := range []string{"tshark -T jsonraw -c 20 -r", "tshark -T json -x -c 20 -r", "tshark -T ek -x -c 20 -r", "tcpdump -n -X -c 20 -r", "tcpdump -n -x -c 20 -r", "tcpdump -n -XX -c 20 -r"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(command)
			text, err := exec.Command(need.Tool(t, args[0]), append(args[1:len(args):len(args)], pcaptest.Path("conntrack_all.pcap"))...).Output()
			if err != nil {
				t.Fatal(err)
			}
			out := read(t, bytes.NewReader(text), Options{})
			if out.err != nil || len(out.frames) != len(want) {
				t.Fatalf("%d frames, not %d: %v %v", len(out.frames), len(want), out.err, out.damage)
			}
			for i := range want {
				if w, g := want[i].Data, out.frames[i].Data; !bytes.Equal(g[capture.CookedLen-1:], w[capture.CookedLen-1:]) {
					t.Errorf("frame %d: % x\nwant % x", i+1, g, w)
				}
			}
		})
	}
	text, err := exec.Command(need.Tool(t, "tshark"), "-T", "pdml", "-c", "20", "-r", pcaptest.Path("conntrack_all.pcap")).Output()
	if err != nil {
		t.Fatal(err)
	}
	if out := read(t, bytes.NewReader(text), Options{}); out.err == nil || out.err.Error() != "tshark -T pdml has no whole frames" {
		t.Errorf("pdml: %d frames, %v", len(out.frames), out.err)
	}
}

// TestLossy refuses strings that lost bytes, and says so of one among others.
func TestLossy(t *testing.T) {
	m := message(binary.LittleEndian, 16, 5, 7, 0xde, 0xad, 0xbe, 0xef)
	lost := `{"m": ` + toJSON(string(m)) + "}\n"
	raw := `{"m": ` + toJSON(strings.ToValidUTF8(string(m), string(utf8.RuneError))) + "}\n"
	for _, text := range []string{lost, raw, ascii(raw)} {
		if out := read(t, strings.NewReader(text), Options{}); !errors.Is(out.err, errLossy) {
			t.Errorf("%d frames, %v, of %s", len(out.frames), out.err, text)
		}
		out := read(t, strings.NewReader(hex.EncodeToString(m)+"\n"+text), Options{})
		if out.err != nil || len(out.frames) != 1 || len(out.damage) != 1 || out.damage[0].Reason != errLossy.What {
			t.Errorf("%d frames, %v, %v, of %s", len(out.frames), out.damage, out.err, text)
		}
	}
}

// TestBase32 reads what is base64's letters too, by what it says.
func TestBase32(t *testing.T) {
	tests := []struct {
		text string
		kind uint16
	}{
		{"GAAAAAAQAACQABYAAAAAAAAAAAAAAAAAAAAAAA", 16}, // without its padding
		{"CQAAAAAQAACQABYAAAAAAAAAAAAAAAAAAAAAAAA=", 16},
		{"FAAAABAABQABAAAAAAAAAAAAAAA=", 16}, // base64, and no letter tells
	}
	for _, tt := range tests {
		out := read(t, strings.NewReader(tt.text+"\n"), Options{})
		kind := uint16(0)
		if len(out.frames) == 1 {
			kind = binary.LittleEndian.Uint16(out.frames[0].Data[capture.CookedLen+4:])
		}
		if kind != tt.kind {
			t.Errorf("%s: type %d, %v", tt.text, kind, out.err)
		}
	}
}
