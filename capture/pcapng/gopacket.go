package pcapng

import (
	"github.com/google/gopacket"

	"github.com/nlsniff/nlsniff/capture"
)

var (
	_ capture.Source            = (*Reader)(nil)
	_ gopacket.PacketDataSource = (*Reader)(nil)
)

// ReadPacketData makes a Reader a gopacket.PacketDataSource. The data is a
// copy, with the cooked header at its start. The frame that it comes from,
// without its Data, is the one element of the CaptureInfo's AncillaryData.
//
// The errors are those of Next. gopacket.PacketSource goes on after all of
// them but io.EOF: a damaged part costs a consumer of its channel a pause of 5
// milliseconds, and a followed file is polled at that pace. A caller of
// NextPacket sees them.
func (r *Reader) ReadPacketData() ([]byte, gopacket.CaptureInfo, error) {
	var f capture.Frame
	if err := r.Next(&f); err != nil {
		return nil, gopacket.CaptureInfo{}, err
	}
	data := append([]byte(nil), f.Data...)
	f.Data = nil
	return data, gopacket.CaptureInfo{
		Timestamp:      f.Timestamp(),
		CaptureLength:  len(data),
		Length:         f.OrigLen,
		InterfaceIndex: f.Interface,
		AncillaryData:  []any{f},
	}, nil
}
