package pcapng

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Section describes one section of a pcapng file (pcapng draft section 4.1),
// or a whole pcap file.
type Section struct {
	// Order is the byte order of the section's headers. It hints at that of
	// the captured messages, since captures are mostly written where they
	// are made.
	Order binary.ByteOrder
	// Hardware, OS and UserAppl describe the host that made the section and
	// the program that wrote it.
	Hardware, OS, UserAppl string
	Comment                string
	Interfaces             []Interface
}

// Interface describes one capture interface (pcapng draft section 4.2).
type Interface struct {
	LinkType    capture.LinkType
	Name        string
	Description string
	Hardware    string
	OS          string
	Filter      string // capture filter, without its leading type byte
	Comment     string
	// SnapLen is the most bytes captured of a frame, 0 for no limit. It is a
	// claim: nothing in this package relies on it to bound memory.
	SnapLen uint32
	// Resolution is if_tsresol as the file has it: a tick is 10^-n seconds,
	// or 2^-n with the high bit set.
	Resolution uint8
	// Offset is if_tsoffset: seconds to add to every timestamp.
	Offset int64
}

// The most sections and interfaces, in total, and the most bytes of their
// strings that are kept: a file of nothing else must not fill the memory.
const (
	maxSections   = 1 << 18
	maxInterfaces = 1 << 18
	maxTextKept   = 8 << 20
)

// iface is what decoding a packet needs of its interface.
type iface struct {
	link    capture.LinkType
	snapLen uint32
	time    resolution
	netns   string // as its description names it
}

// section is what decoding a block needs of its section.
type section struct {
	number int
	format Format
	e      endian
	ifaces []iface
}

// textBudget limits the strings kept of sections and interfaces.
type textBudget struct{ used int }

// keep copies v as a string if there is room for it. The draft wants strings
// without a NUL at their end; writers disagree.
func (t *textBudget) keep(v []byte) string {
	if t.used+len(v) > maxTextKept {
		return ""
	}
	t.used += len(v)
	return strings.TrimRight(string(v), "\x00")
}

// parseSection reads a Section Header Block. It reports false for a section
// of a version other than 1, which a reader must pass over.
func parseSection(b *Block, text *textBudget) (s Section, known bool, err error) {
	s.Order = b.Order
	body := b.body()
	if major := b.e.u16(body[4:]); major != 1 {
		return s, false, corrupt(b, fmt.Sprintf("section of pcapng version %d.%d, not 1.0, is passed over", major, b.e.u16(body[6:])))
	}
	list := optionList{rest: b.optionBytes(), e: b.e}
	for list.next() {
		switch list.code {
		case OptComment:
			s.Comment = text.keep(list.value)
		case OptSectionHardware:
			s.Hardware = text.keep(list.value)
		case OptSectionOS:
			s.OS = text.keep(list.value)
		case OptSectionUserAppl:
			s.UserAppl = text.keep(list.value)
		}
	}
	return s, true, damagedOptions(b, &list)
}

// parseInterface reads an Interface Description Block. It returns an interface
// in any case: interfaces are numbered by their blocks, damaged or not.
func parseInterface(b *Block, text *textBudget) (Interface, error) {
	body := b.body()
	if len(body) < interfaceBodyLen {
		return Interface{}, corrupt(b, fmt.Sprintf("interface description block of %s, need at least %d", phrase.Count(len(b.Raw), "byte"), minBlock+interfaceBodyLen))
	}
	i := Interface{
		LinkType:   capture.LinkType(b.e.u16(body)),
		SnapLen:    b.e.u32(body[4:]),
		Resolution: defaultResolution,
	}
	list := optionList{rest: b.optionBytes(), e: b.e}
	for list.next() {
		v := list.value
		switch list.code {
		case OptComment:
			i.Comment = text.keep(v)
		case OptInterfaceName:
			i.Name = text.keep(v)
		case OptInterfaceDescription:
			i.Description = text.keep(v)
		case OptInterfaceHardware:
			i.Hardware = text.keep(v)
		case OptInterfaceOS:
			i.OS = text.keep(v)
		case OptInterfaceFilter:
			if len(v) > 0 && v[0] == 0 { // 0: a filter string, 1: BPF code
				i.Filter = text.keep(v[1:])
			}
		case OptInterfaceResolution:
			if len(v) == 1 {
				i.Resolution = v[0]
			}
		case OptInterfaceOffset:
			if len(v) == 8 {
				i.Offset = int64(b.e.u64(v))
			}
		}
	}
	return i, damagedOptions(b, &list)
}

func (i *Interface) decoding() iface {
	return iface{link: i.LinkType, snapLen: i.SnapLen, time: newResolution(i.Resolution, i.Offset), netns: i.namespace()}
}

// namespaceIs is how the description of an interface begins that is in a network
// namespace with a name.
const namespaceIs = "network namespace "

// DescribeNamespace returns a description of an interface that Frame.Namespace is
// read from again. An empty name leaves the inode number alone.
func DescribeNamespace(name string, inode uint64) string {
	if name == "" {
		return fmt.Sprintf("%s%d", namespaceIs, inode)
	}
	return fmt.Sprintf("%s%s (%d)", namespaceIs, name, inode)
}

// namespace returns the name in a description that DescribeNamespace made.
func (i *Interface) namespace() string {
	rest, ok := strings.CutPrefix(i.Description, namespaceIs)
	at := strings.LastIndex(rest, " (")
	if !ok || at < 0 || !strings.HasSuffix(rest, ")") {
		return ""
	}
	if _, err := strconv.ParseUint(rest[at+2:len(rest)-1], 10, 64); err != nil {
		return ""
	}
	return rest[:at]
}

// corrupt reports a block whose frame is sound but whose content is not.
func corrupt(b *Block, reason string) error {
	return &capture.CorruptError{Offset: b.Offset, Skipped: int64(len(b.Raw)), Reason: reason}
}

// damagedOptions reports the options that list could not read, or nil.
func damagedOptions(b *Block, list *optionList) error {
	if !list.damaged {
		return nil
	}
	return &capture.CorruptError{
		Offset:  b.Offset + int64(len(b.Raw)-4-len(list.rest)),
		Skipped: int64(len(list.rest)),
		Reason:  fmt.Sprintf("options of the block at offset %d pass its end", b.Offset),
	}
}
