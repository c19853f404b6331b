package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"

	_ "github.com/nlsniff/nlsniff/internal/smallpages" // so that there is less to let go of
)

// slim lets go of what it took to start. A capture that prints nothing runs for
// long, beside what it looks at, and needs little of this program.
func slim() {
	// There is next to no garbage from here on: small steps.
	debug.SetGCPercent(50)
	forgetCode()
}

// settle does the same for what it took to begin.
func settle() {
	debug.FreeOSMemory()
	forgetCode()
}

// forgetCode takes the program's own pages out of this process: code and constants
// that are needed are found again in the file, or rather in the page cache.
func forgetCode() {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		var mode string
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &mode); n < 3 || strings.Contains(mode, "w") || !strings.HasSuffix(lines.Text(), " "+self) {
			continue
		}
		// What was never written to is as it is in the file.
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED)
	}
}
