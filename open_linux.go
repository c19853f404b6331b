package nlsniff

import (
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/nlmon"
)

// OpenLive captures what happens now, from an nlmon interface. It needs
// CAP_NET_RAW, CAP_NET_ADMIN to make an interface, and CAP_SYS_ADMIN for another
// namespace; its errors are those of nlmon.Open. Where it makes an interface it
// starts this program once more, under another name, to remove that whatever
// happens; that process ends before main begins.
//
// Names of families and interfaces that it asked the kernel for come as frames as
// well, each before the first that needs it, with a Comment that says so.
//
// It exists on every system. Where the kernel is not Linux its error wraps
// errors.ErrUnsupported.
func OpenLive(o LiveOptions) (capture.Source, error) {
	s, err := nlmon.Open(nlmon.Options{Interface: o.Interface, Namespaces: o.Namespaces, RingSize: o.RingSize, Watched: true})
	if err != nil {
		return nil, err
	}
	return s, nil
}
