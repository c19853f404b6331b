package layers

import (
	"github.com/google/gopacket"

	"github.com/nlsniff/nlsniff/capture"
)

// PacketSource returns a source of decoded packets. They may be decoded
// lazily: what the session learns from a packet it learns when that is read.
func (s *Session) PacketSource(src gopacket.PacketDataSource) *gopacket.PacketSource {
	return gopacket.NewPacketSource(s.Source(src), s)
}

// Source returns src with the session listening in. Its packets are to be
// decoded by s.
//
// From a capture/pcapng.Reader the session takes more than the bytes: the
// section of the file, and direction and process where the file has them.
func (s *Session) Source(src gopacket.PacketDataSource) gopacket.PacketDataSource {
	return &listener{s, src}
}

type listener struct {
	session *Session
	src     gopacket.PacketDataSource
}

func (l *listener) ReadPacketData() ([]byte, gopacket.CaptureInfo, error) {
	data, ci, err := l.src.ReadPacketData()
	if err != nil {
		return data, ci, err
	}
	s := l.session
	s.mu.Lock()
	defer s.mu.Unlock()
	c := capture.Frame{Number: s.number + 1}
	for _, a := range ci.AncillaryData {
		if from, ok := a.(capture.Frame); ok {
			c = from
		}
	}
	c.OrigLen = max(ci.Length, len(data))
	f := s.learn(data, &c)
	s.latest, s.bytes = &f, data
	// The list may be the source's own.
	ci.AncillaryData = append(ci.AncillaryData[:len(ci.AncillaryData):len(ci.AncillaryData)], &f)
	return data, ci, nil
}
