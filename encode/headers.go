package encode

import (
	"fmt"
	"math"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// headers reads what nlmsghdr and genlmsghdr are to say. A name counts for more
// than the number beside it.
func (e *encoder) headers(h *header, nl, genl *Value, table *families.Table) error {
	var err error
	if h.typ, err = field16(nl, "type_id"); err != nil {
		return at("nlmsg", err)
	}
	name := textOf(nl.Get("type"))
	if h.proto == families.ProtoGeneric {
		if f := textOf(genl.Get("family")); f != "" {
			name = f
		}
		if err := e.genlHeader(h, genl, name); err != nil {
			return err
		}
	} else if name != "" {
		if typ, ok := e.typeOf(table, name); ok {
			h.typ = typ
		} else if nl.Get("type_id") == nil {
			return at("nlmsg/type", fmt.Errorf("%s has no message %q", families.ProtocolName(h.proto), name))
		}
	}
	if h.proto != families.ProtoGeneric {
		h.desc = table.Lookup(h.typ, e.dir == dissect.DirFromKernel)
		if h.desc != nil {
			h.fam = h.desc.Family
		}
		e.id = uint64(h.typ)
	}
	if h.flags, err = e.nlmsgFlags(h, nl); err != nil {
		return at("nlmsg/flags", err)
	}
	if h.seq, err = field32(nl, "seq"); err != nil {
		return at("nlmsg", err)
	}
	if h.portid, err = field32(nl, "portid"); err != nil {
		return at("nlmsg", err)
	}
	return nil
}

// typeOf finds a message type by its name or number.
func (e *encoder) typeOf(table *families.Table, name string) (uint16, bool) {
	if x, err := parseNumber(name); err == nil && x <= math.MaxUint16 {
		return uint16(x), true
	}
	for _, m := range table.Messages() {
		if m.Name == name {
			return m.ID, true
		}
	}
	for _, m := range table.Messages() {
		if m.Short == name {
			return m.ID, true
		}
	}
	for i, n := range [...]string{"NLMSG_NOOP", "NLMSG_ERROR", "NLMSG_DONE", "NLMSG_OVERRUN"} {
		if n == name {
			return uint16(i + 1), true
		}
	}
	return 0, false
}

// genlHeader reads the header of a generic message.
func (e *encoder) genlHeader(h *header, genl *Value, name string) error {
	if genl == nil { // too short for one
		return nil
	}
	h.genl, h.hasGenl = name, true
	if name == "nlctrl" {
		h.typ = genlCtrl
	} else if e.opt.FamilyID != nil && name != "" {
		id := e.opt.FamilyID(name)
		if id == 0 {
			return at("genl/family", fmt.Errorf("the kernel has no generic family %q (hint: its module may not be loaded)", name))
		}
		h.typ = id
	}
	h.fam = e.db.Genl(name)
	cmd, err := field16(genl, "cmd_id")
	if err != nil {
		return at("genl", err)
	}
	if s := textOf(genl.Get("cmd")); s != "" {
		m := command(h.fam, s, e.dir == dissect.DirFromKernel)
		x, err := parseNumber(s)
		switch {
		case m != nil:
			cmd = m.ID
		case err == nil && x <= math.MaxUint8:
			cmd = uint16(x)
		case genl.Get("cmd_id") == nil:
			return at("genl/cmd", fmt.Errorf("%s has no command %q", name, s))
		}
	}
	if cmd > math.MaxUint8 {
		return at("genl/cmd_id", fmt.Errorf("%d does not fit into 8 bits", cmd))
	}
	h.cmd, e.id = uint8(cmd), uint64(cmd)
	if h.fam != nil {
		h.ver = h.fam.Version
		h.desc = h.fam.Table().Lookup(cmd, e.dir == dissect.DirFromKernel)
	}
	if genl.Get("version") != nil {
		v, err := field16(genl, "version")
		if err != nil || v > math.MaxUint8 {
			return at("genl/version", fmt.Errorf("%q is no number of 8 bits", textOf(genl.Get("version"))))
		}
		h.ver = uint8(v)
	}
	return nil
}

// command finds a generic command by its name.
func command(f *families.Family, name string, reply bool) *families.Message {
	if f == nil {
		return nil
	}
	var found *families.Message
	for _, m := range f.Messages {
		if m.Name != name && m.Short != name {
			continue
		}
		if found == nil || reply && m.Rep || !reply && m.Req {
			found = m
		}
	}
	return found
}

// nlmsgFlags reads the flags of a message: names, or the number.
func (e *encoder) nlmsgFlags(h *header, nl *Value) (uint16, error) {
	id, err := field16(nl, "flags_id")
	if err != nil {
		return 0, err
	}
	list := nl.Get("flags")
	if list == nil {
		return id, nil
	}
	if nl.Get("flags_id") != nil && (list.Shape == List && len(list.Items) == 0 && id != 0) {
		return 0, nil
	}
	core, err := e.db.Load("netlink")
	if err != nil {
		return 0, err
	}
	class := families.ClassOther
	if h.desc != nil {
		class = h.desc.Class
	}
	sets := []*families.Enum{core.Enums["nlm-flags"], core.Enums["nlm-get"], core.Enums["nlm-new"], core.Enums["nlm-del"], core.Enums["nlm-ack"]}
	first := map[families.Class]int{families.ClassGet: 1, families.ClassNew: 2, families.ClassDel: 3}[class]
	order := append([]*families.Enum{sets[first]}, sets...)
	words := splitFlags(list)
	var out uint64
next:
	for _, w := range words {
		if w == "DUMP" || w == "NLM_F_DUMP" {
			out |= 0x300
			continue
		}
		if x, err := parseNumber(w); err == nil {
			out |= x
			continue
		}
		for _, s := range order {
			if x, ok := s.Value(s.Prefix + strings.TrimPrefix(w, s.Prefix)); ok {
				out |= x
				continue next
			}
		}
		return 0, fmt.Errorf("%q is no flag (hint: REQUEST, ACK, ECHO, DUMP, CREATE, EXCL, REPLACE, APPEND)", w)
	}
	if out > math.MaxUint16 {
		return 0, fmt.Errorf("%#x does not fit into 16 bits", out)
	}
	return uint16(out), nil
}

func splitFlags(v *Value) []string {
	if v.Shape != List {
		return strings.FieldsFunc(v.Text, func(r rune) bool { return r == '|' || r == ',' })
	}
	var out []string
	for _, x := range v.Items {
		out = append(out, x.Text)
	}
	return out
}

func field16(v *Value, key string) (uint16, error) {
	x, err := field(v, key, math.MaxUint16)
	return uint16(x), err
}

func field32(v *Value, key string) (uint32, error) {
	x, err := field(v, key, math.MaxUint32)
	return uint32(x), err
}

func field(v *Value, key string, most uint64) (uint64, error) {
	f := v.Get(key)
	if f == nil {
		return 0, nil
	}
	x, err := parseNumber(f.Text)
	if err != nil || x > most {
		return 0, at(key, fmt.Errorf("%q is no number up to %d", f.Text, most))
	}
	return x, nil
}
