package foreign

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// latin1 writes each byte as the character of its number, as JSON has what was taken
// for a text of one byte a character.
func latin1(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

// ascii escapes what is no ASCII, as Python's json.dumps does.
func ascii(s string) string {
	var out strings.Builder
	for _, r := range s {
		if r < 0x80 {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "\\u%04x", r)
		}
	}
	return out.String()
}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// words writes numbers of so many bytes, as a little-endian host has them.
func words(big bool, b []byte, size int, format string) string {
	var s []string
	for at := 0; at+size <= len(b); at += size {
		n := uint64(0)
		for i := range size {
			if big { // a big-endian message is of such a host
				n = n<<8 | uint64(b[at+i])
			} else {
				n |= uint64(b[at+i]) << (8 * i)
			}
		}
		s = append(s, fmt.Sprintf(format, n))
	}
	return strings.Join(s, "")
}

// python writes bytes as Python's repr does.
func python(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		switch {
		case c == '\\' || c == '\'':
			s.WriteByte('\\')
			s.WriteByte(c)
		case c == '\n':
			s.WriteString(`\n`)
		case c == '\t':
			s.WriteString(`\t`)
		case c == '\r':
			s.WriteString(`\r`)
		case c < ' ' || c > '~':
			fmt.Fprintf(&s, `\x%02x`, c)
		default:
			s.WriteByte(c)
		}
	}
	return "b'" + s.String() + "'"
}

// gdbArray writes an array as gdb's print does, with what repeats counted.
func gdbArray(b []byte) string {
	var s []string
	for i := 0; i < len(b); {
		n := 1
		for i+n < len(b) && b[i+n] == b[i] {
			n++
		}
		if n >= 10 {
			s = append(s, fmt.Sprintf("0x%x <repeats %d times>", b[i], n))
			i += n
			continue
		}
		s = append(s, fmt.Sprintf("0x%x", b[i]))
		i++
	}
	return "$1 = {" + strings.Join(s, ", ") + "}\n"
}

func rows(b []byte, width int, line func(at int, row []byte) string) string {
	var s strings.Builder
	for at := 0; at < len(b); at += width {
		s.WriteString(line(at, b[at:min(len(b), at+width)]) + "\n")
	}
	return s.String()
}

// amid are forms in which something else may stand behind the bytes, so that those of
// a message that is cut cannot be told.
var amid = names("xxd -r echo", "rust hex", "rust hex padded", "json numbers", "json bytes", "syz blob", "base64 var", "words of digits", "erlang")

// little are those that a big-endian host writes so that they may be of a little-endian
// one, too.
var little = names("gdb words", "crash", "words of C", "words of digits")

func names(list ...string) map[string]bool {
	set := map[string]bool{}
	for _, name := range list {
		set[name] = true
	}
	return set
}

func init() {
	for name, form := range pasted {
		forms[name] = form
	}
}

// pasted are further forms that mails and issues have.
var pasted = map[string]func(b []byte) string{
	"base32": func(b []byte) string { return base32.StdEncoding.EncodeToString(b) + "\n" },
	"base32 lines": func(b []byte) string {
		return rows([]byte(base32.StdEncoding.EncodeToString(b)), 76, func(_ int, row []byte) string { return string(row) })
	},
	"base64 raw": func(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) + "\n" },
	"base64 url": func(b []byte) string { return base64.URLEncoding.EncodeToString(b) + "\n" },
	"base64 var": func(b []byte) string { return "m = \"" + base64.StdEncoding.EncodeToString(b) + "\"\n" },
	"json ascii": func(b []byte) string {
		return `{"level": "debug", "msg": ` + ascii(toJSON(latin1(b))) + `, "n": "x"}` + "\n"
	},
	"json latin":      func(b []byte) string { return `{"level":"debug","msg":` + toJSON(latin1(b)) + `}` + "\n" },
	"json alone":      func(b []byte) string { return toJSON(latin1(b)) + "\n" },
	"json bytes":      func(b []byte) string { return `{"level":"debug","msg":` + toJSON(b) + `}` + "\n" },
	"json of escapes": func(b []byte) string { return `{"level":"debug","msg":` + toJSON(python(b)) + `, "k":"v"}` + "\n" },
	"json numbers": func(b []byte) string {
		n := make([]int, len(b))
		for i, c := range b {
			n[i] = int(c)
		}
		return `{"_PID":"7","MESSAGE":` + toJSON(n) + `,"PRIORITY":"6"}` + "\n"
	},
	"python":           func(b []byte) string { return ">>> m\n" + python(b) + "\n" },
	"python assigned":  func(b []byte) string { return "m = " + python(b) + "\n" },
	"python bytearray": func(b []byte) string { return "x = bytearray(" + python(b) + ")\n" },
	"bpftrace": func(b []byte) string {
		p := python(b)
		return "Attaching 1 probe...\n" + strings.ReplaceAll(p[2:len(p)-1], `\'`, `'`) + "\n"
	},
	"bpftrace with text": func(b []byte) string {
		p := python(b)
		return "ip 1234 " + strings.ReplaceAll(p[2:len(p)-1], `\'`, `'`) + "\n"
	},
	"bpftrace map": func(b []byte) string {
		return "@[ip]: " + `\x` + strings.ReplaceAll(fmt.Sprintf("% x", b), " ", `\x`) + "\n"
	},
	"gdb words": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("0x7fffffffe%03x:", at) + words(b[0] == 0, row, 4, "\t0x%08x")
		})
	},
	"gdb halves": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("0x7fffffffe%03x <buf+%d>:", at, at) + words(b[0] == 0, row, 2, "\t0x%04x")
		})
	},
	"gdb bare": func(b []byte) string {
		return rows(b, 8, func(at int, row []byte) string {
			return fmt.Sprintf("(gdb) 0x7fffffffe%03x:\t0x", at) + strings.ReplaceAll(fmt.Sprintf("% x", row), " ", "\t0x")
		})
	},
	"lldb": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("0x7fffffffe%03x: % x  %s", at, row, characters(row))
		})
	},
	"words of C": func(b []byte) string {
		return "u32 m[] = {\n" + rows(b, 16, func(_ int, row []byte) string { return words(b[0] == 0, row, 4, "0x%x, ") }) + "};\n"
	},
	"words of digits": func(b []byte) string { return "data: " + strings.TrimSpace(words(b[0] == 0, b, 4, " %08x")) + "\n" },
	"base32hex":       func(b []byte) string { return base32.HexEncoding.EncodeToString(b) + "\n" },
	"erlang": func(b []byte) string {
		return "<<" + strings.ReplaceAll(strings.Trim(fmt.Sprint(b), "[]"), " ", ",") + ">>\n"
	},
	"lines that a mail broke": func(b []byte) string {
		x := `\x` + strings.ReplaceAll(fmt.Sprintf("% x", b), " ", `\x`)
		return `x = "` + x[:len(x)/8*4] + "=\n" + x[len(x)/8*4:] + "\";\n"
	},
	"gdb print": gdbArray,
	"rust hex": func(b []byte) string {
		return "[src/main.rs:4] " + strings.ReplaceAll(strings.ReplaceAll(fmt.Sprintf("[% x]", b), " ", ", "), ", 0", ", ") + "\n"
	},
	"rust hex padded": func(b []byte) string { return "buf = " + strings.ReplaceAll(fmt.Sprintf("[% x]", b), " ", ", ") + "\n" },
	"rust bytes": func(b []byte) string {
		p := python(b)
		return "b\"" + strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(p[2:len(p)-1], `\x00`, `\0`), `\'`, `'`), `"`, `\"`) + "\"\n"
	},
	"rust pretty": func(b []byte) string {
		return "[\n" + rows(b, 1, func(_ int, row []byte) string { return fmt.Sprintf("    %d,", row[0]) }) + "]\n"
	},
	"rust pretty hex": func(b []byte) string {
		return "[\n" + rows(b, 1, func(_ int, row []byte) string { return fmt.Sprintf("    0x%x,", row[0]) }) + "]\n"
	},
	"node": func(b []byte) string {
		return fmt.Sprintf("Uint8Array(%d) [\n", len(b)) + rows(b, 12, func(_ int, row []byte) string {
			s := ""
			for _, c := range row {
				s += fmt.Sprintf(" %3d,", c)
			}
			return s
		}) + "]\n"
	},
	"node buffer": func(b []byte) string { return fmt.Sprintf("<Buffer % x>\n", b) },
	"wireshark escaped": func(b []byte) string {
		return rows(b, 16, func(_ int, row []byte) string {
			return `"\x` + strings.ReplaceAll(fmt.Sprintf("% x", row), " ", `\x`) + `" \`
		})
	},
	"wireshark hex stream": func(b []byte) string {
		return hex.EncodeToString(append([]byte{0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16}, b...)) + "\n"
	},
	"tcpdump": func(b []byte) string {
		return "10:00:00.000000 AF 824\n" + lines16(b, func(at int, row []byte) string {
			s := ""
			for i := 0; i < len(row); i += 2 {
				s += fmt.Sprintf(" %x", row[i:min(i+2, len(row))])
			}
			return fmt.Sprintf("\t0x%04x: %-41s  %s", at, s, characters(row))
		})
	},
	"perf dump": func(b []byte) string {
		return ". ... raw event: size 48 bytes\n" + lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf(".  %04x:  %-47s  %s", at, fmt.Sprintf("% x", row), characters(row))
		})
	},
	"perf bpf output": func(b []byte) string {
		return "ip 123 [000] 1.2: evt:\n" + rows(b, 8, func(at int, row []byte) string {
			p := "                  "
			if at == 0 {
				p = "      BPF output: "
			}
			return fmt.Sprintf("%s%04x: %-23s  %s", p, at, fmt.Sprintf("% x", row), characters(row))
		})
	},
	"dmesg -T": func(b []byte) string {
		return lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf("[Sun Nov 29 10:00:01 2026] nl: %08x: %-47s  %s", at, fmt.Sprintf("% x", row), characters(row))
		})
	},
	"dmesg iso": func(b []byte) string {
		return lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf("2026-11-29T10:00:01,%06d+00:00 nl: %08x: %-47s  %s", at, at, fmt.Sprintf("% x", row), characters(row))
		})
	},
	"dmesg -x": func(b []byte) string {
		return lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf("kern  :debug : [ 12.%06d] nl: %-47s  %s", at, fmt.Sprintf("% x", row), characters(row))
		})
	},
	"dmesg -T without offsets": func(b []byte) string {
		return lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf("[Sun Nov 29 10:00:01 2026] nl: %-47s", fmt.Sprintf("% x", row))
		})
	},
	"journal": func(b []byte) string {
		return lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf("Nov 29 10:00:01 beef NetworkManager[612]: <debug> %08x: %-47s  %s", at, fmt.Sprintf("% x", row), characters(row))
		})
	},
	"journal iso": func(b []byte) string {
		return lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf("2026-11-29T10:00:01+0000 beef kernel: nl: %08x: %-47s  %s", at, fmt.Sprintf("% x", row), characters(row))
		})
	},
	"journal iso, no offsets": func(b []byte) string {
		return lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf("2026-11-29T10:00:01.%06d+0000 beef kernel: nl: %-47s", at, fmt.Sprintf("% x", row))
		})
	},
	"wpa_supplicant": func(b []byte) string {
		return fmt.Sprintf("1795861795.916575: nl80211: Event - hexdump(len=%d): % x\n", len(b), b)
	},
	"ph": func(b []byte) string { return fmt.Sprintf("[   12.345678] nl: got % x\n", b) },
	"diff": func(b []byte) string {
		return "+" + strings.ReplaceAll(strings.TrimSpace(hex.Dump(b)), "\n", "\n+") + "\n"
	},
	"crash": func(b []byte) string {
		return lines16(b, func(at int, row []byte) string {
			return fmt.Sprintf("ffff88810%07x:  %s   %s", at, strings.TrimSpace(words(b[0] == 0, row, 4, " %08x")), characters(row))
		})
	},
	"bpftool": func(b []byte) string {
		return "key:\n00 00 00 00\nvalue:\n" + lines16(b, func(_ int, row []byte) string { return fmt.Sprintf("% x", row) }) + "Found 1 element\n"
	},
	"syz blob": func(b []byte) string {
		return fmt.Sprintf("sendmsg$nl_route(r0, &(0x7f0000000000)={0x0, 0x0, &(0x7f00000000c0)={&(0x7f0000000040)=ANY=[@ANYBLOB=\"%x\"], 0x%x}}, 0x0)\n", b, len(b))
	},
	"syz memcpy": func(b []byte) string {
		return "  memcpy((void*)0x20000080,\n" + rows(b, 16, func(_ int, row []byte) string {
			return `         "\x` + strings.ReplaceAll(fmt.Sprintf("% x", row), " ", `\x`) + `"`
		}) + fmt.Sprintf("         %d);\n", len(b))
	},
	"syz memcpy one": func(b []byte) string {
		return "  NONFAILING(memcpy((void*)0x20000080, \"\\x" + strings.ReplaceAll(fmt.Sprintf("% x", b), " ", `\x`) + fmt.Sprintf("\", %d));\n", len(b))
	},
	"syz stores": func(b []byte) string {
		s := "*(uint64_t*)0x20000000 = 0;\n*(uint32_t*)0x20000008 = 0;\n"
		s += fmt.Sprintf("*(uint32_t*)0x20000100 = 0x%x;\n*(uint16_t*)0x20000104 = %d;\n*(uint16_t*)0x20000106 = 0x%x;\n", binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint16(b[4:]), binary.LittleEndian.Uint16(b[6:]))
		for i, c := range b[8:] {
			s += fmt.Sprintf("*(uint8_t*)0x%x = 0x%x;\n", 0x20000108+i, c)
		}
		return s + "syscall(__NR_sendmsg, r[0], 0x20000000, 0);\n"
	},
	"html": func(b []byte) string {
		return "&gt; " + strings.ReplaceAll(strings.TrimSpace(hex.Dump(b)), "\n", "\n&gt; ") + "\n"
	},
	"ruby": func(b []byte) string {
		return `"` + strings.ReplaceAll(strings.ReplaceAll(fmt.Sprintf(`\u{%x}`, b), `\u{`, `\x`), `}`, "")[:0] + `\x` + strings.ReplaceAll(fmt.Sprintf("% X", b), " ", `\x`) + "\"\n"
	},
	"colon lines": func(b []byte) string {
		return lines16(b, func(_ int, row []byte) string { return strings.ReplaceAll(fmt.Sprintf("% x", row), " ", ":") + ":" })
	},
	"backslash lines": func(b []byte) string {
		return "printf '" + rows(b, 16, func(_ int, row []byte) string {
			return `\x` + strings.ReplaceAll(fmt.Sprintf("% x", row), " ", `\x`) + `\`
		}) + "'\n"
	},
	"shell echo": func(b []byte) string {
		return "echo -ne '\\x" + strings.ReplaceAll(fmt.Sprintf("% x", b), " ", `\x`) + "' | nc\n"
	},
	"xxd -r echo": func(b []byte) string { return "echo " + hex.EncodeToString(b) + " | xxd -r -p\n" },
	"java": func(b []byte) string {
		return "byte[] m = { (byte)0x" + strings.ReplaceAll(fmt.Sprintf("% x", b), " ", ", (byte) 0x") + " };\n"
	},
	"ints in C": func(b []byte) string {
		return "u8 m[] = {" + strings.ReplaceAll(strings.Trim(fmt.Sprint(b), "[]"), " ", ", ") + "};\n"
	},
	"trace array": func(b []byte) string {
		return "  ip-1 [000] ..... 1.2: nl: data={0x" + strings.ReplaceAll(fmt.Sprintf("% x", b), " ", ",0x") + "}\n"
	},
	"c in a log": func(b []byte) string {
		return "12:00 got: 0x" + strings.ReplaceAll(fmt.Sprintf("% x", b), " ", " 0x") + "\n"
	},
}
