//go:build !linux

package nlsniff

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/nlsniff/nlsniff/capture"
)

// OpenLive captures what happens now, from an nlmon interface. There is none
// but on Linux: elsewhere its error wraps errors.ErrUnsupported.
func OpenLive(LiveOptions) (capture.Source, error) {
	return nil, fmt.Errorf("capturing netlink on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
