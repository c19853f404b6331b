package dissect

import (
	"strconv"
	"strings"
	"syscall"
)

// KernelError is what an NLMSG_ERROR or NLMSG_DONE with an errno says: that the
// kernel refused a request, and why.
type KernelError struct {
	// Errno is the positive number, of Linux whatever this program runs on.
	// Those from 4096 on are ipset's own (linux/netfilter/ipset/ip_set.h).
	Errno int32
	Name  string // ENODEV, "" if nobody knows it
	// Text are the kernel's own words, from the extended ACK. They are as the
	// kernel sent them.
	Text string
	// Attr is the path of the attribute that the kernel points at, as
	// Message.Attr takes it, and Missing of the one that is not there.
	Attr, Missing string
	// Operation is the Name of the request, and Request is what the kernel
	// sent back of it; "" and nil if neither it nor an earlier frame tells.
	Operation string
	Request   *Message
}

// Err returns what a message reports: a *KernelError for an errno, nil for an ACK
// and for everything that reports nothing.
func (m *Message) Err() error {
	row := m.Row()
	if row == nil || !m.HasErrno || m.Errno >= 0 {
		return nil
	}
	e := &KernelError{
		Errno: -m.Errno, Text: m.Reason(), Request: m.Request,
		Attr: StepsPath(row.ExtAck.Path), Missing: StepsPath(row.ExtAck.Miss),
	}
	if m.in.w != nil {
		e.Name = m.in.w.ErrnoName(row)
	}
	// What the capture remembers is whole; an echo may be a header alone.
	if t := m.in.t.Asked(row); t != nil && len(t.Msgs) > 0 {
		in := &view{t: t}
		if m.in.w != nil {
			in.w = m.in.w.Of(t)
		}
		r := in.message(0)
		e.Request = &r
	}
	if e.Request != nil {
		e.Operation = e.Request.Name()
	}
	return e
}

// Error says it on one line: "RTM_NEWLINK: EINVAL: Unknown device type at
// IFLA_LINKINFO". Control characters in the kernel's words are quoted.
func (e *KernelError) Error() string {
	var b strings.Builder
	if e.Operation != "" {
		b.WriteString(e.Operation + ": ")
	}
	if e.Name != "" {
		b.WriteString(e.Name)
	} else {
		b.WriteString("errno " + strconv.Itoa(int(e.Errno)))
	}
	if e.Text != "" {
		q := strconv.Quote(e.Text)
		b.WriteString(": " + q[1:len(q)-1])
	}
	if e.Attr != "" {
		b.WriteString(" at " + e.Attr)
	}
	if e.Missing != "" {
		b.WriteString(" missing " + e.Missing)
	}
	return b.String()
}

// Unwrap returns the number as a syscall.Errno, so that on Linux
// errors.Is(err, unix.ENODEV) holds. Elsewhere numbers mean other things:
// compare Errno or Name.
func (e *KernelError) Unwrap() error { return syscall.Errno(e.Errno) }

// StepsPath writes steps as a path: IFLA_LINKINFO/IFLA_INFO_KIND. An element
// and an attribute that nobody described are their numbers.
func StepsPath(steps []Step) string {
	var b []byte
	for i, s := range steps {
		if i > 0 {
			b = append(b, '/')
		}
		if s.Field != nil && !s.Index {
			b = append(b, s.Field.Name...)
		} else {
			b = strconv.AppendUint(b, uint64(s.ID), 10)
		}
	}
	return string(b)
}
