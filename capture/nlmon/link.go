//go:build linux

package nlmon

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

const (
	kind = "nlmon"
	// ownPrefix and a number are the names of interfaces that we create.
	ownPrefix = "nlsniff"
	maxOwn    = 1000
)

// link is what RTM_NEWLINK says of an interface.
type link struct {
	index int
	name  string
	kind  string
	arp   uint16 // ARPHRD_… of linux/if_arp.h
	up    bool
}

// links lists the interfaces of the connection's namespace.
func (c *conn) links() ([]link, error) {
	var out []link
	err := c.do(unix.RTM_GETLINK, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfInfomsg), func(m message) {
		if l, ok := parseLink(m); ok {
			out = append(out, l)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("listing interfaces: %w", err)
	}
	return out, nil
}

func parseLink(m message) (l link, ok bool) {
	if m.typ != unix.RTM_NEWLINK || len(m.body) < unix.SizeofIfInfomsg {
		return l, false
	}
	order := binary.NativeEndian
	attrs := m.body[unix.SizeofIfInfomsg:]
	l.arp = order.Uint16(m.body[2:])
	l.index = int(order.Uint32(m.body[4:]))
	l.up = order.Uint32(m.body[8:])&unix.IFF_UP != 0
	l.name = text(findAttr(attrs, unix.IFLA_IFNAME))
	l.kind = text(findAttr(findAttr(attrs, unix.IFLA_LINKINFO), unix.IFLA_INFO_KIND))
	return l, true
}

func text(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b)
}

// create makes an nlmon interface, down as yet.
func (c *conn) create(name string) error {
	body := make([]byte, unix.SizeofIfInfomsg)
	body = appendAttr(body, unix.IFLA_IFNAME, append([]byte(name), 0))
	body = appendAttr(body, unix.IFLA_LINKINFO, appendAttr(nil, unix.IFLA_INFO_KIND, []byte(kind)))
	return c.do(unix.RTM_NEWLINK, unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL, body, func(message) {})
}

// setUp sets an interface up or down.
func (c *conn) setUp(index int, up bool) error {
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], uint32(index))
	if up {
		binary.NativeEndian.PutUint32(body[8:], unix.IFF_UP)
	}
	binary.NativeEndian.PutUint32(body[12:], unix.IFF_UP) // ifi_change
	return c.do(unix.RTM_NEWLINK, unix.NLM_F_ACK, body, func(message) {})
}

// remove deletes an interface. It is fine if it is gone.
func (c *conn) remove(index int) error {
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], uint32(index))
	err := c.do(unix.RTM_DELLINK, unix.NLM_F_ACK, body, func(message) {})
	if errors.Is(err, unix.ENODEV) {
		return nil
	}
	return err
}

// tap is the interface that a capture listens on, and what must be undone
// when it ends.
type tap struct {
	link
	created bool // delete it
	raised  bool // set it down
	claim   int  // fd of the socket that says that we own it, -1 if we do not
}

// find returns the interface to capture on: the named one, or an nlmon
// interface that is up, or one left behind by an nlsniff that was killed
// together with its janitor, or a new one.
func (c *conn) find(name string, anyLink bool) (tap, error) {
	list, err := c.links()
	if err != nil {
		return tap{}, err
	}
	if name != "" {
		return c.named(list, name, anyLink)
	}
	for _, l := range list {
		if l.arp == capture.ARPHRDNetlink && l.up && !isOwn(l.name) {
			return tap{link: l, claim: -1}, nil
		}
	}
	return c.own(list)
}

func (c *conn) named(list []link, name string, anyLink bool) (tap, error) {
	var monitors []string
	for _, l := range list {
		if l.arp == capture.ARPHRDNetlink {
			monitors = append(monitors, l.name)
		}
		if l.name != name {
			continue
		}
		if l.arp != capture.ARPHRDNetlink && !anyLink {
			return tap{}, &NotNlmonError{Name: name, Kind: l.kind}
		}
		t := tap{link: l, claim: -1}
		if !l.up {
			if err := c.setUp(l.index, true); err != nil {
				return tap{}, refused(fmt.Sprintf("setting %s up", name), unix.CAP_NET_ADMIN, err)
			}
			t.raised = true
		}
		return t, nil
	}
	return tap{}, &NoInterfaceError{Name: name, Have: monitors}
}

// own takes over a stale interface of ours, or creates one. Who owns one holds
// an abstract Unix socket of its name: like the interface, that lives in the
// network namespace, and like the process, it ends.
func (c *conn) own(list []link) (tap, error) {
	byName := map[string]link{}
	for _, l := range list {
		byName[l.name] = l
	}
	for _, l := range list {
		if l.kind != kind || !isOwn(l.name) {
			continue
		}
		if fd, err := claim(l.name); err == nil {
			return c.take(l, fd)
		}
	}
	for n := range maxOwn {
		name := ownPrefix + strconv.Itoa(n)
		if _, exists := byName[name]; exists {
			continue
		}
		fd, err := claim(name)
		if err == unix.EADDRINUSE {
			continue
		}
		if err != nil {
			return tap{}, fmt.Errorf("claiming %s: %w", name, err)
		}
		if err := c.create(name); err != nil {
			_ = unix.Close(fd)
			if errors.Is(err, unix.EEXIST) {
				continue
			}
			return tap{}, createError(err)
		}
		list, err := c.links()
		if err != nil {
			_ = unix.Close(fd)
			return tap{}, err
		}
		for _, l := range list {
			if l.name == name {
				return c.take(l, fd)
			}
		}
		_ = unix.Close(fd)
	}
	return tap{}, fmt.Errorf("no free name for an interface from %s0 to %s%d", ownPrefix, ownPrefix, maxOwn-1)
}

// take sets up an interface of ours.
func (c *conn) take(l link, claim int) (tap, error) {
	t := tap{link: l, created: true, claim: claim}
	if l.up {
		return t, nil
	}
	if err := c.setUp(l.index, true); err != nil {
		_ = c.remove(l.index)
		_ = unix.Close(claim)
		return tap{}, refused(fmt.Sprintf("setting %s up", l.name), unix.CAP_NET_ADMIN, err)
	}
	return t, nil
}

// undo brings the interface back to what it was.
func (c *conn) undo(t tap) error {
	switch {
	case t.created:
		return c.remove(t.index)
	case t.raised:
		return c.setUp(t.index, false)
	}
	return nil
}

// isOwn reports whether a name is one that we give.
func isOwn(name string) bool {
	n, ok := strings.CutPrefix(name, ownPrefix)
	if !ok || n == "" || len(n) > 4 {
		return false
	}
	_, err := strconv.ParseUint(n, 10, 16)
	return err == nil
}

// claim takes the socket that marks a name as owned. It fails with EADDRINUSE
// while a process holds it.
func claim(name string) (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: "@nlsniff/" + name}); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
