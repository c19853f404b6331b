package nlsniff

import (
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// OpenFile opens a capture: pcap or pcapng, compressed with gzip, zstd, lz4 or
// not; "-" is standard input.
func OpenFile(path string) (capture.Source, error) {
	r, err := pcapng.Open(path, pcapng.Options{})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// LiveOptions say what OpenLive listens to. The zero value is all netlink of
// this process's network namespace.
type LiveOptions struct {
	// Interface is the nlmon interface to use; if it is "" one is found or
	// made, and removed again.
	Interface string
	// Namespaces are network namespaces by name (as ip netns has them), path,
	// or process id.
	Namespaces []string
	// RingSize is the size in bytes of the kernel's ring, 0 for the default.
	RingSize int
}
