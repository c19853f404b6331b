package main

import (
	"strings"

	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/tui/store"
)

// openLive captures from nlmon into a store. The error says what is missing. what
// names the interfaces.
func openLive(o store.Options, warn func(error)) (s *store.Store, what string, err error) {
	src, err := nlmon.Open(nlmon.Options{Warn: warn})
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
