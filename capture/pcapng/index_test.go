package pcapng

import (
	"bytes"
	"math/rand"
	"slices"
	"sync"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

func TestIndex(t *testing.T) {
	files := corpus(t)
	files["all blocks"] = slices.Concat(everything(big), everything(little), everything(big))
	files["nothing"] = pcapHeader(big, 253)
	files["damaged"] = slices.Concat(everything(big), []byte("four"), everything(little))
	files["records"] = slices.Concat(pcapHeader(big, 113), record(big, 5, 6, make([]byte, 20)), record(big, 7, 8, netlink('a', 9)))
	for name, in := range files {
		t.Run(name, func(t *testing.T) {
			want := readAll(t, in, Options{})
			x, damage, err := BuildIndex(bytes.NewReader(in), int64(len(in)))
			if err != nil || len(damage) != len(want.damage) || x.Len() != len(want.frames) {
				t.Fatalf("%d frames, want %d; %v %v", x.Len(), len(want.frames), damage, err)
			}
			for _, i := range rand.Perm(x.Len()) {
				var f capture.Frame
				if err := x.Frame(i, &f); err != nil {
					t.Fatal(err)
				}
				if !sameFrame(&f, &want.frames[i]) {
					t.Fatalf("frame %d:\n got %+v\nwant %+v", i, f, want.frames[i])
				}
				if n, ok := x.Find(f.Number); n != i || !ok {
					t.Fatalf("frame number %d is found at %d, want %d", f.Number, n, i)
				}
			}
			var f capture.Frame
			if x.Frame(-1, &f) == nil || x.Frame(x.Len(), &f) == nil {
				t.Error("frames out of range are read")
			}
			if _, ok := x.Find(0); ok {
				t.Error("frame number 0 is found")
			}
		})
	}
}

func TestIndexOfSkippedNumber(t *testing.T) {
	in := everything(little)
	x, _, err := BuildIndex(bytes.NewReader(in), int64(len(in)))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := x.Find(3); ok {
		t.Error("the Ethernet frame, number 3, is in the index")
	}
}

func TestIndexOfCompressed(t *testing.T) {
	in := pack(t, Gzip, everything(little))
	if _, _, err := BuildIndex(bytes.NewReader(in), int64(len(in))); err != ErrCompressed {
		t.Errorf("error %v", err)
	}
	x := NewIndex(bytes.NewReader(in))
	readAll(t, in, Options{Index: x})
	var f capture.Frame
	if err := x.Frame(0, &f); err != ErrCompressed {
		t.Errorf("error %v", err)
	}
}

func TestIndexOfChangedFile(t *testing.T) {
	in := everything(little)
	x, _, err := BuildIndex(bytes.NewReader(in), int64(len(in)))
	if err != nil {
		t.Fatal(err)
	}
	for at := range in {
		in[at] ^= 0x55
	}
	for i := range x.Len() {
		var f capture.Frame
		if err := x.Frame(i, &f); err == nil {
			t.Errorf("frame %d is read from garbage: %+v", i, f)
		}
	}
}

// TestIndexWhileReading is for the race detector too.
func TestIndexWhileReading(t *testing.T) {
	in := bytes.Repeat(everything(big), 50)
	x := NewIndex(bytes.NewReader(in))
	var group sync.WaitGroup
	group.Go(func() { readAll(t, in, Options{Index: x}) })
	for x.Len() < 250 {
		n := x.Len()
		if n == 0 {
			continue
		}
		var f capture.Frame
		if err := x.Frame(n-1, &f); err != nil {
			t.Error(err)
			break
		}
		if i, ok := x.Find(f.Number); i != n-1 || !ok {
			t.Errorf("number %d is found at %d, want %d", f.Number, i, n-1)
			break
		}
	}
	group.Wait()
}
