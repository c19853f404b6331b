package export

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
)

// python writes a program in Python 3 that needs its standard library.
func (p *Program) python(w io.Writer) {
	fmt.Fprintf(w, `#!/usr/bin/env python3
# The netlink requests of %s, sent again: python3 repro.py
#
# It runs in a user and network namespace of its own; --here runs it where it
# is. It prints what the kernel answers, what of that the capture has otherwise,
# and ends with 0 if it is all the same, 3 if not, 1 if it could not run. Made
# by nlsniff export.
import ctypes
import os
import socket
import struct
import sys

`, comment(p.Name))
	protos := make([]string, len(p.Sockets))
	for i, s := range p.Sockets {
		protos[i] = strconv.Itoa(int(s.Proto))
	}
	fmt.Fprintf(w, "PROTOCOLS = [%s]\n", strings.Join(protos, ", "))
	fmt.Fprint(w, "GROUPS = [  # socket, number, generic family, its group\n")
	for i, s := range p.Sockets {
		for _, g := range s.Groups {
			fmt.Fprintf(w, "    (%d, %d, %s, %s),\n", i, g.ID, pyBytes(g.Family), pyBytes(g.Name))
		}
	}
	fmt.Fprint(w, "]\nLINKS = [  # that were there before: name, index, kind, address, whether it was up\n")
	for i := range p.Links {
		l := &p.Links[i]
		fmt.Fprintf(w, "    (%s, %d, %s, bytes.fromhex(\"%x\"), %s),\n", pyBytes(l.Name), l.Index, pyBytes(l.Kind), l.Address, pyBool(l.Up))
	}
	fmt.Fprintf(w, "]\nLO_UP = %s\nREQUESTS = [\n", pyBool(p.LoopbackUp))
	for i := range p.Requests {
		r := &p.Requests[i]
		fmt.Fprintf(w, "    {\n        \"frame\": %d, \"socket\": %d, \"op\": %s,\n        \"data\": bytes.fromhex(\n", r.Frame, r.Socket, pyString(r.Op))
		for k := range r.Messages {
			m := &r.Messages[k]
			fmt.Fprintf(w, "            # %s\n", comment(m.Line))
			for _, row := range m.Rows {
				indent := strings.Repeat("  ", row.Depth)
				if len(row.Bytes) == 0 {
					fmt.Fprintf(w, "            %s# %s\n", indent, comment(row.Text))
					continue
				}
				fmt.Fprintf(w, "            %s\"%x\"  # %s\n", indent, row.Bytes, comment(row.Text))
			}
		}
		fmt.Fprint(w, "        ),\n        \"fixes\": [\n")
		for _, f := range fixesOf(r) {
			fmt.Fprintf(w, "            (%s, %d, %d, %s, %s, %d, %d),  # %s\n", pyString(string(f.Kind)), f.Off, f.Size, pyBool(f.Big), pyBytes(f.Name), f.Value, p.slotOf(&f), comment(f.Field))
		}
		fmt.Fprint(w, "        ],\n        \"await\": [  # nlmsg_seq, whether only an end answers it, errno, whether words count, words, about\n")
		for _, a := range r.Await {
			fmt.Fprintf(w, "            (%d, %s, %d, %s, %s, %s),\n", a.Seq, pyBool(a.Final), a.Errno, pyBool(a.Words), pyBytes(a.Text), pyString(a.About))
		}
		fmt.Fprint(w, "        ],\n        \"replies\": [\n")
		for k := range r.Replies {
			l := &r.Replies[k]
			fmt.Fprintf(w, "            (%d, %d, %d, [\n", l.Seq, l.Type, l.Attrs)
			for i := range l.Parts {
				x := &l.Parts[i]
				fmt.Fprintf(w, "                %s(%d, '%c', '%c', %d, %d, %d, bytes.fromhex(\"%x\"), %s, %s, %d),\n", strings.Repeat("  ", x.Depth),
					x.Depth, x.How, x.Form, x.Type, x.Off, x.Size, x.Bytes, pyString(x.Path), pyBytes(x.Text), x.Slot)
			}
			fmt.Fprint(w, "            ]),\n")
		}
		fmt.Fprintf(w, "        ],\n        \"ext_ack\": %s, \"cap_ack\": %s, \"strict\": %s,\n        \"known\": %s, \"sending\": %d,\n    },\n",
			pyBool(r.Options&capture.OptExtAck != 0), pyBool(r.Options&capture.OptCapAck != 0), pyBool(r.Options&capture.OptStrictChk != 0),
			pyBool(r.Known), r.Sending)
	}
	fmt.Fprint(w, "]\n\n\n", strings.Join(runtimeOf("python"), ""))
}

func pyBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

func pyString(s string) string { return strconv.QuoteToASCII(s) }

// pyBytes quotes what may be any bytes.
func pyBytes(s string) string {
	var b strings.Builder
	b.WriteString(`b"`)
	for i := range len(s) {
		switch c := s[i]; {
		case c < 0x20 || c >= 0x7f:
			fmt.Fprintf(&b, "\\x%02x", c)
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}
