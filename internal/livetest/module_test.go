//go:build linux

package livetest

import (
	"strings"
	"testing"
)

// withoutModule: first nlmon may not be loaded, then it is not there at all.
func withoutModule(t *testing.T) {
	sh(t, "modprobe -r nlmon; mkdir -p /etc/modprobe.d; echo 'install nlmon /bin/false' > /etc/modprobe.d/no-nlmon.conf")
	p := start(t, program, "capture")
	p.ends(p.wait(), 2, "nlsniff: the kernel module nlmon is installed but was not loaded", "hint: sudo modprobe nlmon")
	errorLine(t, p.stderr.String())

	// A container sees no modules, or a kernel was built without.
	sh(t, "mount -t tmpfs tmpfs /lib/modules")
	defer sh(t, "umount /lib/modules; rm /etc/modprobe.d/no-nlmon.conf")
	p = start(t, program, "capture")
	p.ends(p.wait(), 2, "nlsniff: kernel "+strings.TrimSpace(sh(t, "uname -r"))+" has no module nlmon", "hint: sudo apt install linux-image-amd64")
	errorLine(t, p.stderr.String())
}
