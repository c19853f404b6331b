package render

import (
	"strings"
	"testing"
)

func TestTree(t *testing.T) {
	db := describe(t, "u32", "string", "nest inner", "struct pair", "u8[2]", "flag", "indexed u32",
		"struct pair[]", "levels port nest inner")
	var body []byte
	for _, a := range [][]byte{
		attribute(1, []byte{1, 0, 0, 0}),
		attribute(2, []byte("a\tb\x00")),
		attribute(3, append(attribute(1, []byte{2, 0, 0, 0}), attribute(9, []byte{1, 2, 3, 4})...)),
		attribute(4, []byte{1, 0, 0, 80, 3, 0, 0, 0}),
		attribute(5, []byte{7, 8}),
		attribute(6, nil),
		attribute(7, append(attribute(3, []byte{9, 0, 0, 0}), attribute(3, []byte{8, 0, 0, 0})...)),
		attribute(8, []byte{1, 0, 0, 80, 3, 0, 0, 0}),
		attribute(9, attribute(77, attribute(1, []byte{5, 0, 0, 0}))),
		attribute(99, []byte("xyz")),
		{0xee},
	} {
		body = append(body, a...)
	}
	got := string(NewTree(Options{Time: TimeRelative}).Frame(nil, decode(db, frameOf(body))))
	_, got, _ = strings.Cut(got, "\n") // the line
	want := strings.Join([]string{
		`      nlmsghdr: len 133, type M_TEST (20), flags 0 (0x0), seq 1, portid 0`,
		`      T_1: 1`,
		`      T_2: "a\x09b"`,
		`      T_3:`,
		`        IN_NUM: 2`,
		`        unknown type 9: 01020304`,
		`          ! warning attr.unknown: attribute type 9 is not described here`,
		`      T_4:`,
		`        a: 1`,
		`        b: 80`,
		`        c: 3 (e\x1b0)`,
		`      T_5: [7 8]`,
		`      T_6`,
		`      T_7:`,
		`        [0]: 9`,
		`        [1]: 8`,
		`      T_8:`,
		`        [0]:`,
		`          a: 1`,
		`          b: 80`,
		`          c: 3 (e\x1b0)`,
		`      T_9:`,
		`        [77]:`,
		`          IN_NUM: 5`,
		`      unknown type 99: 78797a`,
		`        ! warning attr.unknown: attribute type 99 is not described here`,
		`      trailing: ee`,
		`        ! error attr.trailing: 1 byte behind the last attribute is too few for another`,
	}, "\n") + "\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTreeDetail shows one family whole and of the others a line.
func TestTreeDetail(t *testing.T) {
	db := describe(t, "u32")
	ev := decode(db, frameOf(attribute(1, []byte{1, 0, 0, 0})))
	for _, c := range []struct {
		family string
		lines  int
	}{{"render-test", 3}, {"rt-link", 1}} {
		out := string(NewTree(Options{Detail: map[string]bool{c.family: true}}).Frame(nil, ev))
		if n := strings.Count(out, "\n"); n != c.lines {
			t.Errorf("-O %s: %d lines, want %d:\n%s", c.family, n, c.lines, out)
		}
	}
}

// TestTreeHex puts the bytes below the message.
func TestTreeHex(t *testing.T) {
	db := describe(t, "u32")
	out := string(NewTree(Options{Hex: true}).Frame(nil, decode(db, frameOf(attribute(1, []byte{1, 0, 0, 0})))))
	if !strings.Contains(out, "\n      0010  18 00 00 00 14 00") {
		t.Errorf("no bytes in\n%s", out)
	}
}
