package layers

import (
	"bytes"
	"sync"

	"github.com/google/gopacket"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
)

// Session decodes the packets of one capture and remembers what they tell
// about later ones: the names of generic families and interfaces, the byte
// order, the requests that errors answer. It is a gopacket.Decoder and may be
// used by several goroutines.
//
// It learns from packets in the order in which it gets them. Used as a bare
// Decoder that is the order in which they are decoded, so a packet that
// gopacket.Lazy puts off teaches nothing until someone looks at it. With
// PacketSource it is the order in which they are read.
type Session struct {
	mu     sync.Mutex
	state  *dissect.Session
	number int    // of the last packet
	latest *frame // read, but not yet decoded
	bytes  []byte // its bytes
}

var _ gopacket.Decoder = (*Session)(nil)

// NewSession returns a Session for one capture.
func NewSession() *Session {
	return &Session{state: dissect.NewSession(dissect.OrderAuto)}
}

// frame is what is known of a packet before it is decoded.
type frame struct {
	owner   *Session
	in      dissect.Input // without Data
	process capture.Process
}

// alone knows of a packet what its own bytes tell.
func alone(data []byte) frame {
	f := frame{in: dissect.Input{Number: 1, Data: data, OrigLen: len(data)}}
	dissect.NewSession(dissect.OrderAuto).Prepare(&f.in, 0)
	return f
}

// Decode decodes a packet and adds its layer to p.
func (s *Session) Decode(data []byte, p gopacket.PacketBuilder) error {
	f := s.prepare(data, p)
	return build(&f, data, p)
}

// prepare returns what is known of a packet that is about to be decoded. It
// learns from the packet, unless that happened when it was read.
func (s *Session) prepare(data []byte, p gopacket.PacketBuilder) frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A lazy packet has its metadata by now; an eager one is decoded right
	// after it was read.
	if m, ok := p.(interface {
		Metadata() *gopacket.PacketMetadata
	}); ok {
		for _, a := range m.Metadata().AncillaryData {
			if f, ok := a.(*frame); ok && f.owner == s {
				return *f
			}
		}
	}
	if f := s.latest; f != nil && bytes.Equal(s.bytes, data) {
		s.latest, s.bytes = nil, nil
		return *f
	}
	return s.learn(data, &capture.Frame{Number: s.number + 1, OrigLen: len(data)})
}

// learn takes in a packet. s.mu is held.
func (s *Session) learn(data []byte, c *capture.Frame) frame {
	s.number = c.Number
	f := frame{owner: s, process: c.Process, in: dissect.Input{
		Number: c.Number, Data: data, OrigLen: c.OrigLen, Dir: dissect.Dir(c.Dir),
	}}
	s.state.Prepare(&f.in, c.Section)
	f.in.Data, f.in.Request = nil, bytes.Clone(f.in.Request)
	return f
}
