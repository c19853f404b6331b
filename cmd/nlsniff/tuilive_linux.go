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
// error says what the latter lacks. what says which it is, warn is told what it lacks.
func openLive(o store.Options, warn func(error)) (s *store.Store, what string, err error) {
	opt := nlmon.Options{Go: o.Go, Watched: true}
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
	src, err := bestSource(opt, ebpf.Options{Keep: opt.Keep}, warn)
	if err != nil {
		return nil, "", captureError(err)
	}
	if err := dropPrivileges(); err != nil {
		warn(err)
	}
	o.Introduce = src.Introduce
	return store.Live(src, o), liveOn(src), nil
}

// liveOn names a source in a few words, for the top line.
func liveOn(src liveCapture) string {
	if _, ok := src.(*ebpf.Source); ok {
		return "live with eBPF"
	}
	var names []string
	for _, i := range src.Interfaces() {
		names = append(names, i.Name)
	}
	return "live on " + strings.Join(names, ", ")
}

// ownTalk says whether a frame is what the registry asks, or is told. Its portid is
// somebody else's in any network namespace but home, where it is.
func ownTalk(f *capture.Frame, registry interface{ PortID() uint32 }, home uint64) bool {
	return len(f.Data) > capture.CookedLen && f.Data[capture.CookedLen-1] == families.ProtoGeneric &&
		(f.Process.NetNS == 0 || f.Process.NetNS == home) && portid(f.Data[capture.CookedLen:]) == registry.PortID()
}
