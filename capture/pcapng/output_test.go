package pcapng

import (
	"bytes"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// TestBareMessages: a message without a cooked header is refused where a program
// made it, and written as it was where it comes from a file.
func TestBareMessages(t *testing.T) {
	for _, e := range orders {
		msg := e.append32(nil, 20)
		msg = append(append(msg, make([]byte, 12)...), "body"...)
		for name, write := range map[string]func(*bytes.Buffer, *capture.Frame) error{
			"pcapng": func(b *bytes.Buffer, f *capture.Frame) error {
				w := NewWriter(b, Section{Order: e.order()})
				if err := w.Write(f); err != nil {
					return err
				}
				return w.Close()
			},
			"pcap": func(b *bytes.Buffer, f *capture.Frame) error {
				w := NewPcapWriter(b, PcapOptions{Order: e.order()})
				if err := w.Write(f); err != nil {
					return err
				}
				return w.Close()
			},
		} {
			var out bytes.Buffer
			err := write(&out, &capture.Frame{Data: msg, OrigLen: len(msg)})
			if err == nil || !strings.Contains(err.Error(), "16 bytes of a cooked header") {
				t.Errorf("%s: a message that a program made: %v", name, err)
			}
			in := append(pcapHeader(e, 253), record(e, 1, 2, msg)...)
			read := mustRead(t, in)
			out.Reset()
			if err := write(&out, &read[0]); err != nil {
				t.Errorf("%s: a frame of a file: %v", name, err)
				continue
			}
			if got := mustRead(t, out.Bytes()); !bytes.Equal(got[0].Data, msg) {
				t.Errorf("%s: wrote % x\n  read % x", name, msg, got[0].Data)
			}
		}
	}
}
