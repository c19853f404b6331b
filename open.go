package nlsniff

import (
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/foreign"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// OpenFile opens a capture: pcap or pcapng, compressed with gzip, zstd, lz4 or
// not, or what else docs/inputs.md lists; "-" is standard input. Of a capture
// that nlsniff made with eBPF or ptrace it yields the events too, as frames
// without messages.
func OpenFile(path string) (capture.Source, error) {
	r, err := pcapng.Open(path, pcapng.Options{Events: true, Convert: foreign.Options{Name: path, Location: time.Local}.Convert})
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
