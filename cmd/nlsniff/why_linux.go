//go:build linux && (amd64 || arm64)

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture/ebpf/why"
)

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
  nlsniff why --explain br_add_if
  nlsniff why --explain br_add_if ELOOP
  sudo nlsniff why -w refused.pcapng -- ethtool -G eth0 rx 99999`
	c.Flags().Lookup("why").Hidden = true
	_ = c.Flags().Set("why", "true")
	var function string
	c.Flags().StringVar(&function, "explain", "", "say what it means that this `function` refuses, with an errno's name only that")
	args, run := c.Args, c.RunE
	c.Args = func(c *cobra.Command, list []string) error {
		if function == "" {
			return args(c, list)
		}
		if len(list) > 1 {
			return usagef("nlsniff why --explain br_add_if ELOOP", "--explain takes a function and one errno")
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, list []string) error {
		if function == "" {
			return run(c, list)
		}
		return explainRefusal(c, function, list)
	}
	return c
}

// explainRefusal prints what is known of a function's refusals.
func explainRefusal(c *cobra.Command, function string, errnos []string) error {
	errno := ""
	if len(errnos) > 0 {
		errno = errnos[0]
	}
	list := why.Explain(function, errno)
	if len(list) == 0 {
		what := function
		if errno != "" {
			what += " with " + errno
		}
		return &hintError{err: fmt.Errorf("nothing is written about refusals by %s", what), hint: "the kernel's source says it; capture/ebpf/why/explain.txt takes more lines"}
	}
	for _, m := range list {
		fmt.Fprintf(c.OutOrStdout(), "%s %s: %s\n", function, m.Errno, m.Text)
	}
	return nil
}
