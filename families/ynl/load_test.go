package ynl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

// namesOf lists the families that were read.
func namesOf(fams []*families.Family) string {
	var out []string
	for _, f := range fams {
		out = append(out, f.Name)
	}
	return strings.Join(out, " ")
}

func spec(name string) []byte {
	return []byte("name: " + name + "\nextra: 1\noperations: {list: []}\n")
}

func TestReadDir(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.yaml", spec("a"))
	write(t, dir, "b.yaml.gz", compress(t, string(spec("b"))))
	write(t, dir, "c.yml", spec("c"))
	write(t, dir, "d.txt", []byte("no spec"))
	write(t, dir, "e.spec", []byte("family e\n"))
	if err := os.Mkdir(filepath.Join(dir, "sub.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "sub.yaml"), "f.yaml", spec("f"))
	fams, warns, err := ReadDir(dir)
	if got := namesOf(fams); got != "a b c" || err != nil || len(warns) != 3 {
		t.Errorf("%s, %v, %v", got, warns, err)
	}
	// A file that is wrong does not hide the others.
	write(t, dir, "0.yaml", []byte("name: 0\n"))
	write(t, dir, "1.yaml", []byte("]"))
	fams, _, err = ReadDir(dir)
	if got := namesOf(fams); got != "a b c" || err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("%s, %v", got, err)
	}
	if _, _, err := ReadDir(filepath.Join(dir, "none")); err == nil {
		t.Error("no error for no folder")
	}
	if _, _, err := ReadDir(t.TempDir()); err == nil || !strings.HasSuffix(err.Error(), "no descriptions there") {
		t.Errorf("empty folder: %v", err)
	}
}

func TestLoadPath(t *testing.T) {
	db := families.Embedded()
	dir := t.TempDir()
	y := write(t, dir, "a.yaml", spec("a"))
	own := write(t, dir, "own.spec", []byte("family own\ngenl own\nuse netlink other\nattrs s S_\n  1 S_A u8 mode\n"))
	write(t, dir, "other.spec", []byte("family other\nenum mode M_\n  0 M_A\n"))

	fams, warns, err := LoadPath(y, db.Load)
	if namesOf(fams) != "a" || len(warns) != 1 || err != nil {
		t.Errorf("%s, %v, %v", namesOf(fams), warns, err)
	}
	fams, warns, err = LoadPath(dir, db.Load)
	if namesOf(fams) != "a other own" || len(warns) != 1 || err != nil {
		t.Errorf("%s, %v, %v", namesOf(fams), warns, err)
	}
	// A file alone has nothing beside it.
	if _, _, err := LoadPath(own, db.Load); err == nil || !strings.Contains(err.Error(), "no description named other") {
		t.Errorf("%v", err)
	}
	if _, _, err := LoadPath(filepath.Join(dir, "none"), db.Load); err == nil {
		t.Error("no error for no file")
	}

	// Two that use each other, and one that asks for a file elsewhere.
	dir = t.TempDir()
	write(t, dir, "a.spec", []byte("family a\nuse b\n"))
	write(t, dir, "b.spec", []byte("family b\nuse a\n"))
	write(t, dir, "c.spec", []byte("family c\nuse ../own\n"))
	write(t, dir, "big.spec", make([]byte, maxFile+1))
	fams, _, err = LoadPath(dir, db.Load)
	if len(fams) != 0 || err == nil {
		t.Fatalf("%s, %v", namesOf(fams), err)
	}
	for _, want := range []string{"uses itself", "no description named ../own", "larger than 4 MiB"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}
