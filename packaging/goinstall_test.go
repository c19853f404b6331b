package packaging

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// TestGoInstall: whoever has Go needs no package.
func TestGoInstall(t *testing.T) {
	t.Parallel()
	const path = "github.com/nlsniff/nlsniff"
	src, proxy, bin := checkout(t), t.TempDir(), t.TempDir()
	dir := filepath.Join(proxy, path, "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w, err := os.Create(filepath.Join(dir, tag+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := zip.CreateFromDir(w, module.Version{Path: path, Version: tag}, src); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"list":        tag + "\n",
		tag + ".info": `{"Version":"` + tag + `","Time":"2026-01-02T03:04:05Z"}`,
		tag + ".mod":  string(read(t, src, "go.mod")),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	// What it needs is in this machine's cache, which has the layout of a proxy.
	cache := strings.TrimSpace(run(t, ".", nil, "go", "env", "GOMODCACHE"))
	fresh := t.TempDir()
	env := []string{
		"GOPROXY=file://" + proxy + ",file://" + filepath.Join(cache, "cache", "download"), "GONOSUMDB=*", "GOFLAGS=-modcacherw -trimpath",
		"GOMODCACHE=" + fresh, "GOBIN=" + bin, "CGO_ENABLED=0",
	}
	run(t, t.TempDir(), env, "go", "install", path+"/cmd/nlsniff@latest")
	out := run(t, t.TempDir(), nil, filepath.Join(bin, "nlsniff"), "--version")
	if !strings.HasPrefix(out, "nlsniff version "+tag+"\n") {
		t.Errorf("it calls itself %q", out)
	}
}
