package main

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var b strings.Builder
	if err := run(&b, "../../testdata/pcaps/wireguard.pcap", 2); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); !strings.HasPrefix(s, "exchange,operation,state,microseconds\n100,RTM_DELLINK,acknowledged,872473\n") || strings.Count(s, "\n") != 3 {
		t.Error(s)
	}
	if err := run(&b, "no such file", 1); err == nil {
		t.Error("no error")
	}
}
