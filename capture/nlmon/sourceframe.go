//go:build linux

package nlmon

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// told fills f with what comes next of the names that a frame has brought to light,
// and then with that frame.
func (s *Source) told(f *capture.Frame) bool {
	switch {
	case len(s.talk) > 0:
		*f, s.talk = s.talk[0], s.talk[1:]
		s.number++
		f.Number = s.number
	case s.waits:
		*f, s.waits = s.waiting, false
		s.deliver(f)
	default:
		return false
	}
	return true
}

// deliver counts a frame that is delivered.
func (s *Source) deliver(f *capture.Frame) {
	s.captured.Add(1)
	s.number++
	f.Number = s.number
}

// accept completes a frame and decides whether it is wanted.
func (s *Source) accept(f *capture.Frame, listener int) bool {
	s.mark(f, listener)
	s.listeners[listener].ask.announced.judge(f)
	if s.opt.Keep != nil && !s.opt.Keep(f) {
		s.filtered.Add(1)
		return false
	}
	if s.opt.SnapLen > 0 && len(f.Data) > s.opt.SnapLen {
		f.Data = f.Data[:s.opt.SnapLen:s.opt.SnapLen]
	}
	if f.OrigLen > len(f.Data) {
		f.Flags |= capture.FlagTruncated
	}
	return true
}

// mark says where a frame comes from.
func (s *Source) mark(f *capture.Frame, listener int) {
	f.Interface = listener
	if len(s.opt.Namespaces) > 0 {
		ns := &s.listeners[listener].ns
		f.Process.NetNS, f.Namespace = ns.inode, ns.spec
	}
}

// involved reports whether a frame belongs to a conversation of the asker's.
func (a *asker) involved(data []byte) bool {
	const portidAt = capture.CookedLen + 12
	if len(data) < portidAt+4 {
		return false
	}
	portid := binary.NativeEndian.Uint32(data[portidAt:])
	switch data[capture.CookedLen-1] {
	case unix.NETLINK_GENERIC:
		return portid == a.genl.portid
	case unix.NETLINK_ROUTE:
		return portid == a.rtnl.portid
	}
	return false
}
