package pcapng

import (
	"bytes"
	"io"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// benchFiles makes large captures: a real one over and over, as it is and as
// nlsniff writes it, with and without processes.
func benchFiles(b *testing.B) map[string][]byte {
	b.Helper()
	in := corpus(b)["route_links.pcap"]
	n := 32<<20/len(in) + 1
	files := map[string][]byte{
		"pcap": append(bytes.Clone(in[:pcapHeaderLen]), bytes.Repeat(in[pcapHeaderLen:], n)...),
	}
	for name, p := range map[string]capture.Process{
		"pcapng":         {},
		"pcapng+process": {PID: 183, TID: 183, Comm: "ip", Exe: "/usr/sbin/ip", NetNS: 4026531840},
	} {
		var out bytes.Buffer
		w := NewWriter(&out, Section{})
		for _, f := range mustRead(b, files["pcap"]) {
			f.Process = p
			if err := w.Write(&f); err != nil {
				b.Fatal(err)
			}
		}
		w.Close()
		files[name] = out.Bytes()
	}
	return files
}

func BenchmarkRead(b *testing.B) {
	for name, in := range benchFiles(b) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			frames := 0
			for b.Loop() {
				r, err := NewReader(bytes.NewReader(in), Options{})
				if err != nil {
					b.Fatal(err)
				}
				var f capture.Frame
				for {
					err := r.Next(&f)
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					frames++
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(frames), "ns/frame")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	frames := sample(1000)
	size := 0
	for _, f := range frames {
		size += len(f.Data)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	w := NewWriter(io.Discard, Section{})
	for b.Loop() {
		for i := range frames {
			if err := w.Write(&frames[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkIndexFrame(b *testing.B) {
	in := benchFiles(b)["pcapng"]
	x, _, err := BuildIndex(bytes.NewReader(in), int64(len(in)))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		var f capture.Frame
		if err := x.Frame(i*7919%x.Len(), &f); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// TestReadDoesNotAllocate: nothing per frame in the steady state, with
// processes too but for the comment of a person.
func TestReadDoesNotAllocate(t *testing.T) {
	frames := sample(4000)
	for i := range frames {
		frames[i].Process.PID = uint32(i % 5)
	}
	in, _ := roundTrip(t, little, frames...)
	r, err := NewReader(bytes.NewReader(in), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var f capture.Frame
	for range 100 {
		if err := r.Next(&f); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(3000, func() {
		if err := r.Next(&f); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}
