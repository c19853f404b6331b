package pcapng

import "testing"

func TestOffsets(t *testing.T) {
	var o offsets
	var want []int64
	at := int64(24)
	for i := range 5 * offsetsPerChunk {
		want = append(want, at)
		o.add(at)
		at += int64(i%1000 + 1)
		if i == offsetsPerChunk+7 || i == 3*offsetsPerChunk-1 {
			at += 5 << 30 // something else between, of gigabytes
		}
	}
	for i, w := range want {
		if got := o.at(i); got != w {
			t.Fatalf("offset %d is %d, want %d", i, got, w)
		}
	}
	if o.n != len(want) {
		t.Errorf("there are %d, want %d", o.n, len(want))
	}
}
