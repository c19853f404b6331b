package ynl

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func compress(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	plain := write(t, dir, "a.yaml", []byte(genl))
	packed := write(t, dir, "b.yaml.gz", compress(t, genl))
	for _, path := range []string{plain, packed} {
		f, _, err := ReadFile(path)
		if err != nil || f.Name != "fam" || f.Origin != filepath.Base(path) {
			t.Errorf("%s: %+v, %v", path, f, err)
		}
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"):          "no such file",
		dir:                                      "is a directory",
		write(t, dir, "c.yaml.gz", []byte(genl)): "gzip: invalid header",
		write(t, dir, "d.yaml.gz", compress(t, genl)[:30]):                      "unexpected EOF",
		write(t, dir, "e.yaml", bytes.Repeat([]byte("#"), maxFile+1)):           "larger than 4 MiB",
		write(t, dir, "f.yaml.gz", compress(t, strings.Repeat("#", maxFile+1))): "larger than 4 MiB",
	} {
		if _, _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}

func TestReadBroken(t *testing.T) {
	_, _, err := Read("t.yaml", iotest.ErrReader(errors.New("unplugged")))
	if err == nil || err.Error() != "t.yaml: unplugged" {
		t.Errorf("%v", err)
	}
}
