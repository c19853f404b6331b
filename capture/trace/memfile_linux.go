//go:build linux && (amd64 || arm64)

package trace

import (
	"os"
	"strconv"
)

// Kernels without CONFIG_CROSS_MEMORY_ATTACH, and containers that forbid
// process_vm_readv(2), have the memory of a tracee in /proc only.

func readMemFile(tid int, addr uint64, b []byte) int {
	f, err := os.Open(procPath(tid, "mem"))
	if err != nil {
		return 0
	}
	defer f.Close()
	n, _ := f.ReadAt(b, int64(addr))
	return n
}

func writeMemFile(tid int, addr uint64, b []byte) bool {
	f, err := os.OpenFile(procPath(tid, "mem"), os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = f.WriteAt(b, int64(addr))
	return err == nil
}

func procPath(pid int, name string) string { return "/proc/" + strconv.Itoa(pid) + "/" + name }
