//go:build linux

package export

import (
	"flag"
	"os"
	"os/exec"
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
)

var update = flag.Bool("update", false, "write ynl.txt")

// TestYNLTable: the table is what the kernel's ynl makes of the kernel's
// specifications.
func TestYNLTable(t *testing.T) {
	tool, specs := need.KernelSource(t, "tools/net/ynl"), need.KernelSource(t, "Documentation/netlink/specs")
	cmd := exec.Command(pythonYAML(t), "testdata/ynltable.py", tool, specs)
	cmd.Stderr = os.Stderr
	want, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("ynl.txt", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(want) != ynlText {
		t.Error("ynl.txt is not what testdata/ynltable.py prints (hint: go test ./export -run YNLTable -update)")
	}
}
