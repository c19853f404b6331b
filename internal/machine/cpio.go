package machine

import (
	"bytes"
	"fmt"
)

// archive is a cpio archive in the "newc" form, as the kernel unpacks it into
// the first root file system (Documentation/driver-api/early-userspace/
// buffer-format.rst).
type archive struct {
	bytes.Buffer
	inode int
}

// The file types of st_mode that an initramfs needs.
const (
	modeDir  = 0o040000
	modeFile = 0o100000
)

// add appends one entry. A folder has to come before what is in it.
func (a *archive) add(name string, mode uint32, data []byte) {
	a.inode++
	// inode, mode, uid, gid, links, mtime, size, device and rdev (major and
	// minor each), length of the name with its NUL, and a checksum that this
	// form leaves at 0.
	fmt.Fprintf(a, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		a.inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name)+1, 0)
	a.WriteString(name)
	a.WriteByte(0)
	a.pad()
	a.Write(data)
	a.pad()
}

func (a *archive) pad() {
	for a.Len()%4 != 0 {
		a.WriteByte(0)
	}
}

// end writes the entry that ends every archive.
func (a *archive) end() { a.add("TRAILER!!!", 0, nil) }
