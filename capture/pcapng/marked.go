package pcapng

import (
	"encoding/binary"

	"github.com/nlsniff/nlsniff/capture"
)

// WriteMarked writes the block of a packet as it is, but for our own option, which
// then says of the frame what f does. What has no room for options is written as
// Write would.
func (w *Writer) WriteMarked(b Block, f *capture.Frame) error {
	b.e = endianOf(b.Order)
	p, reason := parsePacket(&b)
	if reason != "" || p.timeless || b.Format == FormatPcap || !w.open {
		return w.Write(f)
	}
	rest := optionList{rest: p.options, e: b.e}
	raw := append([]byte(nil), b.Raw[:len(b.Raw)-4-len(p.options)]...)
	for rest.next() {
		if rest.code != OptCustomBinary || !isFrameOption(rest.value) {
			raw = appendOption(raw, b.e, rest.code, rest.value)
		}
	}
	if rest.damaged {
		return w.Write(f)
	}
	process := f.Process
	process.Comm, process.Exe = process.Comm[:min(len(process.Comm), maxComm)], process.Exe[:min(len(process.Exe), maxExe)]
	raw = appendFrameOption(raw, b.e, f, &process)
	raw = append(raw, 0, 0, 0, 0) // the end of options
	b.e.put32(raw[4:], uint32(len(raw)+4))
	b.Raw = b.e.append32(raw, uint32(len(raw)+4))
	return w.WriteRaw(b)
}

// isFrameOption says whether a custom option is ours.
func isFrameOption(v []byte) bool {
	return len(v) >= frameOptionLen && binary.LittleEndian.Uint32(v) == privateEnterprise && string(v[4:12]) == frameOptionMagic && v[12] >= frameOptionV1
}
