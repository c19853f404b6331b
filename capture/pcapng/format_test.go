package pcapng

import (
	"errors"
	"testing"
)

func TestNotACapture(t *testing.T) {
	tests := []struct{ name, in, err string }{
		{"text", "#!/bin/sh\necho hi\n", `not a pcap or pcapng file: it starts with the text "#!/bin/sh\nec"`},
		{"short text", "hi", `not a pcap or pcapng file: it starts with the text "hi"`},
		{"binary", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00", "not a pcap or pcapng file: it starts with the bytes 7f 45 4c 46 02 01 01 00 00 00 00 00"},
		{"half a pcap header", string(pcapHeader(little, 253)[:20]), "not a pcap or pcapng file: the file ends 20 bytes into the pcap file header"},
		{"no byte order", "\x0a\x0d\x0d\x0a\x1c\x00\x00\x00abcd", "not a pcap or pcapng file: the section header has no byte-order magic"},
		{"modified pcap", "\xa1\xb2\xcd\x34\x00\x02\x00\x04\x00\x00\x00\x00", "not a pcap or pcapng file: the modified pcap format (magic 0xa1b2cd34) is not supported"},
		{"future pcap", "\xa1\xb2\xc3\xd4\x00\x03\x00\x01" + string(make([]byte, 16)), "not a pcap or pcapng file: pcap version 3.1, not 2.4"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := readAll(t, []byte(tt.in), Options{})
			if !errors.Is(res.openErr, ErrFormat) || res.openErr.Error() != tt.err {
				t.Errorf("error %v, want %v", res.openErr, tt.err)
			}
		})
	}
	if res := readAll(t, nil, Options{}); res.openErr != ErrEmpty {
		t.Errorf("empty file: %v", res.openErr)
	}
}

func TestFormat(t *testing.T) {
	for name, in := range map[string][]byte{"pcap": pcapHeader(big, 253), "pcapng": everything(little)} {
		if r := readAll(t, in, Options{}).reader; r.Format().String() != name {
			t.Errorf("%s is taken for %v", name, r.Format())
		}
	}
	r, err := NewReader(&growing{}, Options{Follow: true})
	if err != nil || r.Format().String() != "unknown" {
		t.Errorf("an empty file that may grow: %v", err)
	}
}
