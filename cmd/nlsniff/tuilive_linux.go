package main

import (
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/families/live"
	"github.com/nlsniff/nlsniff/tui/store"
)

// openLive captures from nlmon into a store. The error says what is missing. what
// names the interfaces.
func openLive(o store.Options, warn func(error)) (s *store.Store, what string, err error) {
	opt := nlmon.Options{Warn: warn, Go: o.Go, Watched: true}
	// What nobody described, the kernel may tell the policies of. It is asked
	// until the process ends.
	if registry, err := live.Open(); err == nil {
		o.DB.OnMissing(registry.Describe)
		opt.Keep = func(f *capture.Frame) bool {
			if payload := f.Data[capture.CookedLen:]; f.Data[capture.CookedLen-1] == families.ProtoGeneric && tellsFamily(payload) {
				registry.Learn(payload)
			}
			return !ownTalk(f, registry)
		}
	}
	src, err := nlmon.Open(opt)
	if err != nil {
		return nil, "", captureError(err)
	}
	if err := dropPrivileges(); err != nil {
		warn(err)
	}
	var names []string
	for _, i := range src.Interfaces() {
		names = append(names, i.Name)
	}
	o.Introduce = src.Introduce
	return store.Live(src, o), "live on " + strings.Join(names, ", "), nil
}

// ownTalk says whether a frame is what the registry asks, or is told.
func ownTalk(f *capture.Frame, registry *live.Registry) bool {
	return len(f.Data) > capture.CookedLen && f.Data[capture.CookedLen-1] == families.ProtoGeneric &&
		portid(f.Data[capture.CookedLen:]) == registry.PortID()
}
