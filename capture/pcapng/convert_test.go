package pcapng

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// steps is a reader of which each Read returns the next step, bytes or an error.
type steps []any

func (s *steps) Read(p []byte) (int, error) {
	if len(*s) == 0 {
		return 0, io.EOF
	}
	first := (*s)[0]
	*s = (*s)[1:]
	if err, ok := first.(error); ok {
		return 0, err
	}
	return copy(p, first.([]byte)), nil
}

// TestConvert has Options.Convert make a capture of what is none: damage that it
// tells of comes between the frames, and nothing can be read again in place.
func TestConvert(t *testing.T) {
	made := (&builder{}).section().iface(253, 0).packet(0, 1, netlink('a', 4)).packet(0, 2, netlink('b', 4)).b
	half := len(made) - 30
	damage := &capture.CorruptError{Offset: 3, Skipped: 4, Reason: "odd"}
	var got string
	convert := func(in io.Reader) (io.Reader, error) {
		b, err := io.ReadAll(in)
		got = string(b)
		return &steps{made[:half], damage, made[half:]}, err
	}
	const text = "something else than a capture"
	x := NewIndex(strings.NewReader(text))
	r, err := NewReader(bytes.NewReader(pack(t, Gzip, []byte(text))), Options{Convert: convert, Index: x})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got != text || r.Direct() || r.Format() != FormatPcapng {
		t.Errorf("%q was converted, direct %v, format %v", got, r.Direct(), r.Format())
	}
	var frames int
	var told []*capture.CorruptError
	for {
		var f capture.Frame
		err := r.Next(&f)
		if err == io.EOF {
			break
		}
		var bad *capture.CorruptError
		switch {
		case errors.As(err, &bad):
			told = append(told, bad)
		case err != nil:
			t.Fatal(err)
		default:
			if frames++; frames == 2 && len(told) == 0 {
				t.Error("the damage comes late")
			}
		}
	}
	if frames != 2 || len(told) != 1 || told[0] != damage {
		t.Errorf("%d frames, damage %v", frames, told)
	}
	var f capture.Frame
	if err := x.Frame(0, &f); err == nil {
		t.Error("a frame can be read where there is none")
	}
	if parts := r.Parts(1); parts != nil {
		t.Error("it has parts")
	}
	// Nobody knows it, and somebody refuses it.
	for _, want := range []error{nil, io.ErrUnexpectedEOF} {
		_, err := NewReader(strings.NewReader(text), Options{Convert: func(io.Reader) (io.Reader, error) { return nil, want }})
		if want == nil && !errors.Is(err, ErrFormat) || want != nil && err != want {
			t.Errorf("error %v, want %v", err, want)
		}
	}
	if res := readAll(t, made, Options{Convert: func(io.Reader) (io.Reader, error) { t.Error("a capture is converted"); return nil, nil }}); len(res.frames) != 2 {
		t.Errorf("%d frames of a capture", len(res.frames))
	}
}
