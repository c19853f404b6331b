package render

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestJSONAttributes(t *testing.T) {
	num := func(v byte) []byte { return attribute(1, []byte{v, 0, 0, 0}) }
	join := func(list ...[]byte) (out []byte) {
		for _, b := range list {
			out = append(out, b...)
		}
		return out
	}
	for name, c := range map[string]struct {
		types []string
		body  []byte
		want  string
	}{
		"one":      {[]string{"u32 multi"}, num(1), `{"T_1":[1]}`},
		"repeated": {[]string{"u32 multi", "flag"}, join(num(1), attribute(2, nil), num(2), num(3)), `{"T_1":[1,2,3],"T_2":true}`},
		"unknown":  {[]string{"u8"}, join(attribute(200, []byte{1, 2}), attribute(201, nil)), `{"200":[{"hex":"0102"}],"201":[{"hex":""}]}`},
		"nest":     {[]string{"nest inner"}, attribute(1, join(num(5), attribute(2, []byte("x")), num(6))), `{"T_1":{"IN_NUM":6,"IN_TEXT":"x","repeated":{"IN_NUM":[5]}}}`},
		"nests with the same ids": {[]string{"nest inner multi"}, join(attribute(1, join(num(5), num(6))), attribute(1, num(7))),
			`{"T_1":[{"IN_NUM":6,"repeated":{"IN_NUM":[5]}},{"IN_NUM":7}]}`},
		"indexed":        {[]string{"indexed u32"}, attribute(1, join(num(5), attribute(9, []byte{6, 0, 0, 0}))), `{"T_1":[5,6]}`},
		"levels":         {[]string{"levels a nest inner"}, attribute(1, attribute(77, num(5))), `{"T_1":{"77":{"IN_NUM":5}}}`},
		"struct":         {[]string{"struct pair"}, attribute(1, []byte{1, 0, 0, 80, 3, 0, 0, 0}), `{"T_1":{"a":1,"b":80,"c":3}}`},
		"structs":        {[]string{"struct pair[]"}, attribute(1, []byte{1, 0, 0, 80, 3, 0, 0, 0, 2, 0, 0, 81, 4, 0, 0, 0}), `{"T_1":[{"a":1,"b":80,"c":3},{"a":2,"b":81,"c":4}]}`},
		"longer":         {[]string{"u32"}, attribute(1, []byte{1, 0, 0, 0, 0xff}), `{"T_1":1,"raw":{"T_1":["01000000ff"]}}`},
		"shorter":        {[]string{"u32"}, attribute(1, []byte{1, 0}), `{"T_1":1,"raw":{"T_1":["0100"]}}`},
		"trailing":       {[]string{"u32"}, append(num(1), 0xab), `{"trailing":"ab","T_1":1}`},
		"broken behind":  {[]string{"u32"}, join(num(1), []byte{0, 0, 1, 0}), `{"T_1":1,"raw":{"1":[""]}}`},
		"broken before":  {[]string{"u32"}, join([]byte{0, 0, 1, 0}, num(1)), `{"T_1":1,"raw":{"1":[""]}}`},
		"broken between": {[]string{"u32 multi"}, join(num(1), []byte{0, 0, 1, 0}, num(2)), `{"T_1":[1,2],"raw":{"1":[""]}}`},
		"message":        {[]string{"message"}, attribute(1, frameOf(num(4))[16:]), `{"T_1":{"message":{"nlmsg":{"len":24,"type":"M_TEST","type_id":20,"flags":[],"flags_id":0,"seq":1,"portid":0},"attrs":{"T_1":{"unknown":"04000000"}}}}}`},
	} {
		ev := decode(describe(t, c.types...), frameOf(c.body))
		out := string(NewJSON(Options{}, false).Frame(nil, ev))
		if !json.Valid([]byte(out)) {
			t.Errorf("%s: not JSON: %s", name, out)
		}
		_, got, _ := strings.Cut(out, `"attrs":`)
		got, _, _ = strings.Cut(strings.TrimSuffix(got, "}\n"), `,"findings"`)
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestJSONNodes: the lossless tree holds every byte of the message once, in
// order.
func TestJSONNodes(t *testing.T) {
	db := describe(t, "u32", "string", "nest inner", "struct pair")
	body := attribute(1, []byte{1, 0, 0, 0, 9})
	body = append(body, attribute(2, []byte("a\x00b"))...)
	body = append(body, attribute(3, attribute(1, []byte{1, 2, 3, 4}))...)
	body = append(body, attribute(4, []byte{1, 0, 0, 80, 3, 0, 0, 0})...)
	body = append(body, 1, 2, 3)
	data := frameOf(body)
	out := NewJSON(Options{Full: true}, false).Frame(nil, decode(db, data))
	var o struct {
		Nodes []struct {
			Hex            *string
			Offset, Length int
		}
		Findings []struct{ Offset, Length int }
	}
	if err := json.Unmarshal(out, &o); err != nil {
		t.Fatal(err)
	}
	got, at := "", 0
	for _, n := range o.Nodes {
		if n.Hex == nil {
			continue
		}
		if n.Offset != at || len(*n.Hex) != 2*n.Length {
			t.Errorf("offset %d, want %d; %d bytes in %q", n.Offset, at, n.Length, *n.Hex)
		}
		got += *n.Hex
		at += n.Length
	}
	if want := string(appendHex(nil, data[16:])); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, f := range o.Findings {
		if f.Offset < 16 || f.Offset+f.Length > len(data)-16 {
			t.Errorf("a finding at %d+%d of %d bytes", f.Offset, f.Length, len(data)-16)
		}
	}
}

// TestJSONOffsets: in the second message of a frame, too, offsets count from
// its own start; what is said of the frame lies before the first.
func TestJSONOffsets(t *testing.T) {
	db := describe(t, "u32")
	one := frameOf(attribute(9, []byte{1, 0, 0, 0}))
	data := append(one, one[16:]...)
	ev := decode(db, data)
	ev.Tree.Findings = append(ev.Tree.Findings[:0:0], ev.Tree.Findings...)
	out := string(NewJSON(Options{}, false).Frame(nil, ev))
	if n := strings.Count(out, `"code":"attr.unknown","offset":16,"length":8`); n != 2 {
		t.Errorf("%d of 2 findings at their place: %s", n, out)
	}
}
