package ebpf

import "testing"

// TestRecent: what is asked for all the time stays, and the rest does not grow
// without end.
func TestRecent(t *testing.T) {
	var r recent[uint32, string]
	r.put(0, "busy")
	for i := range uint32(4 * maxKnown) {
		r.put(i+1, "")
		if v, ok := r.get(0); !ok || v != "busy" {
			t.Fatalf("%q, %v after %d", v, ok, i)
		}
		if n := len(r.young) + len(r.old); n > maxKnown {
			t.Fatal(n)
		}
	}
	if _, ok := r.get(1); ok {
		t.Error("the first is still there")
	}
	if _, ok := r.get(4*maxKnown - maxKnown/2 + 1); !ok {
		t.Error("one of the last is gone")
	}
}
