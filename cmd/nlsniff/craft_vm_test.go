//go:build linux

package main

import (
	"bytes"
	"strings"
	"testing"
)

// craftInVM: what a kernel's own policy does not allow is said before it is sent,
// and each kernel refuses just that.
func craftInVM(t *testing.T) {
	const header = "ETHTOOL_A_RINGS_HEADER/ETHTOOL_A_HEADER_DEV_NAME=lo"
	for _, attr := range []string{
		`77:=[{"hex":"01000000"}]`,         // of no kernel
		"ETHTOOL_A_RINGS_TCP_DATA_SPLIT=7", // of any value on 6.1
		"ETHTOOL_A_RINGS_CQE_SIZE=0",       // of no size
		"ETHTOOL_A_RINGS_TX=1",             // of all
	} {
		var out, said bytes.Buffer
		c := newCraft()
		c.SetArgs([]string{"--here", "--yes", "ethtool", "ETHTOOL_MSG_RINGS_SET", header, attr})
		c.SetOut(&out)
		c.SetErr(&said)
		c.SilenceErrors, c.SilenceUsage = true, true
		_ = c.Execute()
		warned := strings.Contains(said.String(), "the kernel's policy: ")
		// What the policy refuses is ERANGE, or an attribute that it does not know.
		refused := strings.Contains(out.String(), `"Unknown attribute type"`) || strings.Contains(out.String(), `"integer out of range"`)
		if warned != refused {
			t.Errorf("%s: warned %v, refused %v:\n%s%s", attr, warned, refused, said.String(), out.String())
		}
		t.Logf("%s: warned %v", attr, warned)
	}
}
