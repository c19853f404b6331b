package main

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var b strings.Builder
	if err := run(t.Context(), &b, []string{"../../testdata/pcaps/tour.pcapng"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "Unknown device type") {
		t.Error(b.String())
	}
	if err := run(t.Context(), &b, []string{"no such file"}); err == nil {
		t.Error("no error")
	}
}
