package render

import (
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

func dump(data []byte, from, to int, nodes []dissect.Node, show bool) string {
	b := base{Options: Options{ShowSecrets: show}}
	b.set(&Event{Tree: &dissect.Tree{Data: data, Nodes: nodes}})
	return string(b.hexdump(nil, 0, int32(len(nodes)), from, to))
}

func TestHexdump(t *testing.T) {
	data := make([]byte, 40)
	for i := range data {
		data[i] = byte(i + 0x30)
	}
	data[3], data[4] = 0x1b, 0x9b
	got := dump(data, 2, 22, nil, false)
	want := "      0002  32 1b 9b 35 36 37 38 39  3a 3b 3c 3d 3e 3f 40 41  2..56789:;<=>?@A\n" +
		"      0012  42 43 44 45                                       BCDE\n\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := dump(data, 5, 5, nil, false); got != "\n" {
		t.Errorf("of nothing: %q", got)
	}
}

// TestHexdumpSecrets masks two keys, the second of which crosses a line's end,
// and leaves the attributes' headers alone.
func TestHexdumpSecrets(t *testing.T) {
	key := &families.Field{Name: "KEY", Secret: true}
	data := []byte(strings.Repeat("k", 48))
	nodes := []dissect.Node{
		{Kind: dissect.KindAttr, Field: key, Off: 0, Len: 12, Parent: -1, End: 3, Secret: true},
		{Kind: dissect.KindLen, Off: 0, Len: 4, Parent: 0, End: 2},
		{Kind: dissect.KindValue, Field: key, Off: 4, Len: 8, Parent: 0, End: 3, Secret: true},
		{Kind: dissect.KindAttr, Field: &families.Field{Name: "OTHER"}, Off: 12, Len: 8, Parent: -1, End: 4},
		{Kind: dissect.KindValue, Field: key, Off: 28, Len: 8, Parent: -1, End: 5, Secret: true},
		{Kind: dissect.KindValue, Field: key, Off: 36, Len: 2, Parent: -1, End: 6, Secret: true},
	}
	got := dump(data, 0, 48, nodes, false)
	want := "      0000  6b 6b 6b 6b ** ** ** **  ** ** ** ** 6b 6b 6b 6b  kkkk********kkkk\n" +
		"      0010  6b 6b 6b 6b 6b 6b 6b 6b  6b 6b 6b 6b ** ** ** **  kkkkkkkkkkkk****\n" +
		"      0020  ** ** ** ** ** ** 6b 6b  6b 6b 6b 6b 6b 6b 6b 6b  ******kkkkkkkkkk\n\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if strings.Contains(dump(data, 0, 48, nodes, true), "*") {
		t.Error("masked in spite of ShowSecrets")
	}
}

func TestCovers(t *testing.T) {
	spans := []span{{2, 4}, {8, 9}}
	for off, want := range []bool{2: true, 3: true, 8: true, 10: false} {
		if covers(spans, off) != want {
			t.Errorf("offset %d: %v", off, !want)
		}
	}
	if covers(nil, 0) {
		t.Error("nothing covers something")
	}
}
