package export

import (
	"bytes"
	"fmt"
	"go/format"
	"io"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
)

// golang writes a program in Go that needs github.com/mdlayher/netlink.
func (p *Program) golang(w io.Writer) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `// The netlink requests of %s, sent again.
//
//	go mod init repro && go get github.com/mdlayher/netlink && go run .
//
// It runs in a user and network namespace of its own; --here runs it where it
// is. It prints what the kernel answers, what of that the capture has otherwise,
// and ends with 0 if it is all the same, 3 if not, 1 if it could not run. Made
// by nlsniff export.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"github.com/mdlayher/netlink"
)

`, comment(p.Name))
	fmt.Fprint(&b, "var protocols = []int{")
	for _, s := range p.Sockets {
		fmt.Fprintf(&b, "%d,", s.Proto)
	}
	fmt.Fprint(&b, "}\n\nvar groups = []group{\n")
	for i, s := range p.Sockets {
		for _, g := range s.Groups {
			fmt.Fprintf(&b, "{%d, %d, %s, %s},\n", i, g.ID, strconv.Quote(g.Family), strconv.Quote(g.Name))
		}
	}
	fmt.Fprint(&b, "}\n\n// links were there before.\nvar links = []link{\n")
	for i := range p.Links {
		l := &p.Links[i]
		fmt.Fprintf(&b, "{%s, %d, %s, []byte(%s), %t},\n", strconv.Quote(l.Name), l.Index, strconv.Quote(l.Kind), strconv.Quote(string(l.Address)), l.Up)
	}
	fmt.Fprintf(&b, "}\n\nconst loUp = %t\n\nvar requests = []request{\n", p.LoopbackUp)
	for i := range p.Requests {
		r := &p.Requests[i]
		fmt.Fprintf(&b, "{\nframe: %d, socket: %d, op: %s,\ndata: []byte{\n", r.Frame, r.Socket, strconv.Quote(r.Op))
		for k := range r.Messages {
			m := &r.Messages[k]
			fmt.Fprintf(&b, "// %s\n", comment(m.Line))
			for _, row := range m.Rows {
				if len(row.Bytes) == 0 {
					fmt.Fprintf(&b, "// %s%s\n", strings.Repeat("  ", row.Depth), comment(row.Text))
					continue
				}
				for j, c := range row.Bytes {
					if j > 0 && j%16 == 0 {
						fmt.Fprint(&b, "\n")
					}
					fmt.Fprintf(&b, "0x%02x, ", c)
				}
				fmt.Fprintf(&b, "// %s%s\n", strings.Repeat("  ", row.Depth), comment(row.Text))
			}
		}
		fmt.Fprint(&b, "},\nfixes: []fix{\n")
		for _, f := range fixesOf(r) {
			fmt.Fprintf(&b, "{%s, %d, %d, %t, %s, %d, %d}, // %s\n", strconv.Quote(string(f.Kind)), f.Off, f.Size, f.Big, strconv.Quote(f.Name), f.Value, p.slotOf(&f), comment(f.Field))
		}
		fmt.Fprint(&b, "},\nawait: []await{\n")
		for _, a := range r.Await {
			fmt.Fprintf(&b, "{%d, %t, %d, %t, %s, %s},\n", a.Seq, a.Final, a.Errno, a.Words, strconv.Quote(a.Text), strconv.Quote(a.About))
		}
		fmt.Fprint(&b, "},\nreplies: []reply{\n")
		for k := range r.Replies {
			l := &r.Replies[k]
			fmt.Fprintf(&b, "{%d, %d, %d, []part{\n", l.Seq, l.Type, l.Attrs)
			for i := range l.Parts {
				x := &l.Parts[i]
				fmt.Fprintf(&b, "{%d, '%c', '%c', %d, %d, %d, %s, %s, %s, %d},\n",
					x.Depth, x.How, x.Form, x.Type, x.Off, x.Size, strconv.Quote(string(x.Bytes)), strconv.Quote(x.Path), strconv.Quote(x.Text), x.Slot)
			}
			fmt.Fprint(&b, "}},\n")
		}
		fmt.Fprintf(&b, "},\nextAck: %t, capAck: %t, strict: %t,\nknown: %t, sending: %d,\n},\n",
			r.Options&capture.OptExtAck != 0, r.Options&capture.OptCapAck != 0, r.Options&capture.OptStrictChk != 0, r.Known, r.Sending)
	}
	fmt.Fprint(&b, "}\n\n", strings.Join(runtimeOf("go"), ""))
	out, err := format.Source(b.Bytes())
	if err != nil { // a test compiles what is written
		out = b.Bytes()
	}
	w.Write(out)
}
