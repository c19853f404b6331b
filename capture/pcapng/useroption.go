package pcapng

import "github.com/nlsniff/nlsniff/capture"

// What is known of the user and the control group of a process stands behind the rest
// of our option, for the frame's own process and then for each receiver:
//
//	offset  bytes
//	     0      4  uid
//	     4      1  1: there is one
//	     5      1  0
//	     6      2  length of the control group's path
//	     8         the path
const userHeadLen = 8

// maxCgroup is more than PATH_MAX.
const maxCgroup = 8 << 10

func userLen(p *capture.Process) int { return userHeadLen + min(len(p.Cgroup), maxCgroup) }

// hasUsers says whether there is something to write.
func hasUsers(f *capture.Frame) bool {
	if f.Process.HasUID || f.Process.Cgroup != "" {
		return true
	}
	if f.Delivery != nil {
		for i := range f.Delivery.Receivers {
			if p := &f.Delivery.Receivers[i].Process; p.HasUID || p.Cgroup != "" {
				return true
			}
		}
	}
	return false
}

func appendUser(b []byte, p *capture.Process) []byte {
	cgroup := p.Cgroup[:min(len(p.Cgroup), maxCgroup)]
	b = little.append32(b, p.UID)
	b = append(b, bit(p.HasUID), 0)
	b = little.append16(b, uint16(len(cgroup)))
	return append(b, cgroup...)
}

// readUser reads what appendUser writes and returns what follows, nothing if it is
// not that.
func readUser(p *capture.Process, b []byte, names *interner) []byte {
	if len(b) < userHeadLen {
		return nil
	}
	n := int(little.u16(b[6:]))
	if n > len(b)-userHeadLen {
		return nil
	}
	if b[4]&1 != 0 {
		p.UID, p.HasUID = little.u32(b), true
	}
	p.Cgroup = names.name(b[userHeadLen : userHeadLen+n])
	return b[userHeadLen+n:]
}
