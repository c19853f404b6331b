package export

import (
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
)

//go:embed runtime_py.txt
var runtimePython string

// python writes a program in Python 3 that needs its standard library.
func (p *Program) python(w io.Writer) {
	fmt.Fprintf(w, `#!/usr/bin/env python3
# The netlink requests of %s, sent again: python3 repro.py
#
# It runs in a user and network namespace of its own; --here runs it where it
# is. It prints what the kernel answers and ends with 0 if that is what the
# capture has, 3 if not, 1 if it could not run. Made by nlsniff export.
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
			fmt.Fprintf(w, "    (%d, %d, %s, %s),\n", i, g.ID, pyString(g.Family), pyString(g.Name))
		}
	}
	fmt.Fprint(w, "]\nREQUESTS = [\n")
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
			fmt.Fprintf(w, "            (%s, %d, %d, %s, %s),  # %s\n", pyString(string(f.Kind)), f.Off, f.Size, pyBool(f.Big), pyString(f.Name), comment(f.Field))
		}
		fmt.Fprint(w, "        ],\n        \"await\": [")
		for k, s := range r.Await {
			if k > 0 {
				fmt.Fprint(w, ", ")
			}
			fmt.Fprint(w, s)
		}
		fmt.Fprintf(w, "],\n        \"ext_ack\": %s, \"cap_ack\": %s, \"strict\": %s,\n        \"known\": %s, \"errno\": %d, \"text\": %s,\n    },\n",
			pyBool(r.Options&capture.OptExtAck != 0), pyBool(r.Options&capture.OptCapAck != 0), pyBool(r.Options&capture.OptStrictChk != 0),
			pyBool(r.Known), r.Errno, pyString(r.Text))
	}
	fmt.Fprint(w, "]\n\n\n", runtimePython)
}

func pyBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

func pyString(s string) string { return strconv.QuoteToASCII(s) }
