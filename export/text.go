package export

import (
	"fmt"
	"io"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/families"
)

// hex writes annotated bytes: those of a row, then what they are. Without the
// comments it is what xxd -r -p reads.
func (p *Program) hex(w io.Writer) {
	for i := range p.Requests {
		r := &p.Requests[i]
		fmt.Fprintf(w, "# frame %d, %s, %s: errno %d%s\n", r.Frame, families.ProtocolName(r.Proto), r.Op, errno(r), words(r))
		for k := range r.Messages {
			fmt.Fprintf(w, "# %s\n", comment(r.Messages[k].Line))
			for _, row := range r.Messages[k].Rows {
				indent := strings.Repeat("  ", row.Depth)
				if len(row.Bytes) == 0 {
					fmt.Fprintf(w, "%*s# %s%s\n", 32, "", indent, comment(row.Text))
					continue
				}
				for b := row.Bytes; len(b) > 0; {
					n := min(16, len(b))
					fmt.Fprintf(w, "%-32x", b[:n])
					if len(b) == len(row.Bytes) {
						fmt.Fprintf(w, "# %s%s", indent, comment(row.Text))
					}
					fmt.Fprintln(w)
					b = b[n:]
				}
			}
		}
	}
}

// errno is the first that the capture has of a request, negative.
func errno(r *Request) int32 {
	for _, a := range r.Await {
		if a.Errno != 0 {
			return a.Errno
		}
	}
	return r.Sending
}

// words are what the kernel said beside it.
func words(r *Request) string {
	for _, a := range r.Await {
		if a.Text != "" {
			return ", " + comment(a.Text)
		}
	}
	return ""
}

// strace writes a sendto a request, with its bytes as "strace -xx" prints them,
// and the answer behind it.
func (p *Program) strace(w io.Writer) {
	for i := range p.Requests {
		r := &p.Requests[i]
		fd := 3 + r.Socket
		if first(p.Requests[:i], r.Socket) {
			s := p.Sockets[r.Socket]
			fmt.Fprintf(w, "socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, %s) = %d\n", families.ProtocolName(s.Proto), fd)
			for _, o := range []struct {
				bit  capture.SocketOptions
				name string
			}{{capture.OptExtAck, "NETLINK_EXT_ACK"}, {capture.OptCapAck, "NETLINK_CAP_ACK"}, {capture.OptStrictChk, "NETLINK_GET_STRICT_CHK"}} {
				if r.Options&o.bit != 0 {
					fmt.Fprintf(w, "setsockopt(%d, SOL_NETLINK, %s, [1], 4) = 0\n", fd, o.name)
				}
			}
		}
		var b strings.Builder
		for _, c := range r.Data {
			fmt.Fprintf(&b, "\\x%02x", c)
		}
		for k := range r.Messages {
			fmt.Fprintf(w, "/* %s */\n", comment(r.Messages[k].Line))
		}
		fmt.Fprintf(w, "sendto(%d, \"%s\", %d, 0, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = %d\n", fd, b.String(), len(r.Data), len(r.Data))
		if r.Known {
			fmt.Fprintf(w, "/* answered: errno %d%s */\n", errno(r), words(r))
		}
	}
}

// first says whether a socket is new behind some requests.
func first(before []Request, socket int) bool {
	for i := range before {
		if before[i].Socket == socket {
			return false
		}
	}
	return true
}

// syz writes a program for syzkaller: sockets, and messages as bytes, which every
// description of its takes as an unspecified buffer.
func (p *Program) syz(w io.Writer) {
	fmt.Fprintf(w, "# The netlink requests of %s. Run with: syz-execprog repro.syz\n", comment(p.Name))
	vars := map[int]string{}
	next := 0
	for i := range p.Requests {
		r := &p.Requests[i]
		v, ok := vars[r.Socket]
		if !ok {
			v = fmt.Sprintf("r%d", next)
			next++
			vars[r.Socket] = v
			fmt.Fprintf(w, "%s = socket$netlink(0x10, 0x3, 0x%x)\n", v, r.Proto)
			// syzkaller has no call of its own for most options of netlink sockets.
			for _, o := range []struct {
				bit capture.SocketOptions
				num int
			}{{capture.OptExtAck, 11}, {capture.OptCapAck, 10}, {capture.OptStrictChk, 12}} {
				if r.Options&o.bit != 0 {
					fmt.Fprintf(w, "setsockopt(%s, 0x10e, 0x%x, &(0x7f0000000000)=\"01000000\", 0x4)\n", v, o.num)
				}
			}
		}
		for k := range r.Messages {
			fmt.Fprintf(w, "# %s\n", comment(r.Messages[k].Line))
		}
		fmt.Fprintf(w, "sendto(%s, &(0x7f0000000000)=\"%x\", 0x%x, 0x0, 0x0, 0x0)\n", v, r.Data, len(r.Data))
	}
}
