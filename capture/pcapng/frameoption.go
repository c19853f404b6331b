package pcapng

import (
	"bytes"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
)

// A frame's direction and process go into its packet block three times over,
// for three kinds of readers:
//
//   - epb_flags, which has inbound and outbound (pcapng draft section 4.3.1):
//     from and to the kernel;
//   - a comment that Wireshark shows, such as "pid=183 comm=ip";
//   - our own option, below, which alone keeps every member exactly. Where it
//     is there, it wins.
//
// Our option is a custom binary option that other programs may copy (code
// 2989, pcapng draft section 3.5.1), since it stays true wherever the packet
// goes. Custom options start with the Private Enterprise Number of who defined
// them. nlsniff has none, so it takes 4294967295, which RFC 9371 reserves:
// nobody will ever be given it. That does not keep other programs from the
// same idea, hence the magic behind it. The value is:
//
//	offset  bytes
//	     0      4  4294967295 in either byte order
//	     4      8  "nlsniff" and a NUL
//	    12      1  version, 1, or 2 with a delivery
//	    13      1  direction, a capture.Direction
//	    14      1  flags, capture.Flags
//	    15      1  1: users and control groups are behind everything else (useroption.go)
//	    16      4  pid
//	    20      4  tid
//	    24      8  inode number of the network namespace
//	    32      2  length of comm
//	    34      2  length of exe
//	    36         comm, then exe, then the delivery (deliveryoption.go)
//
// Integers are little-endian whatever the section's byte order: a program
// that changes the order of a file does not know to swap them. A later
// version may append to the value, so a reader ignores what follows exe.
const (
	privateEnterprise = 0xffffffff
	frameOptionMagic  = "nlsniff\x00"
	frameOptionV1     = 1
	frameOptionLen    = 36
	// The kernel's limits are 16 and 4096 bytes (TASK_COMM_LEN, PATH_MAX).
	maxComm = 1 << 10
	maxExe  = 32 << 10
)

// flagsDirection is the mask of the direction in epb_flags.
const flagsDirection = 3

// Values of the direction in epb_flags.
const (
	flagsInbound  = 1
	flagsOutbound = 2
)

// appendFrameOptions appends the options that keep what the packet block
// itself has no room for, of a frame that is not plain.
func appendFrameOptions(b []byte, e endian, f *capture.Frame) []byte {
	from := len(b)
	var flags uint32
	switch f.Dir {
	case capture.DirFromKernel:
		flags = flagsInbound
	case capture.DirToKernel:
		flags = flagsOutbound
	}
	if flags != 0 {
		b = e.append16(b, OptPacketFlags)
		b = e.append16(b, 4)
		b = e.append32(b, flags)
	}
	p := f.Process
	p.Comm, p.Exe, p.Cgroup = p.Comm[:min(len(p.Comm), maxComm)], p.Exe[:min(len(p.Exe), maxExe)], p.Cgroup[:min(len(p.Cgroup), maxCgroup)]
	named := p != capture.Process{}
	if named {
		b = appendMachineComment(b, e, func(b []byte) []byte { return appendProcess(b, &p) })
	}
	if f.Delivery != nil {
		b = appendMachineComment(b, e, func(b []byte) []byte { return appendDeliveryText(b, f.Delivery) })
	}
	b = appendText(b, e, OptComment, f.Comment)
	if named || f.Delivery != nil || needsFrameOption(f) {
		b = appendFrameOption(b, e, f, &p)
	}
	return appendEnd(b, from)
}

// isPlain reports whether there is nothing that options would keep, as of most frames
// of a live capture.
func isPlain(f *capture.Frame) bool {
	p := &f.Process
	return f.Dir == capture.DirUnknown && f.Flags == 0 && len(f.Comment) == 0 && f.Delivery == nil &&
		p.PID|p.TID == 0 && p.NetNS == 0 && !p.HasUID && len(p.Comm)+len(p.Exe)+len(p.Cgroup) == 0
}

// needsFrameOption reports whether a frame without a process has something
// that the standard options cannot say, or would say wrongly.
func needsFrameOption(f *capture.Frame) bool {
	derived := capture.Flags(0)
	if f.OrigLen > len(f.Data) {
		derived = capture.FlagTruncated
	}
	if f.Flags|derived != derived || f.Dir > capture.DirFromKernel {
		return true
	}
	_, mistaken := parseProcess(f.Comment)
	return mistaken || strings.HasPrefix(f.Comment, string(deliveryComment))
}

// appendMachineComment appends a comment in place: its text is not known to
// be short until it is there.
func appendMachineComment(b []byte, e endian, text func([]byte) []byte) []byte {
	from := len(b)
	b = text(append(b, 0, 0, 0, 0))
	b = b[:min(len(b), from+4+maxOption)]
	n := len(b) - from - 4
	e.append16(e.append16(b[:from], OptComment), uint16(n))
	return appendPad(b, n)
}

// appendFrameOption appends our own option. The names in p have been cut to
// what it can hold.
func appendFrameOption(b []byte, e endian, f *capture.Frame, p *capture.Process) []byte {
	from := len(b)
	version := byte(frameOptionV1)
	if f.Delivery != nil {
		version = frameOptionV2
	}
	b = e.append16(b, OptCustomBinary)
	b = append(b, 0, 0) // the length, below
	b = e.append32(b, privateEnterprise)
	b = append(b, frameOptionMagic...)
	b = append(b, version, byte(f.Dir), byte(f.Flags), 0)
	b = little.append32(b, p.PID)
	b = little.append32(b, p.TID)
	b = little.append64(b, p.NetNS)
	b = little.append16(b, uint16(len(p.Comm)))
	b = little.append16(b, uint16(len(p.Exe)))
	b = append(b, p.Comm...)
	b = append(b, p.Exe...)
	users, room, receivers := hasUsers(f), maxOption-(len(b)-from-4), 0
	if users {
		room -= userLen(p)
	}
	if f.Delivery != nil {
		b, receivers = appendDelivery(b, f.Delivery, room, users)
	}
	if users {
		b[from+4+15] = 1
		b = appendUser(b, p)
		for i := range receivers {
			b = appendUser(b, &f.Delivery.Receivers[i].Process)
		}
	}
	n := len(b) - from - 4
	e.append16(b[:from+2], uint16(n))
	return appendPad(b, n)
}

// maxComment is how many bytes of the comments of a frame are kept: an option has
// no more, but there can be any number of them.
const maxComment = 65536

// readFrameOptions is the inverse of appendFrameOptions. Several comments of
// people become one, a line each.
func readFrameOptions(f *capture.Frame, list *optionList, kept *keeper) {
	var machine, delivery []byte // the first comments, if they may be ours
	people := kept.comments[:0]
	defer func() { kept.comments = people }()
	first, exact := true, false
	for list.next() {
		switch list.code {
		case OptPacketFlags:
			if len(list.value) == 4 && !exact {
				switch list.e.u32(list.value) & flagsDirection {
				case flagsInbound:
					f.Dir = capture.DirFromKernel
				case flagsOutbound:
					f.Dir = capture.DirToKernel
				}
			}
		case OptComment:
			switch {
			case first && bytes.HasPrefix(list.value, []byte("pid=")):
				machine = list.value
			case delivery == nil && len(people) == 0 && bytes.HasPrefix(list.value, deliveryComment):
				delivery = list.value
			default:
				people = addComment(people, list.value)
			}
			first = false
		case OptCustomBinary:
			exact = readFrameOption(f, list.value, kept) || exact
		}
	}
	f.Comment = string(people)
	if delivery != nil && (exact && (f.Delivery == nil || !isDeliveryComment(delivery, f.Delivery)) || !exact && !parsedDelivery(f, delivery, kept)) {
		prependComment(f, delivery)
	}
	if machine == nil {
		return
	}
	if exact {
		if f.Process == (capture.Process{}) || !isProcessComment(machine, &f.Process) {
			prependComment(f, machine)
		}
		return
	}
	p, ok := parseProcess(string(machine))
	if !ok {
		prependComment(f, machine)
		return
	}
	f.Process = p
}

// isProcessComment reports whether text is the comment that appendFrameOptions
// wrote for p.
func isProcessComment(text []byte, p *capture.Process) bool {
	var room [256]byte
	want := appendProcess(room[:0], p)
	return bytes.Equal(text, want[:min(len(want), maxOption)])
}

func addComment(b, text []byte) []byte {
	if len(b) > 0 && len(b) < maxComment {
		b = append(b, '\n')
	}
	return append(b, text[:min(len(text), maxComment-len(b))]...)
}

func prependComment(f *capture.Frame, text []byte) {
	rest := f.Comment
	f.Comment = string(text)
	if rest != "" {
		f.Comment += "\n" + rest
	}
}

// readFrameOption reads our option, and reports false for anyone else's.
func readFrameOption(f *capture.Frame, v []byte, kept *keeper) bool {
	if !isFrameOption(v) {
		return false
	}
	comm, exe := int(little.u16(v[32:])), int(little.u16(v[34:]))
	if comm+exe > len(v)-frameOptionLen {
		return false
	}
	f.Dir = capture.Direction(v[13])
	if f.Dir > capture.DirUserToUser {
		f.Dir = capture.DirUnknown
	}
	f.Flags |= capture.Flags(v[14])
	text := v[frameOptionLen:]
	f.Process = capture.Process{
		PID:   little.u32(v[16:]),
		TID:   little.u32(v[20:]),
		NetNS: little.u64(v[24:]),
		Comm:  kept.name(text[:comm]),
		Exe:   kept.name(text[comm : comm+exe]),
	}
	rest := text[comm+exe:]
	if v[12] >= frameOptionV2 {
		if after, ok := readDelivery(&kept.delivery, rest, &kept.interner); ok {
			f.Delivery, rest = &kept.delivery, after
		}
	}
	if v[15]&1 != 0 {
		rest = readUser(&f.Process, rest, &kept.interner)
		for i := 0; f.Delivery != nil && i < len(f.Delivery.Receivers); i++ {
			rest = readUser(&f.Delivery.Receivers[i].Process, rest, &kept.interner)
		}
	}
	return true
}

// parsedDelivery takes a delivery from its comment.
func parsedDelivery(f *capture.Frame, text []byte, kept *keeper) bool {
	if !parseDelivery(string(text), &kept.delivery) {
		return false
	}
	f.Delivery = &kept.delivery
	return true
}
