package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
)

// TestTsharkExtcap has the real tshark find nlsniff's interfaces, their link type
// and their options. internal/capturetest/testdata/vm/extcap.txtar captures with it.
func TestTsharkExtcap(t *testing.T) {
	t.Parallel()
	tshark := need.Tool(t, "tshark")
	dir := t.TempDir()
	program := filepath.Join(dir, "nlsniff")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	run := func(name string, args ...string) string {
		t.Helper()
		c := exec.Command(name, args...)
		c.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir+"/.config")
		var stderr bytes.Buffer
		c.Stderr = &stderr
		out, err := c.Output()
		if err != nil {
			t.Errorf("%s %q: %v\n%s", filepath.Base(name), args, err, stderr.Bytes())
		}
		return string(out)
	}
	if out := run(program, "extcap", "install"); !strings.Contains(out, "/extcap/nlsniff → "+program) {
		t.Errorf("install: %s", out)
	}
	if out := run(tshark, "-D"); !strings.Contains(out, ". nlsniff (Netlink: this network namespace)\n") || !strings.Contains(out, ". nlsniff-all (") {
		t.Errorf("tshark -D:\n%s", out)
	}
	for _, name := range []string{"nlsniff", "nlsniff-all"} {
		if out := run(tshark, "-i", name, "-L"); !strings.Contains(out, "NETLINK (Linux netlink)") {
			t.Errorf("tshark -L: %s", out)
		}
	}
	prefs := run(tshark, "-G", "currentprefs")
	for _, want := range []string{"extcap.nlsniff.netns", "extcap.nlsniff.ring", "extcap.nlsniff.source", "extcap.nlsniff.redact", "extcap.nlsniff.logfile", "extcap.nlsniff_all.ring"} {
		if !strings.Contains(prefs, want+":") {
			t.Errorf("tshark has no preference %s", want)
		}
	}
}
