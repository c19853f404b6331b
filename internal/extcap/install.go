package extcap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Folders are where a user's Wireshark of some version looks for extcap programs:
// it moved in 4.1. Without a version, where any does.
func Folders(home, version string) []string {
	old, now := filepath.Join(home, ".config", "wireshark", "extcap"), filepath.Join(home, ".local", "lib", "wireshark", "extcap")
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, err1 := strconv.Atoi(major)
	b, err2 := strconv.Atoi(minor)
	switch {
	case err1 != nil || err2 != nil:
		return []string{old, now}
	case a < 4 || a == 4 && b < 1:
		return []string{old}
	}
	return []string{now}
}

// VersionOf takes the version out of what tshark --version prints.
func VersionOf(text string) string {
	for _, word := range strings.Fields(text) {
		if v := strings.TrimRight(word, ".,"); len(v) > 2 && v[0] >= '0' && v[0] <= '9' && strings.Contains(v, ".") {
			return v
		}
	}
	return ""
}

// Install links a program into a folder, in place of an older link, and returns
// the link's name. What is no link is left alone.
func Install(folder, program string) (string, error) {
	name := filepath.Join(folder, "nlsniff")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return name, err
	}
	st, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return name, err
	case st.Mode().Type() != fs.ModeSymlink:
		return name, fmt.Errorf("%s is there, and no link", name)
	default:
		if err := os.Remove(name); err != nil {
			return name, err
		}
	}
	return name, os.Symlink(program, name)
}
