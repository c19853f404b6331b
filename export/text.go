package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
)

// hex writes annotated bytes: those of a row, then what they are. Without the
// comments it is what xxd -r -p reads.
func (p *Program) hex(w io.Writer) {
	for i := range p.Requests {
		r := &p.Requests[i]
		fmt.Fprintf(w, "# frame %d, %s, %s: errno %d%s\n", r.Frame, families.ProtocolName(r.Proto), r.Op, r.Errno, words(r.Text))
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

func words(s string) string {
	if s == "" {
		return ""
	}
	return ", " + comment(s)
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
			fmt.Fprintf(w, "/* answered: errno %d%s */\n", r.Errno, words(r.Text))
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
			for _, o := range []struct {
				bit  capture.SocketOptions
				name string
				num  int
			}{{capture.OptExtAck, "NETLINK_EXT_ACK", 11}, {capture.OptCapAck, "NETLINK_CAP_ACK", 10}} {
				if r.Options&o.bit != 0 {
					fmt.Fprintf(w, "setsockopt$netlink_%s(%s, 0x10e, 0x%x, &(0x7f0000000000)=0x1, 0x4)\n", o.name, v, o.num)
				}
			}
		}
		for k := range r.Messages {
			fmt.Fprintf(w, "# %s\n", comment(r.Messages[k].Line))
		}
		fmt.Fprintf(w, "sendto(%s, &(0x7f0000000000)=\"%x\", 0x%x, 0x0, 0x0, 0x0)\n", v, r.Data, len(r.Data))
	}
}

// ErrNoSpec says that ynl knows nothing of what is asked.
var ErrNoSpec = errors.New("no YNL specification has these requests")

// ynlSpecs are the kernel's specifications (Documentation/netlink/specs), of
// those families that are called otherwise there, by our name.
var ynlFamilies = map[string]bool{
	"rt-link": true, "rt-addr": true, "rt-route": true, "rt-neigh": true, "rt-rule": true, "tc": true, "nftables": true,
	"ethtool": true, "devlink": true, "dpll": true, "fou": true, "handshake": true, "mptcp_pm": true, "net-shaper": true,
	"netdev": true, "nfsd": true, "nl80211": true, "nlctrl": true, "ovpn": true, "ovs_datapath": true, "ovs_flow": true,
	"ovs_vport": true, "ovs_packet": true, "psp": true, "tcp_metrics": true, "team": true, "wireguard": true, "binder": true,
	"lockd": true, "conntrack": true,
}

// ynl writes command lines of the kernel's tools/net/ynl.
func (p *Program) ynl(w io.Writer) error {
	n := 0
	db := families.Embedded()
	fmt.Fprintf(w, "#!/bin/sh\n# The netlink requests of %s as the kernel's tools/net/ynl takes them.\n", comment(p.Name))
	for i := range p.Requests {
		for k := range p.Requests[i].Messages {
			m := &p.Requests[i].Messages[k]
			spec, op, flags, err := ynlOp(db, &p.Requests[i], m.JSON)
			if err != nil {
				fmt.Fprintf(w, "# %s: %v\n", comment(m.Line), err)
				continue
			}
			n++
			args, err := ynlArgs(db, &p.Requests[i], m.JSON)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "# %s\nynl --family %s %s --json %s\n", comment(m.Line), spec, op+flags, shellQuote(args))
		}
	}
	if n == 0 {
		return ErrNoSpec
	}
	return nil
}

// description finds the description of a message.
func description(db *families.DB, r *Request, v *encode.Value) *families.Message {
	if f := textOf(v.Get("genl").Get("family")); f != "" {
		fam := db.Genl(f)
		if fam == nil {
			return nil
		}
		for _, m := range fam.Messages {
			if m.Name == textOf(v.Get("genl").Get("cmd")) && m.Req {
				return m
			}
		}
		return nil
	}
	for _, m := range db.Protocol(r.Proto).Messages() {
		if m.Name == textOf(v.Get("nlmsg").Get("type")) && m.Req {
			return m
		}
	}
	return nil
}

func ynlOp(db *families.DB, r *Request, v *encode.Value) (spec, op, flags string, err error) {
	d := description(db, r, v)
	if d == nil || d.Family == nil || !ynlFamilies[d.Family.Name] {
		return "", "", "", errors.New("there is no YNL specification of it")
	}
	verb := "--do "
	for _, f := range v.Get("nlmsg").Get("flags").Items {
		switch f.Text {
		case "ROOT", "MATCH", "DUMP":
			verb = "--dump "
		case "CREATE":
			flags += " --create"
		case "EXCL":
			flags += " --excl"
		case "REPLACE":
			flags += " --replace"
		case "APPEND":
			flags += " --append"
		}
	}
	return d.Family.Name, verb + d.Short, flags, nil
}

// ynlArgs is the request as ynl wants it: the header's members and the attributes
// in one object, by their YNL names.
func ynlArgs(db *families.DB, r *Request, v *encode.Value) (string, error) {
	d := description(db, r, v)
	out := &encode.Value{Shape: encode.Object}
	if d.Body != nil && len(d.Body.Bodies) > 0 {
		b := d.Body.Bodies[len(d.Body.Bodies)-1]
		for _, x := range v.Get("header").GetMembers() {
			if b.Header == nil || b.Header.Member(x.Key) == nil || zero(x.Value) {
				continue
			}
			m := b.Header.Member(x.Key)
			out.Set(m.Short, ynlValue(&m.Type, x.Value))
		}
		for _, x := range v.Get("attrs").GetMembers() {
			key, val := ynlAttr(b.Set, nil, x)
			out.Set(key, val)
		}
	}
	var b bytes.Buffer
	writeJSON(&b, out)
	return b.String(), nil
}

// ynlAttr renames an attribute or a member, and those in it.
func ynlAttr(set *families.AttrSet, st *families.Struct, m encode.Member) (string, *encode.Value) {
	var f *families.Field
	if set != nil {
		f = set.ByName(m.Key)
	}
	if f == nil && st != nil {
		f = st.Member(m.Key)
	}
	if f == nil {
		return m.Key, m.Value
	}
	return f.Short, ynlValue(&f.Type, m.Value)
}

// ynlValue is a value as ynl takes it: names become numbers, which it takes
// everywhere, and lists of different attributes an object.
func ynlValue(t *families.Type, v *encode.Value) *encode.Value {
	set, st := t.Set, t.Struct
	switch {
	case t.Kind == families.KindSub && v.Shape == encode.Object:
		for _, c := range t.Sub.Formats() {
			if c.Set != nil && has(c.Set, v) {
				set = c.Set
				break
			}
		}
	case t.Kind == families.KindUint || t.Kind == families.KindSint:
		if n, err := encode.Integer(t, v); err == nil {
			return n
		}
	case t.Elem != nil && v.Shape == encode.List:
		out := &encode.Value{Shape: encode.List}
		for _, x := range v.Items {
			out.Items = append(out.Items, ynlValue(t.Elem, x))
		}
		return out
	}
	if t.Ordered && set != nil && v.Shape == encode.List {
		out := &encode.Value{Shape: encode.Object}
		for _, x := range v.Items {
			for _, m := range x.Members {
				key, val := ynlAttr(set, nil, m)
				list := out.Get(key)
				if list == nil {
					list = &encode.Value{Shape: encode.List}
					out.Set(key, list)
				}
				list.Items = append(list.Items, val)
			}
		}
		return out
	}
	out := &encode.Value{Shape: v.Shape, Text: v.Text}
	for _, x := range v.Items {
		out.Items = append(out.Items, ynlValue(t, x))
	}
	for _, m := range v.Members {
		key, x := ynlAttr(set, st, m)
		out.Members = append(out.Members, encode.Member{Key: key, Value: x})
	}
	return out
}

// has says whether a set has all attributes of an object.
func has(set *families.AttrSet, v *encode.Value) bool {
	for _, m := range v.Members {
		if set.ByName(m.Key) == nil {
			return false
		}
	}
	return len(v.Members) > 0
}

func zero(v *encode.Value) bool {
	return v.Text == "0" || v.Text == "AF_UNSPEC" || v.Shape == encode.List && len(v.Items) == 0
}

func writeJSON(w *bytes.Buffer, v *encode.Value) {
	quote := func(s string) { b, _ := json.Marshal(s); w.Write(b) }
	switch v.Shape {
	case encode.String:
		quote(v.Text)
	case encode.List:
		w.WriteByte('[')
		for i, x := range v.Items {
			if i > 0 {
				w.WriteByte(',')
			}
			writeJSON(w, x)
		}
		w.WriteByte(']')
	case encode.Object:
		w.WriteByte('{')
		for i, m := range v.Members {
			if i > 0 {
				w.WriteByte(',')
			}
			quote(m.Key)
			w.WriteByte(':')
			writeJSON(w, m.Value)
		}
		w.WriteByte('}')
	default:
		w.WriteString(v.Text)
	}
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
