package pcapng_test

import (
	"bytes"
	"math/rand"
	"os"
	"reflect"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestCursor: a cursor reads what random access reads, in a row and not.
func TestCursor(t *testing.T) {
	two, err := os.ReadFile(pcaptest.Path("tour.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	pcap, err := os.ReadFile(pcaptest.Path("wifi.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"sections": append(bytes.Clone(two), two...), "pcap": pcap} {
		x, _, err := pcapng.BuildIndex(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		c := x.Cursor()
		var order []int
		for i := range x.Len() {
			order = append(order, i)
		}
		order = append(order, rand.New(rand.NewSource(1)).Perm(x.Len())...)
		for _, i := range order {
			var got, want capture.Frame
			if err := c.Frame(i, &got); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := x.Frame(i, &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s frame %d: %+v, want %+v", name, i, got, want)
			}
		}
		if err := c.Frame(x.Len(), &capture.Frame{}); err == nil {
			t.Error("a frame behind the last one")
		}
		if err := c.Frame(0, &capture.Frame{}); err != nil {
			t.Errorf("after an error: %v", err)
		}
	}
}
