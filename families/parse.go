package families

import (
	"fmt"
	"strconv"
	"strings"
)

// protocolNames are the NETLINK_ numbers of linux/netlink.h.
var protocolNames = map[uint8]string{
	0: "NETLINK_ROUTE", 1: "NETLINK_UNUSED", 2: "NETLINK_USERSOCK", 3: "NETLINK_FIREWALL",
	4: "NETLINK_SOCK_DIAG", 5: "NETLINK_NFLOG", 6: "NETLINK_XFRM", 7: "NETLINK_SELINUX",
	8: "NETLINK_ISCSI", 9: "NETLINK_AUDIT", 10: "NETLINK_FIB_LOOKUP", 11: "NETLINK_CONNECTOR",
	12: "NETLINK_NETFILTER", 13: "NETLINK_IP6_FW", 14: "NETLINK_DNRTMSG",
	15: "NETLINK_KOBJECT_UEVENT", 16: "NETLINK_GENERIC", 18: "NETLINK_SCSITRANSPORT",
	19: "NETLINK_ECRYPTFS", 20: "NETLINK_RDMA", 21: "NETLINK_CRYPTO", 22: "NETLINK_SMC",
}

// ProtocolName returns the uapi name of a netlink protocol, or "".
func ProtocolName(p uint8) string { return protocolNames[p] }

// ProtocolNumber finds a protocol by its uapi name.
func ProtocolNumber(name string) (uint8, bool) {
	for n, s := range protocolNames {
		if s == name {
			return n, true
		}
	}
	return 0, false
}

// parser turns the blocks of one description into a Family.
type parser struct {
	file   string
	fam    *Family
	use    []*Family // whose names may be used
	no     int
	bodies map[string]block
}

func (p *parser) fail(format string, args ...any) error {
	return &specError{p.file, p.no, fmt.Sprintf(format, args...)}
}

// ParseSpec reads a description in nlsniff's own language, which
// docs/descriptions.md explains. load finds the descriptions that it uses.
func ParseSpec(file, text string, load func(name string) (*Family, error)) (*Family, error) {
	blocks, err := scan(file, text)
	if err != nil {
		return nil, err
	}
	p := &parser{file: file, bodies: map[string]block{}, fam: newFamily()}
	p.fam.Origin = file
	if err := p.declare(blocks, load); err != nil {
		return nil, err
	}
	// What one block names, a later one may define. Constants come first:
	// they decide whether another block's words are numbers.
	for _, constants := range []bool{true, false} {
		for _, b := range blocks {
			p.no = b.no
			if k := b.words[0]; (k == "enum" || k == "flags") != constants {
				continue
			}
			if err := p.define(b); err != nil {
				return nil, err
			}
		}
	}
	if err := p.fam.link(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, b := range blocks {
		if err := p.bindLines(b); err != nil {
			return nil, err
		}
	}
	return p.fam, nil
}

func newFamily() *Family {
	return &Family{
		Subsys: -1, Bodies: map[string]*BodySet{}, Sets: map[string]*AttrSet{},
		Structs: map[string]*Struct{}, Enums: map[string]*Enum{}, Subs: map[string]*SubMessage{},
	}
}

// declare reads the file's head and creates everything that has a name.
func (p *parser) declare(blocks []block, load func(string) (*Family, error)) error {
	for _, b := range blocks {
		p.no = b.no
		w := b.words
		if len(w) < 2 && w[0] != "messages" && w[0] != "requests" && w[0] != "replies" && w[0] != "groups" {
			return p.fail("%s needs a name", w[0])
		}
		var err error
		switch w[0] {
		case "family":
			p.fam.Name = w[1]
		case "protocol":
			n, ok := ProtocolNumber(w[1])
			if !ok {
				return p.fail("unknown protocol %s", w[1])
			}
			p.fam.Protocol = n
		case "genl":
			p.fam.Protocol, p.fam.Genl = ProtoGeneric, w[1]
			if len(w) == 4 && w[2] == "version" {
				v, err := strconv.ParseUint(w[3], 0, 8)
				if err != nil {
					return p.fail("bad version %s", w[3])
				}
				p.fam.Version = uint8(v)
			}
		case "subsys":
			p.fam.Subsys, err = strconv.Atoi(w[1])
			if err != nil || p.fam.Subsys < 0 || p.fam.Subsys > 255 {
				return p.fail("bad subsystem %s", w[1])
			}
		case "headers":
			p.fam.Headers = w[1:]
		case "use":
			for _, n := range w[1:] {
				f, err := load(n)
				if err != nil {
					return p.fail("use %s: %v", n, err)
				}
				p.use = append(p.use, f)
			}
			p.fam.Use = append(p.fam.Use, w[1:]...)
		case "enum", "flags", "bits":
			err = declare(p.fam.Enums, w[1], &Enum{Name: w[1], Prefix: word(w, 2)})
		case "struct":
			err = declare(p.fam.Structs, w[1], &Struct{Name: w[1], Packed: word(w, 2) == "packed"})
		case "attrs", "tlv":
			err = declare(p.fam.Sets, w[1], &AttrSet{Name: w[1], Prefix: word(w, 2)})
		case "sub":
			err = declare(p.fam.Subs, w[1], &SubMessage{Name: w[1]})
		case "body":
			err = declare(p.fam.Bodies, w[1], &BodySet{Name: w[1]})
		case "messages", "requests", "replies", "groups":
		default:
			return p.fail("unknown block %s", w[0])
		}
		if err != nil {
			return p.fail("%v", err)
		}
	}
	if p.fam.Name == "" {
		p.no = 1
		return p.fail("no family line")
	}
	return nil
}

func declare[T any](m map[string]*T, name string, v *T) error {
	if _, ok := m[name]; ok {
		return fmt.Errorf("%s is there twice", name)
	}
	m[name] = v
	return nil
}

func word(w []string, i int) string {
	if i < len(w) {
		return w[i]
	}
	return ""
}

// shortName derives the YNL spelling from a uapi name.
func shortName(name, prefix string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, prefix)), "_", "-")
}

func find[T any](p *parser, own map[string]*T, in func(*Family) map[string]*T, name string) *T {
	if v := own[name]; v != nil {
		return v
	}
	for _, f := range p.use {
		if v := in(f)[name]; v != nil {
			return v
		}
	}
	return nil
}

func (p *parser) enum(n string) *Enum {
	return find(p, p.fam.Enums, func(f *Family) map[string]*Enum { return f.Enums }, n)
}
func (p *parser) strct(n string) *Struct {
	return find(p, p.fam.Structs, func(f *Family) map[string]*Struct { return f.Structs }, n)
}
func (p *parser) set(n string) *AttrSet {
	return find(p, p.fam.Sets, func(f *Family) map[string]*AttrSet { return f.Sets }, n)
}
func (p *parser) sub(n string) *SubMessage {
	return find(p, p.fam.Subs, func(f *Family) map[string]*SubMessage { return f.Subs }, n)
}
func (p *parser) body(n string) *BodySet {
	return find(p, p.fam.Bodies, func(f *Family) map[string]*BodySet { return f.Bodies }, n)
}

// constant resolves a number or the name of an enum value.
func (p *parser) constant(s string) (uint64, bool) {
	if v, err := strconv.ParseUint(s, 0, 64); err == nil {
		return v, true
	}
	if a, b, ok := strings.Cut(s, "<<"); ok {
		x, err1 := strconv.ParseUint(a, 0, 64)
		n, err2 := strconv.ParseUint(b, 0, 8)
		return x << n, err1 == nil && err2 == nil && n < 64
	}
	for _, f := range append([]*Family{p.fam}, p.use...) {
		for _, e := range f.Enums {
			for _, x := range e.Entries {
				if x.Name == s {
					return x.Value, true
				}
			}
		}
	}
	return 0, false
}
