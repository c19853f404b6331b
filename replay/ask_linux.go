package replay

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/families"
)

// ask sends a request of the replay's own and returns the messages of the
// answer; they are kept among the frames, so that names in it are known.
func (r *runner) ask(s *socket, msgType, flags uint16, body []byte) [][]byte {
	s.seq++
	m := make([]byte, hdrLen, hdrLen+len(body))
	binary.NativeEndian.PutUint32(m, uint32(hdrLen+len(body)))
	binary.NativeEndian.PutUint16(m[hdrType:], msgType)
	binary.NativeEndian.PutUint16(m[hdrFlags:], flags|unix.NLM_F_REQUEST)
	binary.NativeEndian.PutUint32(m[hdrSeq:], s.seq)
	m = append(m, body...)
	if unix.Sendto(s.fd, m, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) != nil {
		return nil
	}
	at := len(r.res.Frames)
	r.note(s, -1, m, false, 0)
	r.listen(s, -1, map[uint32]bool{s.seq: flags&unix.NLM_F_DUMP == unix.NLM_F_DUMP || flags&unix.NLM_F_ACK != 0})
	var out [][]byte
	for i := at + 1; i < len(r.res.Frames); i++ {
		for m := range messages(r.res.Frames[i].Data) {
			if binary.NativeEndian.Uint32(m[hdrSeq:]) == s.seq {
				out = append(out, m)
			}
		}
	}
	return out
}

// attr appends an attribute.
func attr(dst []byte, id uint16, payload []byte) []byte {
	dst = binary.NativeEndian.AppendUint16(dst, uint16(4+len(payload)))
	dst = binary.NativeEndian.AppendUint16(dst, id)
	dst = append(dst, payload...)
	for len(dst)%4 != 0 {
		dst = append(dst, 0)
	}
	return dst
}

// attrs yields the attributes in a piece of a message.
func attrs(b []byte) func(func(uint16, []byte) bool) {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= 4 {
			n := int(binary.NativeEndian.Uint16(b))
			if n < 4 || n > len(b) || !yield(binary.NativeEndian.Uint16(b[2:])&0x3fff, b[4:n]) {
				return
			}
			b = b[min((n+3)&^3, len(b)):]
		}
	}
}

// background opens the replay's own sockets and asks for the interfaces.
func (r *runner) background() error {
	r.own = openSocket(families.ProtoRoute)
	if r.own.err != nil {
		return fmt.Errorf("no netlink socket: %w", r.own.err)
	}
	r.generic = openSocket(families.ProtoGeneric)
	return r.links()
}

// links asks for all interfaces, so that the frames have their names.
func (r *runner) links() error {
	r.ask(r.own, unix.RTM_GETLINK, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfInfomsg))
	return nil
}

// link makes an interface, of its kind if that can be made of nothing but a
// name, else a dummy; with its index if nothing here has that.
func (r *runner) link(l *Link) {
	if _, ok := linkIndex(l.Name); ok || len(l.Name) >= unix.IFNAMSIZ {
		return
	}
	index := l.Index
	if index != 0 && linkAt(index) != "" {
		index = 0
	}
	for _, kind := range []string{l.Kind, "dummy"} {
		if kind == "" {
			continue
		}
		body := make([]byte, unix.SizeofIfInfomsg)
		binary.NativeEndian.PutUint32(body[4:], index)
		body = attr(body, unix.IFLA_IFNAME, append([]byte(l.Name), 0))
		if len(l.Address) > 0 {
			body = attr(body, unix.IFLA_ADDRESS, l.Address)
		}
		body = attr(body, unix.IFLA_LINKINFO, attr(nil, unix.IFLA_INFO_KIND, append([]byte(kind), 0)))
		r.ask(r.own, unix.RTM_NEWLINK, unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL, body)
		if _, ok := linkIndex(l.Name); ok {
			break
		}
	}
	if l.Up {
		_ = linkUp(l.Name) // not all kinds can be without more
	}
	_ = r.links()
}

// The controller's commands and attributes (linux/genetlink.h).
const (
	ctrlGetFamily  = 3
	ctrlFamilyID   = 1
	ctrlFamilyName = 2
	ctrlGroups     = 7
	ctrlGroupName  = 1
	ctrlGroupID    = 2
)

// controller asks for a generic family, which loads its module if there is one.
func (r *runner) controller(name string) []byte {
	if r.generic.err != nil {
		return nil
	}
	body := attr([]byte{ctrlGetFamily, 1, 0, 0}, ctrlFamilyName, append([]byte(name), 0))
	for _, m := range r.ask(r.generic, unix.GENL_ID_CTRL, 0, body) {
		if binary.NativeEndian.Uint16(m[hdrType:]) == unix.GENL_ID_CTRL && len(m) >= hdrLen+4 {
			return m[hdrLen+4:]
		}
	}
	return nil
}

// familyID is the id of a generic family here, 0 if there is none.
func (r *runner) familyID(name string) uint16 {
	if id := r.family[name]; id != 0 {
		return id
	}
	for id, p := range attrs(r.controller(name)) {
		if id == ctrlFamilyID && len(p) >= 2 {
			r.family[name] = binary.NativeEndian.Uint16(p)
		}
	}
	return r.family[name]
}

// group is the number of a generic family's multicast group here, 0 if there is
// none.
func (r *runner) group(family, name string) (found uint32) {
	for id, p := range attrs(r.controller(family)) {
		if id != ctrlGroups {
			continue
		}
		for _, g := range attrs(p) {
			var n string
			var v uint32
			for k, x := range attrs(g) {
				switch {
				case k == ctrlGroupName && len(x) > 0:
					n = unix.ByteSliceToString(x)
				case k == ctrlGroupID && len(x) >= 4:
					v = binary.NativeEndian.Uint32(x)
				}
			}
			if n == name {
				found = v
			}
		}
	}
	return found
}

// generation is that of nf_tables (NFT_MSG_GETGEN of
// linux/netfilter/nf_tables.h).
func (r *runner) generation() (uint32, bool) {
	s := openSocket(families.ProtoNetfilter)
	if s.err != nil {
		return 0, false
	}
	defer unix.Close(s.fd)
	const getGen, newGen, genID = 10<<8 | 16, 10<<8 | 15, 1
	for _, m := range r.ask(s, getGen, 0, make([]byte, 4)) {
		if binary.NativeEndian.Uint16(m[hdrType:]) != newGen || len(m) < hdrLen+4 {
			continue
		}
		for id, p := range attrs(m[hdrLen+4:]) {
			if id == genID && len(p) >= 4 {
				return binary.BigEndian.Uint32(p), true
			}
		}
	}
	return 0, false
}

// linkIndex is the index of an interface here.
func linkIndex(name string) (uint32, bool) {
	req, err := unix.NewIfreq(name)
	if err != nil || !ioctl(unix.SIOCGIFINDEX, req) {
		return 0, false
	}
	return req.Uint32(), true
}

// linkAt is the name of the interface with an index here, "" if there is none.
func linkAt(index uint32) string {
	req, err := unix.NewIfreq("")
	if err != nil {
		// A name is needed to make one; what is in it does not count.
		if req, err = unix.NewIfreq("x"); err != nil {
			return ""
		}
	}
	req.SetUint32(index)
	if !ioctl(unix.SIOCGIFNAME, req) {
		return ""
	}
	return req.Name()
}

// linkUp sets IFF_UP.
func linkUp(name string) error {
	req, err := unix.NewIfreq(name)
	if err != nil || !ioctl(unix.SIOCGIFFLAGS, req) {
		return unix.ENODEV
	}
	if req.Uint16()&unix.IFF_UP != 0 {
		return nil
	}
	req.SetUint16(req.Uint16() | unix.IFF_UP)
	if !ioctl(unix.SIOCSIFFLAGS, req) {
		return unix.EPERM
	}
	return nil
}

// ioctl asks of an interface in the calling thread's network namespace.
func ioctl(which uint, req *unix.Ifreq) bool {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	return unix.IoctlIfreq(fd, which, req) == nil
}

// kernel asks uname.
func kernel() Kernel {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return Kernel{}
	}
	return Kernel{
		Release: unix.ByteSliceToString(u.Release[:]),
		Version: unix.ByteSliceToString(u.Version[:]),
		Machine: unix.ByteSliceToString(u.Machine[:]),
	}
}
