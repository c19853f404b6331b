package render_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// secretOf are so many bytes that are no text, of which no two are the same.
func secretOf(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(0x81 + 3*i)
	}
	return b
}

func attribute(typ uint16, payload []byte) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(le.AppendUint16(nil, uint16(4+len(payload))), typ)
	b = append(b, payload...)
	return append(b, make([]byte, -len(b)&3)...)
}

func nlmsg(typ, flags uint16, body []byte) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, uint32(16+len(body)))
	b = le.AppendUint16(le.AppendUint16(b, typ), flags)
	return append(append(b, make([]byte, 8)...), body...)
}

func frameOf(number int, proto byte, msg []byte) *capture.Frame {
	data := append([]byte{0, 4, 3, 0x38, 15: proto}, msg...)
	return &capture.Frame{Number: number, Time: int64(number) * 1e9, Data: data, OrigLen: len(data)}
}

// scalarSize is the size of a value that is a number, an address or bits, 0 of
// what has no size of its own.
func scalarSize(t *families.Type) int {
	switch t.Kind {
	case families.KindUint, families.KindSint, families.KindBinary, families.KindBitfield32:
		return t.Size
	}
	return 0
}

// sizedIn calls fn with each attribute of few sizes, or none, in a set and those nested in
// it, and with what puts one in its place.
func sizedIn(s *families.AttrSet, wrap func([]byte) []byte, depth int, fn func(f *families.Field, wrap func([]byte) []byte)) {
	for _, f := range s.Fields {
		put := func(b []byte) []byte { return wrap(attribute(f.ID, b)) }
		t := &f.Type
		if t.Kind == families.KindIndexed {
			t = t.Elem
			outer := put
			put = func(b []byte) []byte { return outer(attribute(0, b)) }
		}
		switch {
		case t.Kind == families.KindNest && t.Struct == nil && t.Set != nil && depth > 0:
			sizedIn(t.Set, put, depth-1, fn)
		case scalarSize(t) > 0 || t.Kind == families.KindPad || t.Hint == families.HintSockaddr:
			fn(f, put)
		}
	}
}

// TestMisfitsAreHidden: an attribute of a family with keys that is longer than
// its description says shows none of its bytes.
func TestMisfitsAreHidden(t *testing.T) {
	all, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	full := render.Options{Full: true}
	dump := render.Options{Hex: true}
	printers := map[string]render.Printer{
		"lines": render.NewLine(dump), "-V -x": render.NewTree(dump), "json": render.NewJSON(render.Options{}, true),
		"jsonl --full": render.NewJSON(full, false),
	}
	tried := 0
	for _, fam := range all {
		if !fam.Keyed || fam.Genl == "" {
			continue
		}
		name := nlmsg(16, 0, append([]byte{1, 2, 0, 0}, append(attribute(1, []byte{40, 0}), attribute(2, append([]byte(fam.Genl), 0))...)...))
		for _, m := range fam.Messages {
			if m.Body == nil {
				continue
			}
			for _, body := range m.Body.Bodies {
				if body.Set == nil || body.Header != nil {
					continue
				}
				sizedIn(body.Set, func(b []byte) []byte { return b }, 3, func(f *families.Field, wrap func([]byte) []byte) {
					for _, n := range []int{9, 16, 32, 64} {
						if n == scalarSize(&f.Type) || n == 16 && f.Type.Hint == families.HintSockaddr {
							continue
						}
						key := secretOf(n)
						for _, flags := range []uint16{0, 5} {
							msg := nlmsg(40, flags, append([]byte{byte(m.ID), 1, 0, 0}, wrap(key)...))
							for form, p := range printers {
								d := newDecoder()
								d.event(frameOf(1, 16, name))
								e := d.event(frameOf(2, 16, msg))
								if e.Tree.Msgs[0].Family == nil {
									t.Fatalf("%s: the message is not of the family", fam.Name)
								}
								out := string(p.Frame(nil, e))
								tried++
								for what, trace := range firstBytes(key) {
									if strings.Contains(out, trace) {
										t.Errorf("%s %s %s of %d bytes: %s shows %s\n%s", fam.Name, m.Name, f.Name, n, form, what, out)
										return
									}
								}
							}
						}
					}
				})
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d were tried", tried)
	}
}

// firstBytes are the forms that the first four bytes could take, which is what the
// shortest number shows.
func firstBytes(key []byte) map[string]string {
	le, be := binary.LittleEndian.Uint32(key), binary.BigEndian.Uint32(key)
	x := fmt.Sprintf("%x", key[:4])
	return map[string]string{
		"number": fmt.Sprint(le), "number, big": fmt.Sprint(be), "hex": x, "hex number": fmt.Sprintf("%x", le),
		"dump":    fmt.Sprintf("%x %x %x %x", key[0], key[1], key[2], key[3]),
		"address": fmt.Sprintf("%d.%d.%d.%d", key[0], key[1], key[2], key[3]),
		"list":    fmt.Sprintf("%d,%d,%d", key[0], key[1], key[2]),
	}
}
