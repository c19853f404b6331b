package export

import (
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
)

// TestPacked: packed integers are as the machine has them, of either byte order
// and as large as they come.
func TestPacked(t *testing.T) {
	for _, x := range []struct {
		t            families.Type
		list         string
		little, high string
	}{
		{families.Type{Kind: families.KindUint, Size: 4}, `[1, 258]`, "0100000002010000", "0000000100000102"},
		{families.Type{Kind: families.KindUint, Size: 2, Order: families.OrderBig}, `[1, 258]`, "00010102", "00010102"},
		{families.Type{Kind: families.KindUint, Size: 8}, `[18446744073709551614]`, "feffffffffffffff", "fffffffffffffffe"},
		{families.Type{Kind: families.KindSint, Size: 2}, `[-2]`, "feff", "fffe"},
		{families.Type{Kind: families.KindUint, Size: 1}, `[256]`, "", ""},
		{families.Type{Kind: families.KindString}, `[1]`, "", ""},
	} {
		list, err := encode.Parse(strings.NewReader(`{"x":` + x.list + `}`))
		if err != nil {
			t.Fatal(err)
		}
		for big, want := range map[bool]string{false: x.little, true: x.high} {
			got, ok := packed(&x.t, list[0].Get("x"), big)
			if ok != (want != "") || ok && got.Text != want {
				t.Errorf("%s, big-endian %t: %v, want %q", x.list, big, got, want)
			}
		}
	}
}
