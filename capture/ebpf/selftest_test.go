//go:build linux

package ebpf

import "testing"

// The messages of the self-test are answered, whatever the kernel.
func TestTalk(t *testing.T) {
	if portid, _, err := talk(); err != nil || portid == 0 {
		t.Errorf("%d, %v", portid, err)
	}
}
