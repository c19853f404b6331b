package export

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/encode"
)

// The errors of requests that ynl cannot make.
var (
	errNoYNL     = errors.New("there is no YNL specification of it")
	errCut       = errors.New("its header is too short, and ynl makes whole ones")
	errHeader    = errors.New("its YNL specification has another header")
	errNoYNLDump = errors.New("its YNL specification knows no dump of it")
	errPad       = errors.New("ynl makes padding of zeros")
	errNoYNLDo   = errors.New("its YNL specification knows no more than a dump of it")
)

// ynlMiss is what of a request ynl cannot make.
type ynlMiss struct {
	off  int    // of the attribute in the message, -1 for the header
	text string // with %s for its name
}

func (e *ynlMiss) Error() string { return e.text }

// The misses that several types have.
const (
	missSize  = "ynl gives %s another length"
	missShape = "ynl cannot make the bytes of %s"
)

// ynlReader reads a request as ynl makes it, and so knows what ynl is to be told.
type ynlReader struct {
	f    *ynlFamily
	data []byte
}

// ynlAttrs is a level of attributes around what is being read, where the name that
// chooses a format may stand.
type ynlAttrs struct {
	name   string
	set    ynlSet
	list   []nla
	format bool // these are in a format that was chosen, see choose
}

// nla is an attribute, whose payload is off…end.
type nla struct {
	id           uint16
	at, off, end int
}

// args are the members of the header and the attributes of a request whose body
// starts at off.
func (r *ynlReader) args(op *ynlOp, off int, dump bool) (*encode.Value, error) {
	if rest, size := r.data[off:], r.size(op.format.header); len(rest) < size {
		// A dump may be asked for with less, of which the kernel reads the family.
		if !dump || !onlyFamily(rest) {
			return nil, errCut
		}
		r = &ynlReader{r.f, append(bytes.Clone(r.data), make([]byte, size-len(rest))...)}
	}
	out := &encode.Value{Shape: encode.Object}
	return out, r.format(op.format, off, len(r.data), nil, false, out)
}

// format reads a struct and the attributes behind it into one object.
func (r *ynlReader) format(f ynlFormat, off, end int, around []ynlAttrs, chosen bool, out *encode.Value) error {
	at := off - 4 // the attribute that all of this is in
	if around == nil {
		at = -1
	}
	size := r.size(f.header)
	if size < 0 {
		return &ynlMiss{at, missShape}
	}
	if end-off < size {
		return &ynlMiss{at, missSize}
	}
	if r.members(f.header, off, out) != nil {
		return &ynlMiss{at, missShape}
	}
	names := map[string]bool{}
	for _, m := range r.f.structs[f.header] {
		names[m.name] = true
	}
	off += size
	switch {
	case len(bytes.Trim(r.data[off:end], "\x00")) == 0 && around == nil:
		return nil // older programs send a longer header, of zeros
	case off < end && (f.set == "" || size%4 != 0):
		return &ynlMiss{at, missShape}
	case f.set == "":
		return nil
	}
	return r.attrs(f.set, off, end, around, chosen, names, out)
}

// size is that of a struct, -1 for one that ynl cannot make.
func (r *ynlReader) size(name string) int {
	n := 0
	for _, m := range r.f.structs[name] {
		k := r.memberSize(&m.typ)
		if k < 0 {
			return -1
		}
		n += k
	}
	return n
}

func (r *ynlReader) memberSize(t *ynlType) int {
	if n := scalarSize(t.kind); n > 0 {
		return n
	}
	if t.kind != "pad" && t.kind != "binary" {
		return -1
	}
	if _, ok := r.f.structs[t.of]; ok {
		return r.size(t.of)
	}
	n, err := strconv.Atoi(t.of)
	if err != nil {
		return -1
	}
	return n
}

// scalarSize is that of an integer in bytes, 0 for other types.
func scalarSize(kind string) int {
	switch kind {
	case "u8", "s8":
		return 1
	case "u16", "s16":
		return 2
	case "u32", "s32":
		return 4
	case "u64", "s64":
		return 8
	}
	return 0
}

// members reads those of a struct that are not zero, as all are that ynl is not
// told.
func (r *ynlReader) members(name string, off int, out *encode.Value) error {
	for _, m := range r.f.structs[name] {
		size := r.memberSize(&m.typ)
		var v *encode.Value
		switch _, nested := r.f.structs[m.typ.of]; {
		case scalarSize(m.typ.kind) > 0:
			v = number(&m.typ, r.data[off:off+size])
		case nested:
			v = &encode.Value{Shape: encode.Object}
			if err := r.members(m.typ.of, off, v); err != nil {
				return err
			}
		default:
			v = encode.Text(hex.EncodeToString(r.data[off : off+size]))
		}
		if b := r.data[off : off+size]; len(bytes.Trim(b, "\x00")) > 0 {
			if m.typ.kind == "pad" {
				return errPad
			}
			out.Set(m.name, v)
		}
		off += size
	}
	return nil
}

func number(t *ynlType, b []byte) *encode.Value {
	n := dissect.Uint(b, t.order == "be" || t.order == "" && bigHost())
	text := strconv.FormatUint(n, 10)
	if t.kind[0] == 's' {
		shift := 64 - 8*len(b)
		text = strconv.FormatInt(int64(n<<shift)>>shift, 10)
	}
	return &encode.Value{Shape: encode.Number, Text: text}
}

// list finds the attributes between two offsets.
func (r *ynlReader) list(off, end int) ([]nla, bool) {
	var out []nla
	for end-off >= 4 {
		n := int(binary.NativeEndian.Uint16(r.data[off:]))
		if n < 4 || off+n > end {
			return nil, false
		}
		out = append(out, nla{binary.NativeEndian.Uint16(r.data[off+2:]) &^ 0x8000, off, off + 4, off + n})
		off += (n + 3) &^ 3
	}
	return out, off >= end
}

// attrs reads the attributes of a set into an object, which has those of names from
// a header.
func (r *ynlReader) attrs(name string, off, end int, around []ynlAttrs, chosen bool, names map[string]bool, out *encode.Value) error {
	set := r.f.sets[name]
	list, ok := r.list(off, end)
	if !ok {
		return &ynlMiss{off - 4, missShape}
	}
	around = append(around[:len(around):len(around)], ynlAttrs{name, set, list, chosen})
	for i, x := range list {
		a := set[x.id]
		if a == nil {
			return &ynlMiss{x.at, "its YNL specification has no %s"}
		}
		if names[a.name] { // which the header would get
			return &ynlMiss{x.at, "its YNL specification calls %s as a member of the header"}
		}
		v, err := r.value(a, x, around)
		if err != nil {
			return err
		}
		was := out.Get(a.name)
		switch {
		case was == nil && a.multi && v.Shape == encode.List:
			v = &encode.Value{Shape: encode.List, Items: []*encode.Value{v}}
		case was == nil:
		case !a.multi:
			return &ynlMiss{x.at, "its YNL specification has %s no second time"}
		case list[i-1].id != x.id:
			return &ynlMiss{x.at, "ynl lets each %s follow the one before"}
		case was.Shape == encode.List:
			v = &encode.Value{Shape: encode.List, Items: append(was.Items, v)}
		default:
			v = &encode.Value{Shape: encode.List, Items: []*encode.Value{was, v}}
		}
		out.Set(a.name, v)
	}
	return nil
}

// value reads a payload.
func (r *ynlReader) value(a *ynlAttr, x nla, around []ynlAttrs) (*encode.Value, error) {
	b := r.data[x.off:x.end]
	object := &encode.Value{Shape: encode.Object}
	switch size := scalarSize(a.typ.kind); {
	case size > 0 && size != len(b) || (a.typ.kind == "uint" || a.typ.kind == "sint") && len(b) != 4 && len(b) != 8:
		return nil, &ynlMiss{x.at, missSize}
	case size > 0:
		n := number(&a.typ, b)
		if name := a.enum[dissect.Uint(b, a.typ.order == "be" || a.typ.order == "" && bigHost())]; name != "" {
			return encode.Text(name), nil // a format's name has to be compared
		}
		if a.hint == "ipv4" && a.typ.kind == "u32" && a.typ.order == "be" {
			return encode.Text(netip.AddrFrom4([4]byte(b)).String()), nil
		}
		return n, nil
	case a.typ.kind == "uint":
		return number(&a.typ, b), nil
	case a.typ.kind == "sint":
		n := number(&a.typ, b)
		if v, _ := strconv.ParseInt(n.Text, 10, 64); (v > math.MaxInt32 || v < math.MinInt32) && v > -1<<32 && v < 1<<32 {
			return nil, &ynlMiss{x.at, "ynl takes %s for a shorter number than it is"}
		}
		return n, nil
	}
	switch a.typ.kind {
	case "flag":
		if len(b) > 0 {
			return nil, &ynlMiss{x.at, missSize}
		}
		return &encode.Value{Shape: encode.Bool, Text: "true"}, nil
	case "string":
		if len(b) == 0 {
			return nil, &ynlMiss{x.at, missSize} // it writes a NUL
		}
		b = bytes.TrimRight(b, "\x00")
		for _, c := range b {
			if c == 0 || c > 0x7e {
				return nil, &ynlMiss{x.at, "ynl writes %s in ASCII"}
			}
		}
		return encode.Text(string(b)), nil
	case "bitfield32":
		if len(b) != 8 {
			return nil, &ynlMiss{x.at, missSize}
		}
		u32 := &ynlType{kind: "u32"}
		object.Set("value", number(u32, b[:4]))
		object.Set("selector", number(u32, b[4:]))
		return object, nil
	case "binary":
		return r.binary(a, x, b)
	case "nest":
		return object, r.attrs(a.typ.of, x.off, x.end, around, false, nil, object)
	case "indexed":
		return r.indexed(a, x, around)
	case "sub":
		f, err := r.choose(a, x, around)
		if err != nil {
			return nil, err
		}
		return object, r.format(f, x.off, x.end, around, true, object)
	}
	return nil, &ynlMiss{x.at, missShape}
}

// binary is hex, but for a struct and for an address, which is text.
func (r *ynlReader) binary(a *ynlAttr, x nla, b []byte) (*encode.Value, error) {
	if _, ok := r.f.structs[a.typ.of]; ok {
		out := &encode.Value{Shape: encode.Object}
		if r.size(a.typ.of) == len(b) && r.members(a.typ.of, x.off, out) == nil {
			return out, nil
		}
	}
	switch a.hint {
	case "ipv4", "ipv6", "ipv4-or-v6":
		ip, ok := netip.AddrFromSlice(b)
		if !ok {
			return nil, &ynlMiss{x.at, missSize}
		}
		return encode.Text(ip.String()), nil
	case "", "hex", "mac":
		return encode.Text(hex.EncodeToString(b)), nil
	}
	return nil, &ynlMiss{x.at, "its ynl cannot read %s, as it is a " + a.hint}
}

// indexed reads attributes whose types are the indices of a list. ynl counts from
// 0; where all are 0 they mean nothing.
func (r *ynlReader) indexed(a *ynlAttr, x nla, around []ynlAttrs) (*encode.Value, error) {
	list, ok := r.list(x.off, x.end)
	if !ok {
		return nil, &ynlMiss{x.at, missShape}
	}
	out := &encode.Value{Shape: encode.List}
	for i, e := range list {
		if int(e.id) != i && (e.id != 0 || list[0].id != 0) {
			return nil, &ynlMiss{x.at, "ynl counts what is in %s from 0"}
		}
		v := &encode.Value{Shape: encode.Object}
		if err := r.attrs(a.typ.of, e.off, e.end, around, false, nil, v); err != nil {
			return nil, err
		}
		out.Items = append(out.Items, v)
	}
	return out, nil
}

// choose finds the format of a sub-message by the nearest attribute that bears the
// selector's name, as ynl does.
func (r *ynlReader) choose(a *ynlAttr, x nla, around []ynlAttrs) (ynlFormat, error) {
	for i := len(around) - 1; i >= 0; i-- {
		l := &around[i]
		if l.format { // of these ynl has the name alone, and looks into that
			if strings.Contains(l.name, a.typ.selector) {
				break
			}
			continue
		}
		by := l.set.byName(a.typ.selector)
		if by == nil {
			continue
		}
		for _, s := range l.list {
			if s.id != by.id {
				continue
			}
			v, err := r.value(by, s, around[:i+1])
			if err != nil {
				return ynlFormat{}, err
			}
			if f, ok := r.f.subs[a.typ.of][v.Text]; ok {
				return f, nil
			}
			return ynlFormat{}, &ynlMiss{x.at, "its YNL specification has no %s of " + v.Text}
		}
		break
	}
	return ynlFormat{}, &ynlMiss{x.at, "nothing tells ynl the format of %s"}
}
