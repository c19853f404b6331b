//go:build linux && !amd64

package why

import (
	"errors"
	"time"
)

// Prober watches the kernel refuse, on amd64.
type Prober struct {
	Functions int
	Took      time.Duration
}

// Open reports that the probes are not built for this processor.
func Open() (*Prober, error) {
	return nil, &Error{"asking the kernel why", errors.New("the probes are built for amd64 only"), "nlsniff trace shows the kernel's words"}
}

// Take has nothing.
func (p *Prober) Take(proto uint16, portid, seq uint32, errno int32) (Reason, bool) {
	return Reason{}, false
}

// TakeFailed has nothing.
func (p *Prober) TakeFailed(proto uint16, pid uint32, errno int32) (Reason, bool) {
	return Reason{}, false
}

// Close does nothing.
func (p *Prober) Close() error { return nil }
