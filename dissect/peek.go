package dissect

// Describe finds out what a message that Headers.Next has found means, without
// decoding it: m is set as Frame sets it, but for the rows. It returns where
// the message's body starts.
func (d *Dissector) Describe(in *Input, h *Header, m *Msg) (body int) {
	d.in, d.data, d.big, d.dir, d.echo = in, in.Data, in.Big, in.Dir, false
	d.t.Proto, d.peek = in.Data[cookedLen-1], true
	d.missing = d.lost(int(min(int64(h.Off)+int64(h.Len), int64(in.OrigLen))), h.End)
	*m = Msg{
		Node: -1, Off: uint32(h.Off), Len: h.Len, Type: h.Type, Flags: h.Flags, Seq: h.Seq, PortID: h.PortID,
		Proto: d.t.Proto, Echo: -1, EchoOf: -1, ExtAck: ExtAck{Text: -1},
	}
	off := h.Off + hdrLen
	d.lookup(m, off, h.End)
	m.Dir = d.direction(m)
	if m.Type >= minType || m.Message != nil {
		d.class(m)
	}
	m.FlagSet = d.flagSet(m)
	if isAck(m) {
		if h.End-off >= 4 {
			m.HasErrno, m.Errno = true, int32(d.uint(off, 4))
		}
		return off
	}
	if m.HasGenl {
		off += 4
	}
	if m.Message != nil && m.Message.Body != nil {
		for _, b := range m.Message.Body.Bodies {
			if d.holds(b, m, off, h.End) {
				m.Body = b
				break
			}
		}
	}
	return off
}
