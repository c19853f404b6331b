package render_test

import (
	"errors"
	"io"
	"path/filepath"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

var db = families.Embedded()

// captures lists the real captures.
func captures(t testing.TB) []string {
	t.Helper()
	list, err := filepath.Glob("../testdata/pcaps/*.pcap")
	if err != nil || len(list) < 5 {
		t.Fatalf("captures: %v %v", list, err)
	}
	return list
}

// eachFrame calls fn for every frame of a capture.
func eachFrame(t testing.TB, path string, fn func(f *capture.Frame)) {
	t.Helper()
	r, err := pcapng.Open(path, pcapng.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		var f capture.Frame
		err := r.Next(&f)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		fn(&f)
	}
}

// decoder makes events of frames.
type decoder struct {
	session *dissect.Session
	d       *dissect.Dissector
}

func newDecoder() *decoder {
	return &decoder{dissect.NewSession(dissect.OrderAuto), dissect.New(db)}
}

func (d *decoder) event(f *capture.Frame) *render.Event {
	in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
	d.session.Prepare(&in, f.Section)
	return &render.Event{
		Number: f.Number, Time: f.Time, OrigLen: f.OrigLen, Process: f.Process,
		Comment: f.Comment, Links: in.Links, Tree: d.d.Frame(&in),
	}
}
