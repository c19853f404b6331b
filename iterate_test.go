package nlsniff_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff"
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/frametext"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// tooLong is for what should come at once.
const tooLong = 30 * time.Second

// list is a source of frames that are there, and then waits, or ends.
type list struct {
	frames []capture.Frame
	wait   chan struct{} // nil: it ends
	closed chan struct{}
}

func (l *list) Next(f *capture.Frame) error {
	if len(l.frames) == 0 {
		if l.wait != nil {
			<-l.wait
		}
		return io.EOF
	}
	*f, l.frames = l.frames[0], l.frames[1:]
	return nil
}
func (l *list) Stats() capture.Stats { return capture.Stats{} }
func (l *list) Close() error         { close(l.closed); return nil }

// TestCancel: a context that ends unblocks a read that waits, of a source that
// knows nothing of contexts, and closes it.
func TestCancel(t *testing.T) {
	for name, each := range map[string]func(d *nlsniff.Decoder, ctx context.Context, src capture.Source, got func(error)){
		"frames": func(d *nlsniff.Decoder, ctx context.Context, src capture.Source, got func(error)) {
			for _, err := range d.Frames(ctx, src) {
				got(err)
			}
		},
		"exchanges": func(d *nlsniff.Decoder, ctx context.Context, src capture.Source, got func(error)) {
			for _, err := range d.Exchanges(ctx, src) {
				got(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			frames := frametext.Load(t, "flow/testdata/scenarios/failed.txt")
			src := &list{frames: frames, wait: make(chan struct{}), closed: make(chan struct{})}
			defer close(src.wait)
			ended := make(chan error)
			go func() {
				var last error
				first := true
				each(decoder(t), ctx, src, func(err error) {
					last = err
					if first {
						first = false
						cancel()
					}
				})
				ended <- last
			}()
			select {
			case err := <-ended:
				if !errors.Is(err, context.Canceled) {
					t.Errorf("it ended with %v", err)
				}
			case <-time.After(tooLong):
				t.Fatal("it goes on waiting")
			}
			<-src.closed
		})
	}
}

// TestCancelPipe: the same of a capture that comes through a pipe.
func TestCancelPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	sink := pcapng.NewWriter(w, pcapng.Section{})
	for _, f := range frametext.Load(t, "flow/testdata/scenarios/failed.txt") {
		if err := sink.Write(&f); err != nil {
			t.Fatal(err)
		}
	}
	if err := sink.Flush(); err != nil {
		t.Fatal(err)
	}
	src, err := pcapng.OpenFile(r, pcapng.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	var last error
	n := 0
	for _, err := range decoder(t).Frames(ctx, src) {
		n++
		last = err
	}
	if n < 2 || !errors.Is(last, context.DeadlineExceeded) {
		t.Errorf("%d turns, the last with %v", n, last)
	}
}

// TestLeft: a loop that is left early leaves the source as it is, and what it
// has not taken is still there.
func TestLeft(t *testing.T) {
	src := &list{frames: frametext.Load(t, "flow/testdata/scenarios/failed.txt"), closed: make(chan struct{})}
	all, d := len(src.frames), decoder(t)
	seen := 0
	for range 2 {
		for f, err := range d.Frames(t.Context(), src) {
			if err != nil {
				t.Fatal(err)
			}
			if seen++; f.Number != seen {
				t.Errorf("frame %d is number %d", seen, f.Number)
			}
			if seen == 1 {
				break
			}
		}
	}
	if seen != all {
		t.Errorf("%d frames of %d", seen, all)
	}
}

// TestQuiet: what came of a dump that came out wrong is told although no frame
// follows.
func TestQuiet(t *testing.T) {
	frames := frametext.Load(t, "flow/testdata/scenarios/interrupted.txt")[:2]
	src := &list{frames: frames, wait: make(chan struct{}), closed: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.Background(), tooLong)
	defer cancel()
	for x, err := range decoder(t).Exchanges(ctx, src) {
		if err != nil {
			t.Fatal(err)
		}
		if x.Joined.State != flow.Interrupted {
			t.Errorf("it is %s", x)
		}
		break
	}
	close(src.wait)
}

// TestDamaged: what cannot be read is an error, and what stands behind it comes.
func TestDamaged(t *testing.T) {
	b, err := os.ReadFile(pcaptest.Path("tour.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	whole := count(t, b)
	b = bytes.Clone(b)
	at := bytes.Index(b[len(b)/2:], []byte{6, 0, 0, 0}) + len(b)/2 // an Enhanced Packet Block
	b[at+4] ^= 0x55
	if n := count(t, b); n.frames == 0 || n.errors == 0 || n.frames >= whole.frames {
		t.Errorf("%+v of %+v", n, whole)
	}
}

type counts struct{ frames, errors int }

func count(t *testing.T, file []byte) (n counts) {
	t.Helper()
	r, err := pcapng.NewReader(bytes.NewReader(file), pcapng.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range decoder(t).Frames(t.Context(), r) {
		var corrupt *capture.CorruptError
		switch {
		case err == nil:
			n.frames++
		case errors.As(err, &corrupt):
			n.errors++
		default:
			t.Fatal(err)
		}
	}
	return n
}

// TestExchanges: of every capture come the exchanges that a Tracker reports, in
// its order, each with its messages.
func TestExchanges(t *testing.T) {
	names := pcaptest.Names
	if testing.Short() {
		names = names[:6]
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []flow.Exchange
			tr := flow.NewTracker(families.Embedded(), flow.Options{Keep: 16 << 20, Closed: func(e *flow.Exchange) {
				var c flow.Exchange
				e.CopyTo(&c, nil)
				want = append(want, c)
			}})
			s := dissect.NewSession(dissect.OrderAuto)
			for _, f := range pcaptest.Frames(t, name) {
				in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
				s.Prepare(&in, f.Stream())
				ff := flow.Frame{Input: &in}
				pipeline.Tracked(&f, &ff)
				tr.Observe(&ff)
			}
			tr.Close()
			src, err := nlsniff.OpenFile(filepath.Join("testdata/pcaps", name+".pcap"))
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			n := 0
			for x, err := range decoder(t).Exchanges(t.Context(), src) {
				if err != nil {
					t.Fatal(err)
				}
				e := &want[n]
				n++
				if x.Joined.ID != e.ID || x.Joined.State != e.State || x.Joined.Reason != e.Reason || !bytes.Equal(x.Joined.RequestBytes, e.RequestBytes) {
					t.Fatalf("exchange %d is %s, want %+v", n, x, e)
				}
				if e.Messages != len(x.Requests) && x.Joined.Cut == 0 {
					t.Errorf("exchange %d has %d requests, want %d", n, len(x.Requests), e.Messages)
				}
				if (x.Err() != nil) != e.Refused() || len(x.Why()) > 0 && e.Errors == 0 {
					t.Errorf("%s: %v", x, x.Err())
				}
				if x.Name() == "" || strings.Contains(x.String(), "\n") || !bytes.HasSuffix(x.AppendJSON(nil), []byte("}\n")) {
					t.Errorf("exchange %d %q: %s\n%s", n, x.Name(), x, x.AppendJSON(nil))
				}
			}
			if n != len(want) {
				t.Errorf("%d exchanges, want %d", n, len(want))
			}
		})
	}
}

// TestOpenFile: what is no capture is read as the command reads it, and events
// come too.
func TestOpenFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mail.txt")
	text := "The request was\n\n> 00000000  20 00 00 00 12 00 05 00  01 00 00 00 00 00 00 00\n> 00000010  00 00 00 00 01 00 00 00  00 00 00 00 00 00 00 00\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := nlsniff.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	n := 0
	for f, err := range decoder(t).Frames(t.Context(), src) {
		if err != nil || len(f.Messages) != 1 || f.Messages[0].Name() != "RTM_GETLINK" {
			t.Errorf("%v: %s", err, f)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d frames", n)
	}
	if _, err := nlsniff.OpenFile("go.mod"); err == nil {
		t.Error("go.mod is no capture")
	}

	var b bytes.Buffer
	w := pcapng.NewWriter(&b, pcapng.Section{})
	for _, f := range frametext.Load(t, "flow/testdata/scenarios/socket.txt") {
		if err := w.Write(&f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if src, err = nlsniff.OpenFile(file); err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	events := 0
	for f, err := range decoder(t).Frames(t.Context(), src) {
		if err != nil {
			t.Fatal(err)
		}
		if f.Event != nil {
			events++
			if f.Tree() != nil || f.Findings() != nil || len(f.Messages) != 0 {
				t.Errorf("an event has messages: %s", f)
			}
			_, _, _ = f.String(), f.Text(), f.AppendJSON(nil)
		}
	}
	if events == 0 {
		t.Error("no events")
	}
}

// TestOpenLive fails here as nlmon.Open does, or with errors.ErrUnsupported: it
// is there on every system.
func TestOpenLive(t *testing.T) {
	src, err := nlsniff.OpenLive(nlsniff.LiveOptions{Interface: "no such interface"})
	if err == nil {
		src.Close()
		t.Error("an interface that there is not was opened")
	}
}
