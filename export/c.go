package export

import (
	"fmt"
	"io"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/replay"
)

// c writes a program in C that needs libc and the kernel's uapi headers.
func (p *Program) c(w io.Writer) {
	fmt.Fprintf(w, `/*
 * The netlink requests of %s, sent again.
 *
 * cc -o repro repro.c && ./repro
 *
 * It runs in a user and network namespace of its own; --here runs it where it
 * is. It prints what the kernel answers, what of that the capture has otherwise,
 * and ends with 0 if it is all the same, 3 if not, 1 if it could not run. Made
 * by nlsniff export.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

`, comment(p.Name))
	text := runtimeOf("c")
	io.WriteString(w, text[0]) // the types of what follows
	fmt.Fprint(w, "static const int protocols[] = {")
	for i, s := range p.Sockets {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, " %d /* %s */", s.Proto, families.ProtocolName(s.Proto))
	}
	fmt.Fprint(w, " };\nstatic const struct group groups[] = {\n")
	for i, s := range p.Sockets {
		for _, g := range s.Groups {
			if g.Family != "" {
				fmt.Fprintf(w, "\t{ %d, 0, %s, %s },\n", i, cString(g.Family), cString(g.Name))
			} else {
				fmt.Fprintf(w, "\t{ %d, %d, NULL, NULL },\n", i, g.ID)
			}
		}
	}
	fmt.Fprint(w, "\t{ -1, 0, NULL, NULL },\n};\n\n")
	fmt.Fprint(w, "/* Interfaces that were there before. */\nstatic const struct iface ifaces[] = {\n")
	for i := range p.Links {
		l := &p.Links[i]
		fmt.Fprintf(w, "\t{ %s, %d, %s, %s, %d, %d },\n", cString(l.Name), l.Index, cString(l.Kind), cString(string(l.Address)), len(l.Address), b2i(l.Up))
	}
	fmt.Fprintf(w, "\t{ NULL, 0, NULL, NULL, 0, 0 },\n};\nstatic const int lo_up = %d;\n\n", b2i(p.LoopbackUp))
	fmt.Fprintf(w, "/* What the ids that the kernel chose in the capture are now. */\nstatic struct { uint64_t value; int known; } ids[%d];\n\n", len(p.IDs)+1)
	for i := range p.Requests {
		r := &p.Requests[i]
		fmt.Fprintf(w, "static const unsigned char data%d[] = {\n", i)
		for k := range r.Messages {
			m := &r.Messages[k]
			fmt.Fprintf(w, "\t/* %s */\n", comment(m.Line))
			for _, row := range m.Rows {
				indent := strings.Repeat("  ", row.Depth)
				if len(row.Bytes) == 0 {
					fmt.Fprintf(w, "\t%s/* %s */\n", indent, comment(row.Text))
					continue
				}
				fmt.Fprintf(w, "\t%s", indent)
				for j, c := range row.Bytes {
					if j > 0 && j%16 == 0 {
						fmt.Fprintf(w, "\n\t%s", indent)
					}
					fmt.Fprintf(w, "0x%02x, ", c)
				}
				fmt.Fprintf(w, "/* %s */\n", comment(row.Text))
			}
		}
		fmt.Fprint(w, "};\n")
		fixes := fixesOf(r)
		if len(fixes) > 0 {
			fmt.Fprintf(w, "static const struct fix fixes%d[] = {\n", i)
			for _, f := range fixes {
				fmt.Fprintf(w, "\t{ FIX_%s, %d, %d, %d, %s, %dU, %d }, /* %s */\n", strings.ToUpper(string(f.Kind)), f.Off, f.Size, b2i(f.Big), cString(f.Name), uint32(f.Value), p.slotOf(&f), comment(f.Field))
			}
			fmt.Fprint(w, "};\n")
		}
		if len(r.Await) > 0 {
			fmt.Fprintf(w, "static const struct await await%d[] = {\n", i)
			for _, a := range r.Await {
				fmt.Fprintf(w, "\t{ %du, %d, %d, %d, %s, %s },\n", a.Seq, b2i(a.Final), a.Errno, b2i(a.Words), cString(a.Text), cString(a.About))
			}
			fmt.Fprint(w, "};\n")
		}
		cReplies(w, i, r.Replies)
		fmt.Fprint(w, "\n")
	}
	fmt.Fprint(w, "static const struct request requests[] = {\n")
	for i := range p.Requests {
		r := &p.Requests[i]
		ref := func(name string, n int) string {
			if n == 0 {
				return "NULL, 0"
			}
			return fmt.Sprintf("%s%d, %d", name, i, n)
		}
		fmt.Fprintf(w, "\t{ %d, %d, %s, data%d, sizeof(data%d), %s, %s, %s, %d, %d, %d, %d, %d },\n",
			r.Frame, r.Socket, cString(r.Op), i, i, ref("fixes", len(fixesOf(r))), ref("await", len(r.Await)), ref("replies", len(r.Replies)),
			b2i(r.Options&capture.OptExtAck != 0), b2i(r.Options&capture.OptCapAck != 0), b2i(r.Options&capture.OptStrictChk != 0),
			b2i(r.Known), r.Sending)
	}
	fmt.Fprint(w, "};\n\n", strings.Join(text[1:], ""))
}

// cReplies writes what the kernel is to say to a request.
func cReplies(w io.Writer, no int, list []Reply) {
	for k := range list {
		if len(list[k].Parts) == 0 {
			continue
		}
		fmt.Fprintf(w, "static const struct part parts%d_%d[] = {\n", no, k)
		for i := range list[k].Parts {
			x := &list[k].Parts[i]
			fmt.Fprintf(w, "\t%s{ %d, '%c', '%c', %d, %d, %d, %s, %s, %s, %d },\n", strings.Repeat("  ", x.Depth),
				x.Depth, x.How, x.Form, x.Type, x.Off, x.Size, cString(string(x.Bytes)), cString(x.Path), cString(x.Text), x.Slot)
		}
		fmt.Fprint(w, "};\n")
	}
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "static const struct reply replies%d[] = {\n", no)
	for k := range list {
		l := &list[k]
		parts := "NULL"
		if len(l.Parts) > 0 {
			parts = fmt.Sprintf("parts%d_%d", no, k)
		}
		fmt.Fprintf(w, "\t{ %du, %d, %d, %s, %d },\n", l.Seq, l.Type, l.Attrs, parts, len(l.Parts))
	}
	fmt.Fprint(w, "};\n")
}

// fixesOf are the places where a program puts something in.
func fixesOf(r *Request) []replay.Rewrite {
	var out []replay.Rewrite
	for _, f := range r.Rewrites {
		if f.Off+f.Size <= len(r.Data) && f.Size <= 8 {
			out = append(out, f)
		}
	}
	return out
}

// slotOf is the number of the id that a rewrite puts in, -1 if no reply of the
// capture tells it.
func (p *Program) slotOf(f *replay.Rewrite) int {
	l := replay.Learn{Space: f.Name, Value: f.Value}
	switch f.Kind {
	case replay.RewriteID:
	case replay.RewriteIndex:
		l.Space = replay.IndexSpace
	default:
		return -1
	}
	if i, ok := p.IDs[l]; ok {
		return i
	}
	return -1
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// comment makes a text safe to stand in a comment of any of the languages.
func comment(s string) string {
	s = strings.NewReplacer("*/", "* /", "/*", "/ *", "\n", " ", "\r", " ", "??/", "? ?/").Replace(s)
	return strings.TrimRight(s, "\\ ")
}

// cString quotes a text byte by byte.
func cString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '?':
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}
