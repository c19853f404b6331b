package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nlsniff/nlsniff/replay"
)

// TestMain lets the scripts run this very program under its name, and gives all
// tests the same times of day.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	replay.Child()
	testscript.Main(m, map[string]func(){
		"nlsniff": func() {
			code := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
			tellPeak(os.Getenv("NLSNIFF_PEAK"))
			os.Exit(code)
		},
		"nlsniff-panic": func() { panicking(os.Args[1], os.Args[2]) },
	})
}

// TestScripts runs testdata/script/*.txtar, one file a behaviour. $PCAPS is
// the folder of captures.
func TestScripts(t *testing.T) {
	pcaps, err := filepath.Abs("../../testdata/pcaps")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PCAPS", pcaps)
			e.Setenv("FOREIGN", filepath.Join(pcaps, "../../capture/foreign/testdata"))
			e.Setenv("TZ", "UTC")
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond != "userns" {
				return false, fmt.Errorf("no condition %s", cond)
			}
			return userNamespaces(), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"cut": cmdCut, "frames": cmdFrames, "pack": cmdPack},
	})
}

// tellPeak writes to a file how much memory this process had at the most, as
// the kernel counts it.
func tellPeak(path string) {
	if path == "" {
		return
	}
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		err = os.WriteFile(path, status, 0o600)
	}
	if err != nil {
		panic(err)
	}
}
