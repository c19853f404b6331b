// Package barred says what keeps eBPF from a process that has all capabilities.
package barred

import (
	"io/fs"
	"strings"
)

// Bar is what forbids eBPF, and what to do about it.
type Bar struct {
	// Why is empty where the kernel's own error says enough.
	Why, Hint string
}

// LockedDown reports whether the kernel may not be read, not even by root
// (kernel_lockdown(7)). root is the root folder.
func LockedDown(root fs.FS) (Bar, bool) {
	b, err := fs.ReadFile(root, "sys/kernel/security/lockdown")
	return Bar{
		"the kernel is locked down (confidentiality): programs may not read its memory",
		"boot without lockdown=confidentiality",
	}, err == nil && strings.Contains(string(b), "[confidentiality]")
}

// UserNamespace reports whether capabilities are those of a user namespace other
// than the machine's own, which eBPF does not take (user_namespaces(7)).
func UserNamespace(root fs.FS) (Bar, bool) {
	b, err := fs.ReadFile(root, "proc/self/uid_map")
	words := strings.Fields(string(b))
	whole := len(words) == 3 && words[0] == "0" && words[1] == "0" && words[2] == "4294967295"
	return Bar{
		Hint: "this user namespace is why: eBPF takes the capabilities of the machine's own alone; run nlsniff on the host",
	}, err == nil && len(words) >= 3 && !whole
}
