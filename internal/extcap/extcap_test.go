package extcap

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestCalled(t *testing.T) {
	for args, want := range map[string]bool{
		"--extcap-interfaces": true, "--extcap-interface nlsniff --extcap-dlts": true, "--capture --fifo x": true, "--extcap-version=4.0 --extcap-interfaces": true,
		"": false, "capture": false, "extcap install": false, "read -Y --capture.x": false, "capture -w x": false,
	} {
		if got := Called(strings.Fields(args)); got != want {
			t.Errorf("%q: %v", args, got)
		}
	}
}

var sentence = regexp.MustCompile(`^(extcap|interface|dlt|arg|value) (\{[a-z]+=[^{}]*\})+$`)

// TestSentences holds what is written to the form that Wireshark parses.
func TestSentences(t *testing.T) {
	var b strings.Builder
	for _, err := range []error{
		Interfaces(&b, "v1.0-{x}", true), LinkTypes(&b), Config(&b, Here), Config(&b, All), Config(&b, EBPF),
		Namespaces(&b, []string{"blue", "a b", "x}{value=evil", "line\nbreak"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(b.String()) {
		if !sentence.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("no sentence: %q", line)
		}
	}
	if s := b.String(); strings.Contains(s, "evil") || !strings.Contains(s, "{value=a b}") || strings.Count(s, "interface {") != 3 {
		t.Errorf("%s", s)
	}
}

// TestOptionNumbers: the reloaded option is number 0 wherever it is.
func TestOptionNumbers(t *testing.T) {
	for _, name := range []string{Here, EBPF} {
		var b strings.Builder
		if err := Config(&b, name); err != nil || !strings.HasPrefix(b.String(), "arg {number=0}{call=--"+OptNetns+"}") {
			t.Errorf("%s: %v %s", name, err, b.String())
		}
	}
	var b strings.Builder
	if _ = Config(&b, All); strings.Contains(b.String(), OptNetns) {
		t.Errorf("%s", b.String())
	}
}

func TestFolders(t *testing.T) {
	const text = "TShark (Wireshark) 4.0.17 (Git v4.0.17 packaged as 4.0.17-0+deb12u3).\n"
	if v := VersionOf(text); v != "4.0.17" {
		t.Errorf("version %q", v)
	}
	old, now := "/h/.config/wireshark/extcap", "/h/.local/lib/wireshark/extcap"
	for version, want := range map[string][]string{"4.0.17": {old}, "3.6.2": {old}, "4.1.0": {now}, "4.4.1": {now}, "5.0": {now}, "": {old, now}, "git": {old, now}} {
		if got := Folders("/h", version); !slices.Equal(got, want) {
			t.Errorf("%q: %v", version, got)
		}
	}
}

func TestInstall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for _, program := range []string{"/bin/one", "/bin/two", "/bin/two"} {
		name, err := Install(dir, program)
		if err != nil {
			t.Fatal(err)
		}
		if to, err := os.Readlink(name); err != nil || to != program {
			t.Errorf("%s leads to %q, %v", name, to, err)
		}
	}
	file := filepath.Join(t.TempDir(), "nlsniff")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(filepath.Dir(file), "/bin/one"); err == nil {
		t.Error("a file is replaced")
	}
	if b, _ := os.ReadFile(file); string(b) != "mine" {
		t.Errorf("the file is %q", b)
	}
}
