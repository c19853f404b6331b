package families

import (
	"errors"
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
	use    []*Family         // whose names may be used
	values map[string]string // the other names that names of enums stand for
	no     int
	depth  int            // of the type that is being read
	later  []func() error // what can be checked once structs are laid out
}

func (p *parser) fail(format string, args ...any) error {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = clip(s)
		}
	}
	return &SpecError{p.file, p.no, fmt.Sprintf(format, args...)}
}

// ParseSpec reads a description in nlsniff's own language, which
// docs/descriptions.md explains. load finds the descriptions that it uses.
func ParseSpec(file, text string, load func(name string) (*Family, error)) (*Family, error) {
	return parseSpec(&scratch{}, file, text, load)
}

func parseSpec(s *scratch, file, text string, load func(name string) (*Family, error)) (*Family, error) {
	blocks, err := s.scan(file, text)
	if err != nil {
		return nil, err
	}
	p := &parser{file: file, fam: newFamily()}
	p.fam.Origin = file
	if err := p.declare(blocks, load); err != nil {
		return nil, err
	}
	// What one block names, a later one may define. Constants come first:
	// they decide whether another block's words are numbers.
	p.gather(blocks)
	for _, constants := range []bool{true, false} {
		for _, b := range blocks {
			p.no = b.no
			if k := b.words[0]; (k == "enum" || k == "numbers" || k == "flags") != constants {
				continue
			}
			if err := p.define(b); err != nil {
				return nil, err
			}
		}
	}
	if err := p.layout(blocks); err != nil {
		return nil, err
	}
	for _, check := range p.later {
		if err := check(); err != nil {
			return nil, err
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

// layout lays out the structs, so that a mistake is reported with its line.
func (p *parser) layout(blocks []block) error {
	at := map[*Struct]*block{}
	for i := range blocks {
		if blocks[i].words[0] == "struct" {
			at[p.fam.Structs[blocks[i].words[1]]] = &blocks[i]
		}
	}
	for i := range blocks {
		if blocks[i].words[0] != "struct" {
			continue
		}
		err := p.fam.Structs[blocks[i].words[1]].layout()
		var e *layoutError
		if errors.As(err, &e) {
			p.no = blocks[i].no
			if b := at[e.in]; b != nil {
				p.no = b.no
				if e.member >= 0 {
					p.no = b.body[e.member].no
				}
			}
			return p.fail("%v", err)
		}
	}
	return nil
}

func newFamily() *Family {
	return &Family{
		Subsys: -1, Bodies: map[string]*BodySet{}, Sets: map[string]*AttrSet{},
		Structs: map[string]*Struct{}, Enums: map[string]*Enum{}, Subs: map[string]*SubMessage{},
	}
}

// declare reads the file's head and creates everything that has a name.
func (p *parser) declare(blocks []block, load func(string) (*Family, error)) error {
	said := map[string]bool{} // what a file says once
	for _, b := range blocks {
		p.no = b.no
		w := b.words
		if err := p.blockHead(w, said); err != nil {
			return err
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
			if len(w) > 2 {
				v, err := strconv.ParseUint(word(w, 3), 0, 8)
				if err != nil || w[2] != "version" {
					return p.fail("want: genl NAME version N")
				}
				p.fam.Version = uint8(v)
			}
		case "subsys":
			n, err := strconv.ParseUint(w[1], 0, 8)
			if err != nil {
				return p.fail("bad subsystem %s", w[1])
			}
			p.fam.Subsys = int(n)
		case "base":
			n, err := strconv.ParseUint(w[1], 0, 16)
			if err != nil {
				return p.fail("bad number %s", w[1])
			}
			p.fam.Base = uint16(n)
		case "ids":
			ids, ok := readRanges(w[1:])
			if !ok {
				return p.fail("want: ids N or N-N")
			}
			p.fam.ids = append(p.fam.ids, ids...)
		case "unknown":
			if w[1] != "secret" {
				return p.fail("want: unknown secret")
			}
			p.fam.Keyed = true
		case "headers":
			p.fam.Headers = append(p.fam.Headers, w[1:]...)
		case "use":
			for _, n := range w[1:] {
				f, err := load(n)
				if err != nil {
					return p.fail("use %s: %v", n, err)
				}
				p.use = append(p.use, f)
			}
			p.fam.Use = append(p.fam.Use, w[1:]...)
		case "enum", "numbers", "flags", "bits":
			err = declare(p.fam.Enums, w[1], &Enum{Name: w[1], Prefix: word(w, 2), Numbers: w[0] == "numbers"})
		case "struct":
			err = declare(p.fam.Structs, w[1], &Struct{Name: w[1], Packed: word(w, 2) == "packed"})
		case "attrs", "tlv":
			err = declare(p.fam.Sets, w[1], &AttrSet{Name: w[1], Prefix: word(w, 2), Keyed: word(w, 3) == "secret"})
		case "sub":
			if t := word(w, 2); t != "" && t != "tagged" {
				return p.fail("unexpected %s", t)
			}
			err = declare(p.fam.Subs, w[1], &SubMessage{Name: w[1], Tagged: word(w, 2) == "tagged"})
		case "body":
			err = declare(p.fam.Bodies, w[1], &BodySet{Name: w[1]})
		}
		if err != nil {
			return p.fail("%v", err)
		}
	}
	if p.fam.Name == "" {
		p.no = 1
		return p.fail("no family line")
	}
	for _, b := range blocks {
		switch b.words[0] {
		case "messages", "requests", "replies", "events", "datagram":
			if !said["protocol"] {
				p.no = b.no
				return p.fail("%s need a protocol or genl line", b.words[0])
			}
		}
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
	name = strings.TrimPrefix(name, prefix)
	b := make([]byte, len(name))
	for i := range b {
		switch c := name[i]; {
		case c == '_':
			b[i] = '-'
		case c >= 'A' && c <= 'Z':
			b[i] = c + ('a' - 'A')
		default:
			b[i] = c
		}
	}
	return string(b)
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
