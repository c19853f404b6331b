package dissect

import (
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/packet"
)

// packet decodes a packet of another protocol: a row for each of its headers.
// Their ID is gopacket's number of the layer.
func (d *Dissector) packet(t *families.Type, f *families.Field, off, end int) {
	if off >= end {
		return
	}
	var elements bool
	d.layers, elements = packet.Split(d.layers[:0], t.Layer, d.data[off:end])
	at := off
	for _, l := range d.layers {
		field := d.layerField(l.ID)
		i := d.leaf(KindMember, field, &field.Type, off+l.Off, off+l.End)
		d.t.Nodes[i].ID = l.ID
		at = off + l.End
	}
	switch {
	case elements && t.TLV != nil:
		d.tlv(t.TLV, at, end)
	case at < end:
		d.leaf(KindUnknown, f, nil, at, end)
	}
}

// layerField returns the description of a packet's layer.
func (d *Dissector) layerField(id uint16) *families.Field {
	f := d.layerFields[id]
	if f == nil {
		name := packet.Name(id)
		f = &families.Field{Name: name, Short: name, Type: families.Type{Kind: families.KindPacket}}
		if d.layerFields == nil {
			d.layerFields = map[uint16]*families.Field{}
		}
		d.layerFields[id] = f
	}
	return f
}
