package export

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
)

// ErrNoSpec says that ynl knows nothing of what is asked.
var ErrNoSpec = errors.New("no YNL specification has these requests")

// formatKnown says that the specifications know the format of a member, by those
// beside it.
func formatKnown(list []encode.Member, m encode.Member) error {
	f, ok := ynlFormats[m.Key]
	if !ok {
		return nil
	}
	for _, x := range list {
		if x.Key == f.by && !slices.Contains(strings.Fields(f.known), x.Value.Text) {
			return fmt.Errorf("its YNL specification has no %s of %s", m.Key, x.Value.Text)
		}
	}
	return nil
}

// The errors of requests that ynl cannot make.
var (
	errNoYNL     = errors.New("there is no YNL specification of it")
	errCut       = errors.New("its header is too short, and ynl makes whole ones")
	errNoYNLDump = errors.New("its YNL specification knows no dump of it")
)

// knows says whether a family's specification has an operation.
func knows(family, op string) bool {
	gaps := strings.Fields(ynlGaps[family])
	if len(gaps) > 0 && gaps[0] == "only" {
		return slices.Contains(gaps[1:], op)
	}
	return !slices.Contains(gaps, op)
}

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
func (p *Program) ynlCommands() []ynlCommand {
	var out []ynlCommand
	db := families.Embedded()
	for i := range p.Requests {
		r := &p.Requests[i]
		for k := range r.Messages {
			c := ynlCommand{message: &r.Messages[k], frame: r.Frame, no: k}
			var flags string
			if c.spec, c.op, flags, c.err = ynlOp(db, r, c.message.JSON); c.err == nil {
				c.op += flags
				c.args, c.err = ynlArgs(db, r, c.message.JSON)
			}
			out = append(out, c)
		}
	}
	return out
}

// ynl writes command lines of the kernel's tools/net/ynl.
func (p *Program) ynl(w io.Writer) error {
	n := 0
	fmt.Fprintf(w, "#!/bin/sh\n# The netlink requests of %s as the kernel's tools/net/ynl takes them.\n", comment(p.Name))
	for _, c := range p.ynlCommands() {
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
	if d == nil || d.Family == nil || !ynlFamilies[d.Family.Name] || !knows(d.Family.Name, d.Short) {
		return "", "", "", errNoYNL
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
	if verb == "--dump " && (d.Class != families.ClassGet || slices.Contains(strings.Fields(ynlNoDump[d.Family.Name]), d.Short)) {
		return "", "", "", errNoYNLDump
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
		if d.Class != families.ClassGet && cut(b.Header, v.Get("header")) {
			return "", errCut
		}
		for _, x := range v.Get("header").GetMembers() {
			if zero(x.Value) {
				continue
			}
			if b.Header == nil || b.Header.Member(x.Key) == nil {
				return "", fmt.Errorf("its YNL specification has no %s", x.Key)
			}
			m := b.Header.Member(x.Key)
			if ynlPads[x.Key] {
				return "", fmt.Errorf("its YNL specification has no value of %s", x.Key)
			}
			val, err := ynlValue(&m.Type, x.Value, true)
			if err != nil {
				return "", err
			}
			out.Set(strings.TrimPrefix(m.Short, "tcm-"), val) // struct tcmsg has no prefixes there
		}
		list := v.Get("attrs").GetMembers()
		for _, x := range list {
			if err := formatKnown(list, x); err != nil {
				return "", err
			}
			key, val, err := ynlAttr(b.Set, nil, x)
			if err != nil {
				return "", err
			}
			if b.Header != nil && slices.ContainsFunc(b.Header.Members, func(m *families.Field) bool {
				return m.Short == key && (out.Get(key) == nil || out.Get(key).Text != val.Text)
			}) {
				return "", fmt.Errorf("its YNL specification calls %s as a member of the header, which has another value", x.Key)
			}
			out.Set(key, val)
		}
	}
	var b bytes.Buffer
	writeJSON(&b, out)
	return b.String(), nil
}

// cut says that the last member of a header is not there.
func cut(st *families.Struct, v *encode.Value) bool {
	if st == nil {
		return false
	}
	for _, m := range slices.Backward(st.Members) {
		if m.Type.Kind != families.KindPad {
			return v.Get(m.Name) == nil
		}
	}
	return false
}

// ynlAttr renames an attribute or a member, and those in it.
func ynlAttr(set *families.AttrSet, st *families.Struct, m encode.Member) (string, *encode.Value, error) {
	var f *families.Field
	if set != nil {
		f = set.ByName(m.Key)
	}
	member := ""
	if f == nil && st != nil {
		if f = st.Member(m.Key); f != nil {
			member = strings.ReplaceAll(f.Name, "_", "-")
		}
	}
	name, other := ynlNames[m.Key]
	if f == nil || other && name == "" {
		return "", nil, fmt.Errorf("its YNL specification has no %s", m.Key)
	}
	switch {
	case other:
	case strings.EqualFold(member, f.Short):
		name = member // which keeps the capitals of C there
	default:
		name = f.Short
	}
	val := m.Value
	if f.Multi && val.Shape == encode.List && len(val.Items) == 1 {
		val = val.Items[0] // one is no list there, as not all that may repeat may do so there
	}
	v, err := ynlValue(&f.Type, val, member != "" || ynlPlain[m.Key])
	if m.Key == "NFTA_SET_ELEM_LIST_ELEMENTS" { // the list's elements are attributes there
		out := &encode.Value{Shape: encode.Object}
		out.Set("elem", v)
		v = out
	}
	return name, v, err
}

// ynlValue is a value as ynl takes it: names become numbers and bytes become hex,
// which it takes everywhere, and lists of different attributes an object. plain
// says that it takes no address as text.
func ynlValue(t *families.Type, v *encode.Value, plain bool) (*encode.Value, error) {
	set, st := t.Set, t.Struct
	switch {
	case t.Kind == families.KindSub && v.Shape == encode.Object:
		for _, c := range t.Sub.Formats() {
			if c.Set != nil && has(c.Set, v) {
				set = c.Set
				break
			}
			if c.Struct != nil && len(v.Members) > 0 && c.Struct.Member(v.Members[0].Key) != nil {
				st = c.Struct
				break
			}
		}
	case t.Kind == families.KindSub && (v.Shape == encode.String || v.Shape == encode.List):
		for _, c := range t.Sub.Formats() {
			if c.Kind == families.KindUint || c.Kind == families.KindSint {
				if n, err := encode.Integer(c, v); err == nil {
					return n, nil
				}
			}
		}
	case t.Kind == families.KindArray && t.Elem != nil && v.Shape == encode.List:
		if text, ok := packed(t.Elem, v, bigHost()); ok {
			return text, nil // what is packed is bytes there
		}
		return ynlList(t, v, plain)
	case t.Kind == families.KindUint || t.Kind == families.KindSint:
		if n, err := encode.Integer(t, v); err == nil {
			return n, nil
		}
	case t.Kind == families.KindBinary && v.Shape == encode.String:
		return ynlBytes(t, v, plain)
	case t.Elem != nil && v.Shape == encode.List:
		return ynlList(t, v, plain)
	}
	if t.Ordered && set != nil && v.Shape == encode.List {
		out := &encode.Value{Shape: encode.Object}
		for _, x := range v.Items {
			for _, m := range x.Members {
				key, val, err := ynlAttr(set, nil, m)
				if err != nil {
					return nil, err
				}
				list := out.Get(key)
				if list == nil {
					list = &encode.Value{Shape: encode.List}
					out.Set(key, list)
				}
				list.Items = append(list.Items, val)
			}
		}
		for i, m := range out.Members {
			if len(m.Value.Items) == 1 { // not all that may repeat here may do so there
				out.Members[i].Value = m.Value.Items[0]
			}
		}
		return out, nil
	}
	out := &encode.Value{Shape: v.Shape, Text: v.Text}
	for _, x := range v.Items {
		y, err := ynlValue(t, x, plain)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, y)
	}
	for _, m := range v.Members {
		if err := formatKnown(v.Members, m); err != nil {
			return nil, err
		}
		key, x, err := ynlAttr(set, st, m)
		if err != nil {
			return nil, err
		}
		out.Members = append(out.Members, encode.Member{Key: key, Value: x})
	}
	return out, nil
}

func ynlList(t *families.Type, v *encode.Value, plain bool) (*encode.Value, error) {
	out := &encode.Value{Shape: encode.List}
	for _, x := range v.Items {
		y, err := ynlValue(t.Elem, x, plain)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, y)
	}
	return out, nil
}

// ynlBytes is hex, but for an address, which is text; where it is plain, one of
// four bytes is an integer.
func ynlBytes(t *families.Type, v *encode.Value, plain bool) (*encode.Value, error) {
	ip := false
	switch t.Hint {
	case families.HintIPv4, families.HintIPv6, families.HintIP:
		_, err := netip.ParseAddr(v.Text)
		ip = err == nil
	}
	if ip && !plain {
		return v, nil
	}
	b, err := encode.Bytes(t, v)
	switch {
	case err != nil:
		return nil, err
	case ip && len(b) == 4:
		return &encode.Value{Shape: encode.Number, Text: strconv.FormatUint(uint64(binary.BigEndian.Uint32(b)), 10)}, nil
	}
	return encode.Text(hex.EncodeToString(b)), nil
}

// packed writes integers that stand one behind the other in hex. big is the byte
// order of the machine.
func packed(t *families.Type, v *encode.Value, big bool) (*encode.Value, bool) {
	if t.Kind != families.KindUint && t.Kind != families.KindSint || t.Size == 0 {
		return nil, false
	}
	var b []byte
	for _, x := range v.Items {
		var err error
		if b, err = encode.AppendInteger(b, t, x, big); err != nil {
			return nil, false
		}
	}
	return &encode.Value{Shape: encode.String, Text: hex.EncodeToString(b)}, true
}

// bigHost says that this machine is big-endian.
func bigHost() bool { return binary.NativeEndian.Uint16([]byte{0, 1}) == 1 }

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
