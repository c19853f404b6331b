// Command getlink asks for the interfaces with nothing but the standard library, so
// that it can be built for any processor. It exits with 3 if there is no answer.
package main

import (
	"os"
	"syscall"
)

func main() {
	b, err := syscall.NetlinkRIB(syscall.RTM_GETLINK, 0)
	if err != nil || len(b) == 0 {
		os.Exit(3)
	}
}
