package main

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var b strings.Builder
	const file = "../../testdata/pcaps/wireguard.pcap"
	if err := run(&b, file, "WGDEVICE_A_LISTEN_PORT == 51820 && direction == to_kernel"); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, "WG_CMD_SET_DEVICE wg0 port 51820") {
		t.Error(s)
	}
	if err := run(&b, file, "nonsense ==="); err == nil {
		t.Error("no error")
	}
}
