package why

import (
	"encoding/binary"

	"github.com/nlsniff/nlsniff/capture"
)

// Numbers of linux/netlink.h.
const (
	nlmsgError     = 2
	nlmsgDone      = 3
	protoUevent    = 15
	protoConnector = 11
	headerLen      = 16
)

// Source gives the frames of another with what the prober knows beside the
// answers that refuse: as a comment, which every view and every file has.
type Source struct {
	capture.Source
	Prober *Prober
}

// Next is capture.Source's.
func (s *Source) Next(f *capture.Frame) error {
	if err := s.Source.Next(f); err != nil {
		return err
	}
	s.Prober.Comment(f)
	return nil
}

// Comment adds what is known of a frame's refusals to its comment.
func (p *Prober) Comment(f *capture.Frame) {
	if len(f.Data) < capture.CookedLen {
		return
	}
	proto := binary.BigEndian.Uint16(f.Data[14:])
	if d := f.Delivery; d != nil && d.Errno < 0 && f.Dir != capture.DirFromKernel {
		if r, ok := p.TakeFailed(proto, f.Process.PID, d.Errno); ok && len(r.Chain) > 0 {
			f.Comment = join(f.Comment, r.String())
		}
		return
	}
	if f.Dir == capture.DirToKernel || proto == protoUevent || proto == protoConnector {
		return
	}
	e := binary.NativeEndian
	for b := f.Data[capture.CookedLen:]; len(b) >= headerLen+4; {
		n := int(e.Uint32(b))
		if n < headerLen || n > len(b) {
			return
		}
		if t := e.Uint16(b[4:]); (t == nlmsgError || t == nlmsgDone) && n >= headerLen+4 {
			if errno := int32(e.Uint32(b[headerLen:])); errno < 0 {
				if r, ok := p.Take(proto, e.Uint32(b[12:]), e.Uint32(b[8:]), errno); ok {
					f.Comment = join(f.Comment, r.String())
				}
			}
		}
		b = b[min(len(b), (n+3)&^3):]
	}
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n" + b
}
