//go:build !race && linux

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// largeBudget is what reading a usual file may take, of any size: the memory
// that TestMemory's budget is for is that of files that were made to take much. A
// program that tests are linked into is some MiB larger than the command, which
// stays below 64 MiB.
const largeBudget = 72 << 20

// TestMemoryOfLarge: what a large capture takes does not grow with the number of
// processors, whatever is made of it.
func TestMemoryOfLarge(t *testing.T) {
	dir := t.TempDir()
	nlsniff := itself(t, dir)
	path, _ := benchFile(t, 24<<20)
	for _, args := range [][]string{nil, {"-V"}, {"-T", "json"}, {"--exchanges"}, {"-z", "coverage"}} {
		for _, n := range []string{"1", "8"} {
			cmd := exec.Command(nlsniff, append([]string{"read", path}, args...)...)
			status := filepath.Join(dir, "status")
			cmd.Env = append(os.Environ(), "GOMAXPROCS="+n, "NLSNIFF_PEAK="+status)
			cmd.Stdout = io.Discard
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v: %v", args, err)
			}
			used := peak(t, status)
			t.Logf("%2s %3d MiB %4.1fs %v", n, used>>20, cmd.ProcessState.UserTime().Seconds(), args)
			if used > largeBudget {
				t.Errorf("nlsniff read %v on %s processors takes %d MiB, the budget is %d", args, n, used>>20, largeBudget>>20)
			}
		}
	}
}
