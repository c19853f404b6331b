package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// benchFile writes a capture of about size bytes: all captures of testdata,
// over and over. It returns the number of messages in it too.
func benchFile(b testing.TB, size int) (path string, messages int) {
	b.Helper()
	names, err := filepath.Glob("../../testdata/pcaps/*.pcap")
	if err != nil || len(names) == 0 {
		b.Fatal("no captures", err)
	}
	path = filepath.Join(b.TempDir(), "bench.pcap")
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	w := pcapng.NewPcapWriter(out, pcapng.PcapOptions{})
	perRound, round := 0, 0
	for written := 0; written < size; {
		round++
		for _, name := range names {
			r, err := pcapng.Open(name, pcapng.Options{})
			if err != nil {
				b.Fatal(err)
			}
			for {
				var f capture.Frame
				if err := r.Next(&f); err == io.EOF {
					break
				} else if err != nil {
					b.Fatal(err)
				}
				f.Time += int64(round) * int64(time.Hour) // another run, later
				if err := w.Write(&f); err != nil {
					b.Fatal(err)
				}
				written += len(f.Data)
			}
			r.Close()
			if round == 1 {
				var lines bytes.Buffer
				if code := run([]string{"read", name}, nil, &lines, io.Discard); code != 0 {
					b.Fatal(name)
				}
				perRound += bytes.Count(lines.Bytes(), []byte("\n"))
			}
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return path, perRound * round
}

// BenchmarkRead measures the whole way of a file, from the disk to the output:
// MB/s of the capture, messages/s.
func BenchmarkRead(b *testing.B) {
	path, messages := benchFile(b, 32<<20)
	st, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
	}{
		{"lines", nil},
		{"tree", []string{"-V"}},
		{"jsonl", []string{"-T", "jsonl"}},
		{"full", []string{"-T", "jsonl", "--full"}},
		{"fields", []string{"-T", "fields", "-e", "frame", "-e", "IFLA_IFNAME"}},
		{"coverage", []string{"-z", "coverage"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(st.Size())
			b.ReportAllocs()
			for b.Loop() {
				if code := run(append([]string{"read", path}, c.args...), nil, io.Discard, io.Discard); code != 0 {
					b.Fatal("exit code", code)
				}
			}
			b.ReportMetric(float64(messages)*float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}

// BenchmarkStart measures how long the first line takes.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		if code := run([]string{"read", "-c", "1", "../../testdata/pcaps/route_links.pcap"}, nil, io.Discard, io.Discard); code != 0 {
			b.Fatal("exit code", code)
		}
	}
}
