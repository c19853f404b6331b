package main

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRun(t *testing.T) {
	var b strings.Builder
	if err := run(&b, "lo"); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "RTM_GETLINK lo\nRTM_NEWLINK lo mtu 65536\n") {
		t.Error(b.String())
	}
	if err := run(&b, "none"); !errors.Is(err, unix.ENODEV) || err.Error() != "RTM_GETLINK: ENODEV" {
		t.Error(err)
	}
}
