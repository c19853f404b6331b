// Package capture holds what every source of netlink frames has in common:
// the Frame, and the interfaces that move frames in and out. It knows
// nothing of what the bytes mean.
//
// Stability: v0, but what is here stays.
package capture

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unsafe"
)

// LinkType is a link-layer header type of the pcap world
// (https://www.tcpdump.org/linktypes.html).
type LinkType uint16

// The link types that can carry netlink.
const (
	// LinkTypeNetlink is LINKTYPE_NETLINK: a 16-byte cooked header, then
	// netlink messages in the byte order of the capturing host.
	LinkTypeNetlink LinkType = 253
	// LinkTypeLinuxSLL is LINKTYPE_LINUX_SLL: the same cooked header, which
	// carries netlink when its hardware type is ARPHRD_NETLINK.
	LinkTypeLinuxSLL LinkType = 113
	// LinkTypeLinuxSLL2 is LINKTYPE_LINUX_SLL2: 20 bytes that say the same and
	// the interface's index in another order, as tcpdump writes them on the
	// "any" device today.
	LinkTypeLinuxSLL2 LinkType = 276
)

// CookedLen is the length in bytes of the cooked header at the start of
// Frame.Data. All its members are big-endian.
const CookedLen = 16

// ARPHRDNetlink is ARPHRD_NETLINK of linux/if_arp.h, the hardware type in the
// cooked header of a netlink frame.
const ARPHRDNetlink = 824

// Direction says who sent a frame to whom.
type Direction uint8

// The directions of a frame.
const (
	DirUnknown Direction = iota
	DirToKernel
	DirFromKernel
	DirUserToUser
)

// Flags mark what happened to a frame on its way into the capture.
type Flags uint8

// The frame flags.
const (
	// FlagTruncated: fewer bytes were captured than the frame had.
	FlagTruncated Flags = 1 << iota
	// FlagMsgTrunc: the receiver's buffer was too small (MSG_TRUNC).
	FlagMsgTrunc
	// FlagOverrun: the receiver lost messages before this one (ENOBUFS).
	FlagOverrun
	// FlagPart: the frame is of a part of a capture, which lacks some of what the
	// whole has of the same exchanges. That it is not there says nothing.
	FlagPart
	// FlagAsked: nlsniff asked for the frame, or made it of what it asked, to know names.
	// It is no talk of a program that is captured.
	FlagAsked
)

// Process says which process sent or received a frame. Zero members are
// unknown.
type Process struct {
	PID   uint32
	TID   uint32
	Comm  string
	Exe   string
	NetNS uint64 // inode number of the network namespace
	UID   uint32 // whose it is, if HasUID
	// HasUID says that UID is known, which may be 0.
	HasUID bool
	// Cgroup is the path of its control group below where they are mounted,
	// beginning with a slash, or its number if it was gone too soon.
	Cgroup string
}

// Frame is one captured datagram of one netlink socket. It can hold many
// messages.
type Frame struct {
	// Number counts the frames of a source from 1.
	Number int
	// Time is the capture time in nanoseconds since the Unix epoch.
	Time int64
	// Data starts with the cooked header (CookedLen bytes), whatever the
	// source; the netlink messages follow.
	Data []byte
	// OrigLen is the length in bytes that the frame had on the wire, cooked
	// header included.
	OrigLen int
	// Dir is the direction if the source knows it; netlink's own headers are
	// not consulted.
	Dir   Direction
	Flags Flags
	// Section counts the sections of a file from 0: a section comes from one
	// host, so it has one byte order and one set of generic family ids.
	Section int
	// Interface is the capture interface within the section.
	Interface int
	// Namespace is the network namespace of Interface as whoever captured named
	// it, "" where there was no choice.
	Namespace string
	Process   Process
	// Comment is what a person or a source wrote beside the frame.
	Comment string
	// Delivery is how the datagram went over a socket, nil where the source
	// does not sit at one. It is valid as long as Data.
	Delivery *Delivery
	// Event, if set, is what the source saw instead of a datagram; then there
	// is no Data. It is valid as long as Data would be.
	Event *Event
}

// texts is how many bytes of texts belong to a process.
func (p *Process) texts() int { return len(p.Comm) + len(p.Exe) + len(p.Cgroup) }

// Size is how many bytes a frame takes beside what every frame does: its data, the
// texts that came with it, and its receivers.
func (f *Frame) Size() int {
	n := len(f.Data) + len(f.Comment) + len(f.Namespace) + f.Process.texts()
	if f.Delivery != nil {
		n += len(f.Delivery.Receivers) * int(unsafe.Sizeof(Receiver{}))
		for i := range f.Delivery.Receivers {
			n += f.Delivery.Receivers[i].Process.texts()
		}
	}
	if f.Event != nil {
		n += len(f.Event.Text) + len(f.Event.Hint)
	}
	return n
}

// Own copies what is valid only as long as Data, which stays as it is.
func (f *Frame) Own() {
	if f.Delivery != nil {
		d := *f.Delivery
		d.Receivers = slices.Clone(d.Receivers)
		f.Delivery = &d
	}
	if f.Event != nil {
		e := *f.Event
		f.Event = &e
	}
}

// Timestamp returns the capture time in UTC.
func (f *Frame) Timestamp() time.Time { return time.Unix(0, f.Time).UTC() }

// Stream numbers what has names and sockets of its own within a capture: one
// interface of one section. Another nlmon interface is mostly in another
// network namespace, where other interfaces have the same indexes.
func (f *Frame) Stream() int { return f.Section<<12 | f.Interface&(1<<12-1) }

// Stats counts what a source delivered and what it lost.
type Stats struct {
	Frames  uint64 // delivered
	Dropped uint64 // lost before the source could deliver them
}

// ErrTryAgain is returned by a Source that follows something still growing:
// there is no frame now, but there may be one later.
var ErrTryAgain = errors.New("no frame yet")

// Source yields frames.
type Source interface {
	// Next fills f with the next frame. f.Data stays valid until the next
	// call. It returns io.EOF at the end. A *CorruptError means that a part
	// of the input could not be read, and that the next call goes on behind
	// it.
	Next(f *Frame) error
	Stats() Stats
	Close() error
}

// Sink takes frames. Write does not keep f or what it points to.
type Sink interface {
	Write(f *Frame) error
	Close() error
}

// CorruptError reports a part of an input that could not be read.
type CorruptError struct {
	Offset  int64 // in bytes from the start of the (decompressed) input
	Skipped int64 // bytes passed over to go on
	Reason  string
}

func (e *CorruptError) Error() string { return fmt.Sprintf("%s at offset %d", e.Reason, e.Offset) }
