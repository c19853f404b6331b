package packet

import (
	"unsafe"

	"github.com/google/gopacket/layers"
	"golang.org/x/sys/unix"
)

// Forget gives back the memory of gopacket's tables, which its package fills when
// a program starts: some 5 MB. It is for a program that will split no packet;
// nothing is found in the tables afterwards.
func Forget() {
	forget(&layers.EthernetTypeMetadata)
	forget(&layers.PPPTypeMetadata)
}

func forget(table *[65536]layers.EnumMetadata) {
	page := uintptr(unix.Getpagesize())
	b := unsafe.Slice((*byte)(unsafe.Pointer(table)), unsafe.Sizeof(*table))
	head := -uintptr(unsafe.Pointer(table)) % page // what shares its page with others stays
	b = b[head:]
	// Static memory is mapped as any is, and reads as zeros afterwards.
	_ = unix.Madvise(b[:uintptr(len(b))/page*page], unix.MADV_DONTNEED)
}
