package main

import (
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/ebpf"
	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/families/live"
	"github.com/nlsniff/nlsniff/tui/store"
)

// openLive captures into a store, with eBPF if that works and else from nlmon. The
// error says what the latter lacks. what says which it is.
func openLive(o store.Options, warn func(error)) (s *store.Store, what string, err error) {
	opt := nlmon.Options{Warn: warn, Go: o.Go, Watched: true}
	// What nobody described, the kernel may tell the policies of. It is asked
	// until the process ends.
	if registry, err := live.Open(); err == nil {
		o.DB.OnMissing(registry.Describe)
		home := nlmon.HomeNetNS()
		opt.Keep = func(f *capture.Frame) bool {
			if payload := f.Data[capture.CookedLen:]; f.Data[capture.CookedLen-1] == families.ProtoGeneric && tellsFamily(payload) {
				registry.Learn(payload)
			}
			return !ownTalk(f, registry, home)
		}
	}
	src, what, err := bestSource(opt)
	if err != nil {
		return nil, "", captureError(err)
	}
	if err := dropPrivileges(); err != nil {
		warn(err)
	}
	o.Introduce = src.Introduce
	return store.Live(src, o), what, nil
}

// bestSource opens the source that knows most of those that work, and names it.
func bestSource(o nlmon.Options) (src liveCapture, what string, err error) {
	if src, err := ebpf.Open(ebpf.Options{Keep: o.Keep}); err == nil {
		return src, "live with eBPF", nil
	}
	tap, err := nlmon.Open(o)
	if err != nil {
		return nil, "", err
	}
	var names []string
	for _, i := range tap.Interfaces() {
		names = append(names, i.Name)
	}
	return tap, "live on " + strings.Join(names, ", "), nil
}

// ownTalk says whether a frame is what the registry asks, or is told. Its portid is
// somebody else's in any network namespace but home, where it is.
func ownTalk(f *capture.Frame, registry interface{ PortID() uint32 }, home uint64) bool {
	return len(f.Data) > capture.CookedLen && f.Data[capture.CookedLen-1] == families.ProtoGeneric &&
		(f.Process.NetNS == 0 || f.Process.NetNS == home) && portid(f.Data[capture.CookedLen:]) == registry.PortID()
}
