package main

import (
	"io"
	"os"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// again reads frames of a capture file a second time, so that large messages
// need not be held in memory until somebody shows them.
type again struct {
	index *pcapng.Index // nil where frames cannot be read again
}

// open opens a capture. If it is a file without compression, its frames can be
// read again as long as it is open.
func (a *again) open(file string, stdin io.Reader, o pcapng.Options) (*pcapng.Reader, error) {
	a.index = nil
	o = readAny(file, o)
	if file == "-" || !isRegular(file) {
		return open(file, stdin, o)
	}
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	o.Index = pcapng.NewIndex(in)
	r, err := pcapng.OpenFile(in, o)
	if err != nil {
		return nil, err
	}
	if r.Direct() {
		a.index = o.Index
	}
	return r, nil
}

// frame returns the bytes of a frame and how many it had.
func (a *again) frame(number int, _ []byte) (data []byte, origLen int, ok bool) {
	if a.index == nil {
		return nil, 0, false
	}
	i, found := a.index.Find(number)
	var f capture.Frame
	if !found || a.index.Frame(i, &f) != nil || f.Event != nil {
		return nil, 0, false
	}
	return f.Data, f.OrigLen, true
}
