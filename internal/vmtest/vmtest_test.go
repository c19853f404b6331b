package vmtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun is the whole way: a kernel of one's choice, its modules, root, the
// host's files, and results that come back.
func TestRun(t *testing.T) {
	Run(t, Test{
		Modules:  []string{"dummy numdummies=3"},
		Programs: []string{"ip"},
		Before: func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "question"), []byte("6*7"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		Guest: func(t *testing.T) {
			t.Run("kernel", func(t *testing.T) {
				text, err := os.ReadFile("/proc/sys/kernel/osrelease")
				if err != nil {
					t.Fatal(err)
				}
				release := strings.TrimSpace(string(text))
				if !strings.HasPrefix(release, os.Getenv(guestVar)+".") {
					t.Errorf("runs %s instead of %s", release, os.Getenv(guestVar))
				}
				t.Log("release", release)
				if os.Getuid() != 0 {
					t.Errorf("uid %d", os.Getuid())
				}
			})
			t.Run("module", func(t *testing.T) {
				out, err := exec.Command("ip", "-br", "link", "show", "dummy2").CombinedOutput()
				if err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
			t.Run("files", func(t *testing.T) {
				if _, err := os.Stat("vmtest_test.go"); err != nil {
					t.Error("does not start where the test is:", err)
				}
				// The host's files can be written, without the host's knowledge.
				if err := os.WriteFile("written_in_the_machine", nil, 0o600); err != nil {
					t.Error(err)
				}
				question, err := os.ReadFile(filepath.Join(Dir(), "question"))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(Dir(), "answer"), append(question, "=42"...), 0o600); err != nil {
					t.Error(err)
				}
			})
			t.Run("skipped", func(t *testing.T) { t.Skip("for a reason") })
		},
		After: func(t *testing.T, dir string) {
			if _, err := os.Stat("written_in_the_machine"); err == nil {
				t.Error("the machine wrote to the host's files")
			}
			if got, err := os.ReadFile(filepath.Join(dir, "answer")); err != nil || string(got) != "6*7=42" {
				t.Errorf("answer %q, %v", got, err)
			}
		},
	})
}
