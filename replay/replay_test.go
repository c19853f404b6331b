//go:build linux

package replay

import (
	"os"
	"testing"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

func TestMain(m *testing.M) {
	Child()
	os.Exit(m.Run())
}

func open(t *testing.T, name string) *Capture {
	t.Helper()
	r, err := pcapng.Open(pcaptest.Path(name+".pcap"), pcapng.Options{Events: true})
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

func TestNamespace(t *testing.T) {
	c := open(t, "route_links")
	p, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Namespace{}.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for i, s := range r.Sent {
		if s.Frame != 0 {
			sent++
		} else {
			t.Log(p.Requests[i].Op, s.Skipped)
		}
	}
	t.Log(r.Kernel, len(p.Requests), sent, len(r.Frames))
}
