//go:build linux && (amd64 || arm64)

package main

import "github.com/spf13/cobra"

// newWhy makes the command why: trace with the question asked.
func newWhy() *cobra.Command {
	c := newTrace()
	c.Use = "why [flags] -- COMMAND [ARGUMENT…]"
	c.Short = "Run a command and show where the kernel refuses what it asks"
	c.Long = `Run a command and show its netlink as trace does, and beside each refusal the
kernel function that it came from, the way that it went, and how sure that is.

It needs root and Linux 6.10 or later on amd64. While it runs, the kernel's
modules cannot be removed, and netlink requests of all processes are slower.`
	c.Example = `  sudo nlsniff why -- ip route add 192.0.2.0/24 dev lo metric 0 table 0x100000000
  sudo nlsniff why -- ip link set lo master lo
  sudo nlsniff why -V -- nft -f rules.nft
  sudo nlsniff why -w refused.pcapng -- ethtool -G eth0 rx 99999`
	c.Flags().Lookup("why").Hidden = true
	_ = c.Flags().Set("why", "true")
	return c
}
