package flow

import (
	"strconv"

	"github.com/nlsniff/nlsniff/families"
)

// nameCache finds the names of operations.
type nameCache struct {
	db    *families.DB
	kinds kinds
	errno *families.Enum
}

// Who names the sender of a request: its process, its portid, or nothing.
func Who(e *Exchange) string {
	switch p := &e.Process; {
	case p.Comm != "" && p.PID != 0:
		return p.Comm + "[" + strconv.FormatUint(uint64(p.PID), 10) + "]"
	case p.Comm != "":
		return p.Comm
	case p.PID != 0:
		return "pid " + strconv.FormatUint(uint64(p.PID), 10)
	case e.PortID != 0:
		return "portid " + strconv.FormatUint(uint64(e.PortID), 10)
	}
	return "unknown"
}

func (n *nameCache) errnoName(errno int32) string {
	if n.errno != nil {
		if s := n.errno.ValueName(uint64(-int64(errno))); s != "" {
			return s
		}
	}
	return "errno " + strconv.Itoa(int(-errno))
}

// of returns the names of an exchange's family and operation.
func (n *nameCache) of(e *Exchange) (family, op string) {
	if e.Batch {
		return "nftables", "batch"
	}
	proto := families.ProtocolName(e.Proto)
	if proto == "" {
		proto = "NETLINK_" + strconv.Itoa(int(e.Proto))
	}
	if e.Proto != families.ProtoGeneric || e.Type < minType {
		if m := n.kinds.message(e.Proto, e.Type, false); m != nil && (e.Type >= minType || e.Proto == families.ProtoISCSI) {
			return m.Family.Name, m.Name
		}
		return proto, proto + " type " + strconv.Itoa(int(e.Type))
	}
	name := "nlctrl"
	if e.Type != minType {
		frame := e.Request.Frame
		if frame == 0 {
			frame = e.First.Frame
		}
		name = e.IDs.Name(e.Type, frame)
	}
	if name == "" {
		name = "genl " + strconv.Itoa(int(e.Type))
	}
	if f := n.db.Genl(name); f != nil && e.HasCmd {
		if m := f.Table().Lookup(uint16(e.Cmd), e.State == Orphan); m != nil {
			return f.Name, m.Name
		}
	}
	if !e.HasCmd {
		return name, name
	}
	return name, name + " cmd " + strconv.Itoa(int(e.Cmd))
}
