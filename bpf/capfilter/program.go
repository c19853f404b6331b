package capfilter

import (
	"encoding/binary"

	cbpf "golang.org/x/net/bpf"
)

// Filter is a capture filter. It does not change; any number of goroutines may
// use it.
type Filter struct {
	text string
	root node
}

// String returns the filter as it was typed.
func (f *Filter) String() string { return f.text }

// Dynamic says whether what the filter accepts depends on the ids of generic
// families. A program for it has to be made anew when the controller gives
// out or takes back an id; until then it accepts what has an id that was not
// known, and user space has to be told the names.
func (f *Filter) Dynamic() bool {
	found := false
	tests(f.root, func(t *test) {
		found = found || len(t.fams) > 0
		for _, c := range t.cmds {
			found = found || c.genl != ""
		}
	})
	return found
}

// Program is a filter for the kernel. It accepts every datagram in which a
// message passes the Filter, and maybe more: user space has to ask
// Filter.Match unless Exact is set.
type Program struct {
	Instructions []cbpf.Instruction
	Exact        bool
	filter       *Filter
	coarse       coarseness
	unresolved   []string // families without an id
}

// Raw returns the program in the form that SO_ATTACH_FILTER takes.
func (p *Program) Raw() ([]cbpf.RawInstruction, error) { return cbpf.Assemble(p.Instructions) }

// maxCost bounds a program. The kernel translates it to eBPF and charges that,
// 8 bytes an instruction, to the socket, which may have net.core.optmem_max:
// 20 KiB before Linux 6.8. A program that takes another's place is charged
// before that one is freed, so that two have to fit.
const maxCost = 1200

// cost is how many instructions of eBPF a program becomes at most
// (bpf_convert_filter and convert_bpf_ld_abs in net/core/filter.c).
func cost(program []cbpf.Instruction) int {
	n := 0
	for _, in := range program {
		switch in.(type) {
		case cbpf.LoadAbsolute:
			n += 14
		case cbpf.LoadExtension, cbpf.JumpIf, cbpf.JumpIfX:
			n += 3
		case cbpf.RetConstant:
			n += 2
		default:
			n++
		}
	}
	return n
}

// coarseness is what was given up to keep a program short.
type coarseness uint8

const (
	fine       coarseness = iota
	byProtocol            // every datagram is treated as if it had several messages
	everything            // nothing is dropped
)

// KnownIDs are the names of generic family ids at the time when a program is
// made.
type KnownIDs map[uint16]string

// Program translates the filter for an AF_PACKET socket on an nlmon interface,
// where a packet starts with the first nlmsghdr and skb->protocol is the
// netlink protocol. Accepted packets are cut to snap bytes, 0 for none.
func (f *Filter) Program(known KnownIDs, snap uint32) *Program {
	return f.program(known, snap, binary.NativeEndian.Uint16([]byte{0, 1}) == 1)
}

// program makes a program for a host of either byte order.
func (f *Filter) program(known KnownIDs, snap uint32, big bool) *Program {
	if snap == 0 {
		snap = ^uint32(0)
	}
	p := &Program{filter: f, unresolved: f.unresolved(known)}
	for p.coarse = fine; ; p.coarse++ {
		c := compiler{known: known, big: big, learn: f.Dynamic()}
		p.Instructions = c.compile(f.root, p.coarse, snap)
		if cost(p.Instructions) <= maxCost || p.coarse == everything {
			break
		}
	}
	p.Exact = onlyProtocols(f.root) && p.coarse == fine
	return p
}

func onlyProtocols(n node) bool {
	only := true
	tests(n, func(t *test) { only = only && t.kind == testProto })
	return only
}

// unresolved lists the families in the filter that have no id yet.
func (f *Filter) unresolved(known KnownIDs) []string {
	have := map[string]bool{nameCtrl: true}
	for _, n := range known {
		have[n] = true
	}
	var out []string
	note := func(name string) {
		if name != "" && !have[name] {
			have[name] = true
			out = append(out, name)
		}
	}
	tests(f.root, func(t *test) {
		for _, n := range t.fams {
			note(n)
		}
		for _, c := range t.cmds {
			note(c.genl)
		}
	})
	return out
}
