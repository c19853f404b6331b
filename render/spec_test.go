package render

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// testEnums are what the types in these tests may name.
const testEnums = `family render-test
protocol NETLINK_USERSOCK
use common
enum colour C_
  0 C_RED
  1 C_GREEN
  -2 C_MINUS
  0x123456789a C_LARGE
flags perm P_
  0x1 P_READ
  0x2 P_WRITE
  0x3 P_ALL
  0x80000000 OTHER_HIGH
bits parts
  0 4 low
  4 4 high hex
  8 2 shade colour
struct pair
  a u8
  b be16
  c u32 ifindex
struct hidden-pair
  k1 u32 secret
  k2 u32
attrs inner IN_
  1 IN_NUM u32
  2 IN_TEXT string
sub choice
  * u16
`

// describe makes a database with one message, whose attributes have the given
// types. Their numbers count from 1.
func describe(t testing.TB, types ...string) *families.DB {
	t.Helper()
	var b strings.Builder
	b.WriteString(testEnums)
	b.WriteString("attrs top T_\n")
	for i, typ := range types {
		fmt.Fprintf(&b, "  %d T_%d %s\n", i+1, i+1, typ)
	}
	b.WriteString("body top\n  attrs top\nmessages M_\n  20 M_TEST top\n")
	db := families.Embedded()
	f, err := families.ParseSpec("render-test.spec", b.String(), db.Load)
	if err != nil {
		t.Fatal(err)
	}
	db.Add(f, false)
	return db
}

// attribute is one nlattr in little endian.
func attribute(id uint16, payload []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(4+len(payload)))
	b = binary.LittleEndian.AppendUint16(b, id)
	b = append(b, payload...)
	return append(b, make([]byte, -len(b)&3)...)
}

// frameOf is a frame of NETLINK_USERSOCK with one message.
func frameOf(body []byte) []byte {
	b := []byte{0, 4, 0x03, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}
	b = binary.LittleEndian.AppendUint32(b, uint32(16+len(body)))
	b = binary.LittleEndian.AppendUint16(b, 20)
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint64(b, 1)
	return append(b, body...)
}

// decode makes an event of a frame.
func decode(db *families.DB, data []byte) *Event {
	links := &dissect.Links{}
	links.Learn(1, 3, "e\x1b0")
	in := dissect.Input{Number: 1, Data: data, OrigLen: len(data), Links: links}
	return &Event{Number: 1, OrigLen: len(data), Links: links, Tree: dissect.New(db).Frame(&in)}
}

// both returns how a tree and JSON show the value of one attribute.
func both(t testing.TB, o Options, typ string, payload []byte) (text, json string) {
	t.Helper()
	ev := decode(describe(t, typ), frameOf(attribute(1, payload)))
	text = string(NewTree(o).Frame(nil, ev))
	_, text, _ = strings.Cut(text, "T_1")
	text = strings.TrimSuffix(strings.TrimPrefix(text, ": "), "\n")
	json = string(NewJSON(o, false).Frame(nil, ev))
	_, json, _ = strings.Cut(json, `"attrs":{"T_1":`)
	json, _, _ = strings.Cut(json, `},"findings"`)
	json = strings.TrimSuffix(json, "}}\n")
	return text, json
}

// withFamily is decode in a capture that names a generic family.
func withFamily(db *families.DB, data []byte, id uint16, name string) *Event {
	ids := &families.Registry{}
	ids.Learn(1, id, name)
	in := dissect.Input{Number: 1, Data: data, OrigLen: len(data), IDs: ids}
	return &Event{Number: 1, OrigLen: len(data), Tree: dissect.New(db).Frame(&in)}
}

// printers are those that show a frame whole or in part.
func printers(o Options) []Printer {
	return []Printer{NewLine(o), NewTree(o), NewJSON(o, false)}
}
