package ebpf

import "golang.org/x/sys/unix"

// inode returns a file's inode number, which the kernel calls st_ino; 0 if there is none.
func inode(path string) uint64 {
	var st unix.Stat_t
	if unix.Lstat(path, &st) != nil {
		return 0
	}
	return st.Ino
}
