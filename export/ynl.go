package export

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
)

// ErrNoSpec says that ynl knows nothing of what is asked.
var ErrNoSpec = errors.New("no YNL specification has these requests")

// ynlCommand is what ynl is asked for one message.
type ynlCommand struct {
	message *Message
	frame   int // of the capture
	no      int // which message of the request
	spec    string
	op      string // "--do newlink --create"
	args    string // JSON
	err     error  // why it cannot be asked
}

// ynlCommands are those of all messages.
func (p *Program) ynlCommands() ([]ynlCommand, error) {
	specs, err := ynlSpecs()
	if err != nil {
		return nil, err
	}
	var out []ynlCommand
	for i := range p.Requests {
		r := &p.Requests[i]
		for k := range r.Messages {
			c := ynlCommand{message: &r.Messages[k], frame: r.Frame, no: k}
			c.err = c.ask(specs, r.Proto)
			out = append(out, c)
		}
	}
	return out, nil
}

// ask says what ynl is to be asked for the message.
func (c *ynlCommand) ask(specs []*ynlFamily, proto uint8) error {
	data, err := c.message.data()
	if err != nil {
		return err
	}
	f, op, off := operation(specs, proto, c.message, data)
	if op == nil {
		return errNoYNL
	}
	c.spec, c.op = f.file, "--do "+op.name
	dump, flags := false, ""
	for _, f := range c.message.JSON.Get("nlmsg").Get("flags").Items {
		switch f.Text {
		case "ROOT", "MATCH", "DUMP":
			dump = true
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
	switch {
	case dump && !op.dump:
		return errNoYNLDump
	case !dump && !op.do:
		return errNoYNLDo
	case dump:
		c.op = "--dump " + op.name
	}
	c.op += flags
	if !sameHeader(f.structs[op.format.header], c.message.JSON.Get("header").GetMembers()) && (!dump || !onlyFamily(data[off:])) {
		return errHeader
	}
	v, err := (&ynlReader{f, data}).args(op, off, dump)
	var miss *ynlMiss
	switch {
	case errors.As(err, &miss):
		return fmt.Errorf(miss.text, c.message.nameAt(miss.off))
	case err != nil:
		return err
	}
	var b bytes.Buffer
	writeJSON(&b, v)
	c.args = b.String()
	return nil
}

// sameHeader says whether a header is that of the specification, by the name of its
// first member, which may lack a prefix there.
func sameHeader(want []ynlMember, have []encode.Member) bool {
	if len(want) == 0 || len(have) == 0 {
		return len(want) == len(have)
	}
	name := strings.ReplaceAll(have[0].Key, "_", "-")
	_, short, _ := strings.Cut(name, "-")
	return want[0].name == name || want[0].name == short
}

// onlyFamily says whether a body is no more than an address family, for which the
// kernel looks alone where a dump's header is another one.
func onlyFamily(body []byte) bool {
	return len(body) > 0 && len(bytes.Trim(body[1:], "\x00")) == 0
}

// operation finds what a message asks for, and where its body starts.
func operation(specs []*ynlFamily, proto uint8, m *Message, data []byte) (*ynlFamily, *ynlOp, int) {
	const hdrLen, genlLen = 16, 4
	if len(data) < hdrLen {
		return nil, nil, 0
	}
	id, genl, off := binary.NativeEndian.Uint16(data[4:]), "", hdrLen
	if proto == families.ProtoGeneric {
		if len(data) < hdrLen+genlLen {
			return nil, nil, 0
		}
		id, genl, off = uint16(data[hdrLen]), textOf(m.JSON.Get("genl").Get("family")), hdrLen+genlLen
	}
	for _, f := range specs {
		if f.proto == proto && (genl == f.genl || proto != families.ProtoGeneric) && f.ops[id] != nil {
			return f, f.ops[id], off
		}
	}
	return nil, nil, 0
}

// data is the message, in this machine's byte order.
func (m *Message) data() ([]byte, error) {
	if m.big == bigHost() {
		return m.bytes, nil
	}
	made, err := encode.New(families.Embedded()).Encode(m.JSON, encode.Options{Big: bigHost()})
	if err != nil {
		return nil, err
	}
	return made.Data, nil
}

// nameAt names the attribute that starts at an offset, after what it is in if it has
// but a number.
func (m *Message) nameAt(off int) string {
	if off < 0 {
		return "its header"
	}
	at := 0
	var names []string // of what is open, by depth
	for _, r := range m.Rows {
		if at > off || at == off && r.Bytes != nil {
			break
		}
		if r.Bytes == nil {
			names = append(names[:min(r.Depth, len(names))], r.Text)
		}
		at += len(r.Bytes)
	}
	if len(names) == 0 {
		return "it"
	}
	name := names[len(names)-1]
	if strings.Trim(name, "0123456789") == "" && len(names) > 1 {
		name = names[len(names)-2] + "/" + name
	}
	return name
}

// ynl writes command lines of the kernel's tools/net/ynl.
func (p *Program) ynl(w io.Writer) error {
	commands, err := p.ynlCommands()
	if err != nil {
		return err
	}
	n := 0
	fmt.Fprintf(w, "#!/bin/sh\n# The netlink requests of %s as the kernel's tools/net/ynl takes them.\n", comment(p.Name))
	for _, c := range commands {
		if c.err != nil {
			fmt.Fprintf(w, "# %s: %v\n", comment(c.message.Line), c.err)
			continue
		}
		n++
		fmt.Fprintf(w, "# %s\nynl --family %s %s --json %s\n", comment(c.message.Line), c.spec, c.op, shellQuote(c.args))
	}
	if n == 0 {
		return ErrNoSpec
	}
	return nil
}

// bigHost says that this machine is big-endian.
func bigHost() bool { return binary.NativeEndian.Uint16([]byte{0, 1}) == 1 }

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
