package smallpages

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestWanted(t *testing.T) {
	tests := []struct {
		line string
		want bool
	}{
		{"nlsniff\x00capture\x00-w\x00x\x00", true},
		{"nlsniff\x00capture\x00", true},
		{"nlsniff\x00captured\x00", false},
		{"nlsniff\x00read\x00capture\x00", false},
		{"nlsniff\x00", false},
		{"", false},
	}
	for _, tt := range tests {
		if got := wanted([]byte(tt.line)); got != tt.want {
			t.Errorf("%q: %v", tt.line, got)
		}
	}
}

// TestDisabled asks the kernel about this program as a capture and as another command.
func TestDisabled(t *testing.T) {
	if os.Getenv("SMALLPAGES") != "" {
		b, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout.Write(b)
		return
	}
	if b, _ := os.ReadFile("/proc/self/status"); !strings.Contains(string(b), "THP_enabled:\t1") {
		t.Skip("huge pages are off here, or the kernel does not tell")
	}
	for command, want := range map[string]string{"capture": "THP_enabled:\t0", "read": "THP_enabled:\t1"} {
		cmd := exec.Command("/proc/self/exe")
		// The testing package reads its flags before the first argument that is none.
		cmd.Args = []string{"nlsniff", command}
		cmd.Env = append(os.Environ(), "SMALLPAGES=1")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v: it is not %q", command, err, want)
		}
	}
}
