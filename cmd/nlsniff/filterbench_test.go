package main

import (
	"io"
	"os"
	"os/exec"
	"testing"
)

// BenchmarkFilter counts what five typical filters match, with nlsniff and, in
// the same run over the same file, with tshark.
func BenchmarkFilter(b *testing.B) {
	path, _ := benchFile(b, 64<<20)
	st, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	tshark, _ := exec.LookPath("tshark")
	for _, c := range []struct{ name, filter, tshark string }{
		{"type", "netlink.hdr_type == 2", "netlink.hdr_type == 2"},
		{"headers", "netlink.hdr_flags.request == 1 && netlink.hdr_seq > 100", "netlink.hdr_flags.request == 1 && netlink.hdr_seq > 100"},
		{"error", "error == EINVAL", "netlink.error == -22"},
		{"string", `netlink-route.ifla_ifname == "lo"`, `netlink-route.ifla_ifname == "lo"`},
		{"command", `nl80211.cmd == 34`, `nl80211.cmd == 34`},
	} {
		b.Run(c.name+"/nlsniff", func(b *testing.B) {
			b.SetBytes(st.Size())
			b.ReportAllocs()
			for b.Loop() {
				if code := run([]string{"read", "-q", "-Y", c.filter, path}, nil, io.Discard, io.Discard); code != 0 {
					b.Fatal("exit code", code)
				}
			}
		})
		b.Run(c.name+"/tshark", func(b *testing.B) {
			if tshark == "" {
				b.Skip("tshark is not installed")
			}
			b.SetBytes(st.Size())
			var cpu float64
			for b.Loop() {
				cmd := exec.Command(tshark, "-r", path, "-Y", c.tshark)
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				cpu += cmd.ProcessState.UserTime().Seconds() + cmd.ProcessState.SystemTime().Seconds()
			}
			b.ReportMetric(cpu/float64(b.N), "cpu-s/op")
		})
	}
}
