package dissect

import "github.com/nlsniff/nlsniff/families"

// flagsByClass are the bits whose meaning depends on the message's class.
const flagsByClass = 0xf00

// class decides what a message does. It returns the flag bits of which it can
// be said whether they have a meaning.
func (d *Dissector) class(m *Msg) (known uint64) {
	switch {
	case m.Proto == families.ProtoGeneric && m.Dir == DirToKernel && m.Flags&flagDump == flagDump:
		// genl_family_rcv_msg takes both bits for a dump, whatever the
		// command is called.
		m.Class = families.ClassGet
	case m.Message != nil:
		m.Class = m.Message.Class
	default:
		return ^uint64(flagsByClass)
	}
	return ^uint64(0)
}

// protocol returns the messages of a classic protocol.
func (d *Dissector) protocol(p uint8) *families.Table {
	t := d.protos[p]
	if t == nil {
		t = d.db.Protocol(p)
		d.protos[p] = t
	}
	return t
}

// family returns the description of a generic family, nil if there is none.
func (d *Dissector) family(name string) *families.Family {
	f, ok := d.genl[name]
	if !ok {
		if len(d.genl) >= maxFamilies {
			clear(d.genl) // names that no kernel has room for
		}
		f = d.db.Genl(name)
		d.genl[name] = f
	}
	return f
}

// lookup finds the description of a message's type.
func (d *Dissector) lookup(m *Msg, off, end int) {
	if isControl(m) {
		return
	}
	reply := m.Flags&flagRequest == 0
	if m.Proto != families.ProtoGeneric {
		t := d.protocol(m.Proto)
		if m.Message = t.Lookup(m.Type, reply); m.Message == nil {
			m.Message = t.Datagram() // that happens to start like a message
		}
		if m.Message != nil {
			m.Family = m.Message.Family
		}
		return
	}
	m.GenlName = "nlctrl"
	if m.Type != genlCtrl {
		m.GenlName = d.in.IDs.Name(m.Type, d.in.Number)
	}
	if m.GenlName != "" {
		m.Family = d.family(m.GenlName)
	}
	if end-off >= 4 {
		m.HasGenl, m.GenlCmd, m.GenlVer = true, d.data[off], d.data[off+1]
		if m.Family != nil {
			t := m.Family.Table()
			if reply && m.Seq == 0 && m.PortID == 0 {
				// A multicast, unless it is a part of a dump: an answer
				// has the request's numbers.
				m.Message = t.Event(uint16(m.GenlCmd))
			}
			if m.Message == nil || m.Message.Event && d.endsDump() {
				if answer := t.Lookup(uint16(m.GenlCmd), reply); answer != nil {
					m.Message = answer
				}
			}
		}
	}
}

// endsDump says whether the frame has the NLMSG_DONE of a dump. What stands in
// one datagram with it answers the dump, even without its numbers: thermal's
// parts have none, and a multicast is a datagram of its own.
func (d *Dissector) endsDump() bool {
	if !d.doneSought {
		d.doneSought, d.done = true, false
		var h Header
		for walk := Scan(d.in); !d.done && walk.Next(&h); {
			d.done = h.Type == typeDone
		}
	}
	return d.done
}
