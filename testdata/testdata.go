// Package testdata holds the capture that nlsniff shows when it is given
// none.
package testdata

import _ "embed"

// Tour is a small capture that shows what nlsniff can do.
//
//go:embed pcaps/tour.pcapng
var Tour []byte
