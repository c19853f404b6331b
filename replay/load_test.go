package replay

import (
	"testing"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// load reads the capture in a file.
func load(t *testing.T, path string) *Capture {
	t.Helper()
	r, err := pcapng.Open(path, pcapng.Options{Events: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c, err := Load(r, families.Embedded(), dissect.OrderAuto)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
