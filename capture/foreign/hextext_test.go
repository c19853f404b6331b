package foreign

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// message makes one message.
func message(e binary.ByteOrder, kind, flags uint16, seq uint32, body ...byte) []byte {
	b := make([]byte, hdrLen)
	e.PutUint32(b, uint32(hdrLen+len(body)))
	e.PutUint16(b[4:], kind)
	e.PutUint16(b[6:], flags)
	e.PutUint32(b[8:], seq)
	return append(b, body...)
}

// hostile is a message whose characters look like more hex, spaces, and ends that
// dumps have.
var hostile = message(binary.LittleEndian, 16, 5, 0x20206364, []byte("be ad   de  0x30 |30| >12<00 00 00 00 00 00 00 00 00 00 00 00 00"+strings.Repeat("\x00", 80)+"ab\xde\xad\xbe\xef\"'\\x41")...)

func lines16(b []byte, line func(at int, row []byte) string) string {
	var s strings.Builder
	for at := 0; at < len(b); at += 16 {
		s.WriteString(line(at, b[at:min(len(b), at+16)]) + "\n")
	}
	return s.String()
}

func characters(row []byte) string {
	out := bytes.Clone(row)
	for i, c := range out {
		if c < ' ' || c > '~' {
			out[i] = '.'
		}
	}
	return string(out)
}

// forms are how a message stands in a text.
var forms = map[string]func(b []byte) string{
	"bytes": func(b []byte) string {
		return lines16(b, func(_ int, row []byte) string { return fmt.Sprintf("% x", row) })
	},
	"colons":   func(b []byte) string { return strings.ReplaceAll(fmt.Sprintf("% X", b), " ", ":") + "\n" },
	"dashes":   func(b []byte) string { return strings.ReplaceAll(fmt.Sprintf("% x", b), " ", "-") + "\n" },
	"one line": func(b []byte) string { return hex.EncodeToString(b) + "\n" },
	"0x":       func(b []byte) string { return "0x" + hex.EncodeToString(b) + "\n" },
	"gdb": func(b []byte) string {
		var s strings.Builder
		for at := 0; at < len(b); at += 8 {
			fmt.Fprintf(&s, "0x7fffffffe%03x <buf+%d>:\t0x%s\n", at, at, strings.ReplaceAll(fmt.Sprintf("% x", b[at:min(len(b), at+8)]), " ", "\t0x"))
		}
		return s.String()
	},
	"decimal": func(b []byte) string { return fmt.Sprintf("read %v\n", b) },
	"numbers": func(b []byte) string {
		return "let m = [\n" + lines16(b, func(_ int, row []byte) string {
			return strings.ReplaceAll(strings.Trim(fmt.Sprint(row), "[]"), " ", ", ") + ","
		}) + "];\n"
	},
	"signed": func(b []byte) string {
		s := make([]string, len(b))
		for i, c := range b {
			s[i] = fmt.Sprint(int8(c))
		}
		return "byte[] m = {" + strings.Join(s, ", ") + "};\n"
	},
	"octal escapes": func(b []byte) string {
		s := ""
		for _, c := range b {
			s += fmt.Sprintf("\\%03o", c)
		}
		return "printf '" + s + "' | nc\n"
	},
	"wireshark's C": func(b []byte) string {
		return "/* Frame */\nstatic const unsigned char pkt1[] = {\n" + lines16(b, func(_ int, row []byte) string {
			return "0x" + strings.ReplaceAll(fmt.Sprintf("% x", row), " ", ", 0x") + ", /* " + characters(row) + " */"
		}) + "};\n"
	},
	"go": func(b []byte) string { return fmt.Sprintf("b := %#v\n", b) },
	"c": func(b []byte) string {
		return "static const unsigned char msg[] = {\n" + lines16(b, func(_ int, row []byte) string {
			return "\t0x" + strings.Join(strings.Fields(fmt.Sprintf("% x", row)), ", 0x") + ", /* 0x99 */"
		}) + "};\nint x = 0x10;\n"
	},
	"go string": func(b []byte) string { return fmt.Sprintf("s := %q\n", b) },
	"escapes": func(b []byte) string {
		return `printf '\x` + strings.ReplaceAll(fmt.Sprintf("% x", b), " ", `\x`) + "'\n"
	},
	"bare escapes":  func(b []byte) string { return `\x` + strings.ReplaceAll(fmt.Sprintf("% x", b), " ", `\x`) + "\n" },
	"base64":        func(b []byte) string { return base64.StdEncoding.EncodeToString(b) + "\n" },
	"windows lines": func(b []byte) string { return strings.ReplaceAll(hex.Dump(b), "\n", "\r\n") },
	"quoted": func(b []byte) string {
		return "On Sun, A wrote:\n> > " + strings.ReplaceAll(strings.TrimSpace(hex.Dump(b)), "\n", "\n> > ") + "\n\nadded be ad, says de:ad:be:ef:00:01.\n"
	},
	"kernel": func(b []byte) string {
		return lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf("[   12.345678] nl: request: %08x: % x  %s", at, row, characters(row))
		})
	},
	"kernel, addresses": func(b []byte) string {
		return lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf("Nov 29 10:00:01 beef kernel: [   12.345678][ T123] ffff88810%07x: % x  %s", at+0x1000, row, characters(row))
		})
	},
	"kernel, no offset": func(b []byte) string {
		return lines16(b, func(_ int, row []byte) string { return fmt.Sprintf("[   12.345678] nl: % x", row) })
	},
	"strace": func(b []byte) string {
		return lines16(b, func(at int, row []byte) string {
			x := fmt.Sprintf("% x", row[:min(8, len(row))]) + "  "
			if len(row) > 8 {
				x += fmt.Sprintf("% x", row[8:])
			}
			return fmt.Sprintf(" | %05x  %-48s  %-16s |", at, x, characters(row))
		})
	},
	"mixed with prose": func(b []byte) string {
		return "The answer is 42, see 0x30 in deadbeef.\n\nxxd says:\n" + lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf("%08x: % -49x%s", at, row, characters(row))
		}) + "\nand that is it: 12 34\n"
	},
}

// TestForms writes messages as texts have them, and reads them back.
func TestForms(t *testing.T) {
	messages := [][]byte{hostile, message(binary.LittleEndian, 16, 5, 7), message(binary.BigEndian, 16, 5, 7, []byte("big endian..")...), hostile[:100]}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			for i, m := range messages {
				text := form(m)
				out := read(t, strings.NewReader(text), Options{Protocol: 16})
				if i == 2 && little[name] {
					continue
				}
				if i == 3 && amid[name] {
					if refused := (*RefusedError)(nil); !errors.As(out.err, &refused) || refused.What != "a line has 100 bytes of a message of 172, and something else behind" {
						t.Errorf("%d frames, error %v of\n%s", len(out.frames), out.err, text)
					}
					continue
				}
				if out.err != nil || len(out.frames) != 1 || len(out.damage) > 0 {
					t.Fatalf("message %d: %d frames, damage %v, error %v of\n%s", i, len(out.frames), out.damage, out.err, text)
				}
				f := out.frames[0]
				if !bytes.Equal(f.Data[capture.CookedLen:], m) || f.Data[capture.CookedLen-1] != 16 {
					t.Errorf("message %d:\n% x\nwant\n% x\nof\n%s", i, f.Data, m, text)
				}
				if short := f.OrigLen > len(f.Data); short != (i == 3) {
					t.Errorf("message %d: %d of %d bytes", i, len(f.Data), f.OrigLen)
				}
			}
		})
	}
}

// TestManyDumps has several in one text.
func TestManyDumps(t *testing.T) {
	first, second := message(binary.LittleEndian, 16, 5, 1), message(binary.LittleEndian, 16, 5, 2, 1, 2, 3, 4)
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			text := form(first) + "\nand then\n\n" + form(second)
			out := read(t, strings.NewReader(text), Options{})
			if len(out.frames) != 2 || !bytes.HasSuffix(out.frames[0].Data, first) || !bytes.HasSuffix(out.frames[1].Data, second) {
				t.Errorf("%d frames, %v, of\n%s", len(out.frames), out.err, text)
			}
		})
	}
}

// TestDumpTools has real tools print real messages.
func TestDumpTools(t *testing.T) {
	commands := []string{
		"xxd", "xxd -g1", "xxd -g4", "xxd -g8", "xxd -e", "xxd -u", "xxd -p", "xxd -i", "xxd -c 8", "xxd -c 10 -g1", "xxd -c 32", "xxd -d", "xxd -g 0", "xxd -e -g2", "xxd -o 4096",
		"base32", "base32 -w 60", "basenc --base64url", "basenc --base16",
		"hexdump -C", "hexdump -C -v", "od -t x1", "od -A x -t x1z", "od -A d -t x1", "od -A n -v -t x1", "od -v -t x1", "od -t x1c", "od -t x1a", "od -v -w8 -t x1c", "hexdump -v -e '16/1 \"%02x \" \"\\n\"'", "base64", "base64 -w 0", "base64 -w 60",
	}
	var messages [][]byte
	for _, name := range []string{"nft_all", "route_links", "wifi"} {
		frames := pcaptest.Frames(t, name)
		messages = append(messages, frames[0].Data, frames[len(frames)/2].Data, frames[len(frames)-1].Data)
	}
	for i, d := range messages {
		messages[i] = d[capture.CookedLen:]
	}
	messages = append(messages, hostile)
	for _, command := range commands {
		args := strings.Fields(command)
		if i := strings.IndexByte(command, '\''); i > 0 {
			args = append(strings.Fields(command[:i]), strings.Trim(command[i:], "'"))
		}
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			tool := need.Tool(t, args[0])
			for i, m := range messages {
				if (command == "od -A n -v -t x1" || args[0] == "hexdump" && args[1] == "-v") && i == len(messages)-1 {
					continue // nothing tells it from prose but its length
				}
				file := filepath.Join(t.TempDir(), "m")
				if err := os.WriteFile(file, m, 0o600); err != nil {
					t.Fatal(err)
				}
				text, err := exec.Command(tool, append(args[1:len(args):len(args)], file)...).Output()
				if err != nil {
					t.Fatal(err)
				}
				out := read(t, bytes.NewReader(text), Options{})
				if out.err != nil || len(out.frames) != 1 || !bytes.Equal(out.frames[0].Data[capture.CookedLen:], m) {
					t.Errorf("message %d: %d frames, damage %v, error %v of\n%.300s", i, len(out.frames), out.damage, out.err, text)
				}
			}
		})
	}
}

// TestWithin finds messages in lines of something else, whole ones only.
func TestWithin(t *testing.T) {
	first, second := message(binary.LittleEndian, 16, 5, 1, []byte("abc\xff\xfe\xfd..")...), message(binary.LittleEndian, 18, 5, 2)
	cooked := append(appendCooked(nil, packetOutgoing, 16), first...)
	both := append(bytes.Clone(first), second...)
	tests := []struct {
		line string
		want [][]byte
	}{
		{fmt.Sprintf(`{"request": "%x", "reply": "%X"}`, first, second), [][]byte{first, second}},
		{fmt.Sprintf("2026-11-29 16:00:00 DEBUG sent: 0x%x ok", both), [][]byte{both}},
		{fmt.Sprintf("level=debug data=%x", first), [][]byte{first}},
		{fmt.Sprintf("m = bytes.fromhex('%x')", first), [][]byte{first}},
		{fmt.Sprintf("recv %d bytes % x", len(first), first), [][]byte{first}},
		{fmt.Sprintf("msg %s then %s", strings.ReplaceAll(fmt.Sprintf("% x", first), " ", ":"), strings.ReplaceAll(fmt.Sprintf("% x", second), " ", "-")), [][]byte{first, second}},
		{fmt.Sprintf(`{"m": "%s", "n": "%s"}`, base64.StdEncoding.EncodeToString(first), base64.RawURLEncoding.EncodeToString(second)), [][]byte{first, second}},
		{fmt.Sprintf("data=%x and more", first), [][]byte{first}},
		{fmt.Sprintf("data=%x be", first), [][]byte{first}},
		{fmt.Sprintf("data=% x and more", first), [][]byte{first}},
		{fmt.Sprintf("frame=%x", cooked), [][]byte{first}},
		{fmt.Sprintf("data=%x", first[:len(first)-4]), nil},
		{fmt.Sprintf("data=%xab", first), nil},
		{fmt.Sprintf("data=a%x", first), nil},
		{"sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", nil},
		{"commit 3f786850e387550fdab836ed7e6dc881de23001b (HEAD -> main)", nil},
	}
	for _, tt := range tests {
		out := read(t, strings.NewReader(tt.line+"\n"), Options{})
		if len(out.frames) != len(tt.want) {
			t.Errorf("%d frames of %s", len(out.frames), tt.line)
			continue
		}
		for i, w := range tt.want {
			if !bytes.Equal(out.frames[i].Data[capture.CookedLen:], w) {
				t.Errorf("% x, not % x, of %s", out.frames[i].Data, w, tt.line)
			}
		}
	}
}

// TestNoBytes has real tools print what is not told from other forms of numbers.
func TestNoBytes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m")
	m := pcaptest.Frames(t, "route_links")[0].Data[capture.CookedLen:]
	if err := os.WriteFile(file, m, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{
		"xxd -b", "hexdump", "hexdump -b", "hexdump -c", "hexdump -d", "hexdump -o", "hexdump -x", "od", "od -c", "od -a", "od -t u1", "od -t d1", "od -t x2", "od -t x4", "od -t x8", "od -b",
	} {
		args := strings.Fields(command)
		text, err := exec.Command(need.Tool(t, args[0]), append(args[1:len(args):len(args)], file)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		if out := read(t, bytes.NewReader(text), Options{}); len(out.frames) > 0 || !errors.Is(out.err, errWords) {
			t.Errorf("%s: %d frames, %v, of\n%s", command, len(out.frames), out.err, text)
		}
	}
}

// TestTsharkHex reads what tshark -x prints of a capture, whose frames have their
// cooked headers.
func TestTsharkHex(t *testing.T) {
	t.Parallel()
	text, err := exec.Command(need.Tool(t, "tshark"), "-x", "-r", pcaptest.Path("nft_all.pcap"), "-c", "40").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := pcaptest.Frames(t, "nft_all")[:40]
	out := read(t, bytes.NewReader(text), Options{})
	if out.err != nil || len(out.frames) != len(want) {
		t.Fatalf("%d frames, not %d: %v %v", len(out.frames), len(want), out.err, out.damage)
	}
	for i := range want {
		w, g := want[i].Data, out.frames[i].Data
		if !bytes.Equal(g[capture.CookedLen-1:], w[capture.CookedLen-1:]) {
			t.Errorf("frame %d: % x\nwant % x", i+1, g, w)
		}
	}
}

// TestTwoDamages: a dump that is no message ends where a line begins that is too
// long, and both are told.
func TestTwoDamages(t *testing.T) {
	const row = "00000000  ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff\n"
	text := row + strings.Repeat("00", maxLine) + "\n" + "20000000100005000100000000000000000000000000000000000000000000\n"
	src := openHex(&Options{}, strings.NewReader(text))
	var said []string
	for {
		var f capture.Frame
		err := src.Next(&f)
		if err == io.EOF {
			break
		}
		if err != nil {
			said = append(said, err.Error())
		}
	}
	if len(said) != 2 || !strings.Contains(said[0], "no netlink message") || !strings.Contains(said[1], "mebibyte") {
		t.Errorf("%q", said)
	}
}
