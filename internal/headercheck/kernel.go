package headercheck

import (
	"embed"
	"io/fs"

	"github.com/nlsniff/nlsniff/families"
)

//go:embed testdata/linux-7.3
var kernel embed.FS

// replies is what the kernel's code sends, taken from an older one.
//
//go:embed testdata/linux-6.12
var replies embed.FS

// Kernel returns the facts of the kernel that the descriptions are made for,
// Linux 7.3: names, numbers, layouts and attribute policies.
func Kernel() (*Facts, error) {
	dir, err := fs.Sub(kernel, "testdata/linux-"+families.KernelVersion)
	if err != nil {
		return nil, err
	}
	return ReadFacts(dir)
}
