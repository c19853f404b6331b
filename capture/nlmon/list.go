package nlmon

import (
	"io/fs"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
)

// Tap is an interface that can be captured on.
type Tap struct {
	Name string
	Up   bool
}

// Taps lists the nlmon interfaces of this network namespace, as sysfs has them;
// root is "/".
func Taps(root fs.FS) ([]Tap, error) {
	const folder = "sys/class/net"
	list, err := fs.ReadDir(root, folder)
	if err != nil {
		return nil, err
	}
	number := func(name, file string) uint64 {
		b, err := fs.ReadFile(root, folder+"/"+name+"/"+file)
		if err != nil {
			return 0 // it has just gone
		}
		n, _ := strconv.ParseUint(strings.TrimSpace(string(b)), 0, 32)
		return n
	}
	const iffUp = 1 // IFF_UP of linux/if.h
	var out []Tap
	for _, e := range list {
		if number(e.Name(), "type") == capture.ARPHRDNetlink {
			out = append(out, Tap{e.Name(), number(e.Name(), "flags")&iffUp != 0})
		}
	}
	return out, nil
}
