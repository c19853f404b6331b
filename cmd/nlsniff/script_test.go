package main

import (
	"compress/gzip"
	"io"
	"os"
	"strconv"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// cmdCut is the script command "cut FROM N TO": the first N bytes of a file;
// with a negative N, all but the first -N.
func cmdCut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cut FROM N TO")
	}
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	if n < 0 {
		b = b[-n:]
	} else {
		b = b[:n]
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), b, 0o666))
}

// cmdPack is the script command "pack gzip|zstd|lz4 FROM TO".
func cmdPack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: pack gzip|zstd|lz4 FROM TO")
	}
	in, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	out, err := os.Create(ts.MkAbs(args[2]))
	ts.Check(err)
	defer out.Close()
	var w interface {
		Write([]byte) (int, error)
		Close() error
	}
	switch args[0] {
	case "gzip":
		w = gzip.NewWriter(out)
	case "zstd":
		w, err = zstd.NewWriter(out)
		ts.Check(err)
	case "lz4":
		w = lz4.NewWriter(out)
	}
	_, err = w.Write(in)
	ts.Check(err)
	ts.Check(w.Close())
}

// cmdFrames is the script command "frames FROM TO NUMBER…": a new capture of
// some frames of another, in the order given.
func cmdFrames(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: frames FROM TO NUMBER...")
	}
	r, err := pcapng.Open(ts.MkAbs(args[0]), pcapng.Options{})
	ts.Check(err)
	defer r.Close()
	frames := map[int]capture.Frame{}
	for {
		var f capture.Frame
		err := r.Next(&f)
		if err == io.EOF {
			break
		}
		ts.Check(err)
		f.Data = append([]byte(nil), f.Data...)
		frames[f.Number] = f
	}
	out, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	defer out.Close()
	w := pcapng.NewPcapWriter(out, pcapng.PcapOptions{})
	for _, a := range args[2:] {
		n, err := strconv.Atoi(a)
		ts.Check(err)
		f, ok := frames[n]
		if !ok {
			ts.Fatalf("no frame %d in %s", n, args[0])
		}
		ts.Check(w.Write(&f))
	}
	ts.Check(w.Close())
}
