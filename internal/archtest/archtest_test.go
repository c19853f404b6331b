// Package archtest holds the packages to docs/architecture.md: who may import
// whom, and which modules there are.
package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/nlsniff/nlsniff/"
)

var code = regexp.MustCompile("`([^`]+)`")

// table returns the rows of the first table in docs/architecture.md whose head
// starts with a word: the first cell's name, and the names in the last cell.
func table(t *testing.T, head string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs/architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "\n| "+head+" |")
	if !ok {
		t.Fatalf("no table of %s", head)
	}
	rows := map[string][]string{}
	for i, line := range strings.Split(rest, "\n")[2:] {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "| "), "|")
		name := code.FindStringSubmatch(cells[0])
		if name == nil {
			t.Fatalf("row %d has no name: %s", i, line)
		}
		last := cells[len(cells)-1]
		if strings.TrimSpace(last) == "everything" {
			rows[name[1]] = []string{"*"}
			continue
		}
		rows[name[1]] = []string{}
		for _, m := range code.FindAllStringSubmatch(last, -1) {
			rows[name[1]] = append(rows[name[1]], m[1])
		}
	}
	return rows
}

// packages returns the folders with Go code that is no test, and what they
// import.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(name, ".") || isTestData(path) || otherModule(path)):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		if out[pkg] == nil {
			out[pkg] = []string{}
		}
		for _, i := range f.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			out[pkg] = append(out[pkg], p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// isTestData says whether a folder holds what a package's tests read. Go's
// patterns leave it out; the project's own testdata is a package, too.
func isTestData(dir string) bool {
	return filepath.Base(dir) == "testdata" && filepath.Dir(dir) != root
}

// otherModule says whether a folder is a module of its own.
func otherModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func TestImports(t *testing.T) {
	allowed := table(t, "package")
	found := packages(t)
	for pkg, imports := range found {
		may, ok := allowed[pkg]
		if !ok {
			t.Errorf("docs/architecture.md has no row for %s", pkg)
			continue
		}
		for _, i := range imports {
			own, ok := strings.CutPrefix(i, module)
			if ok && !slices.Contains(may, own) && !slices.Contains(may, "*") {
				t.Errorf("%s imports %s, which docs/architecture.md does not allow", pkg, own)
			}
		}
	}
	for pkg := range allowed {
		if found[pkg] == nil {
			t.Errorf("docs/architecture.md has a row for %s, which is not there", pkg)
		}
	}
}

// TestGopacket: whoever imports nlsniff without its face for gopacket does not
// pay for the tables of gopacket's layers.
func TestGopacket(t *testing.T) {
	for pkg, imports := range packages(t) {
		if pkg != "dissect/layers" && slices.Contains(imports, "github.com/google/gopacket/layers") {
			t.Errorf("%s imports gopacket's layers, which cost every program that links them 3 ms and 5 MB at its start", pkg)
		}
	}
}

// TestModules: every module that code imports has its reason.
func TestModules(t *testing.T) {
	reasons := table(t, "module")
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		w := strings.Fields(line)
		if len(w) > 0 && (w[0] == "require" || w[0] == "tool") {
			w = w[1:]
		}
		if len(w) != 2 || !strings.HasPrefix(w[1], "v") {
			continue // not a requirement, or an indirect one
		}
		if _, ok := reasons[w[0]]; !ok {
			t.Errorf("docs/architecture.md does not say what %s is for", w[0])
		}
	}
}

// TestStability: the documentation of every package that others can import says
// whether they can rely on it.
func TestStability(t *testing.T) {
	for pkg := range packages(t) {
		if strings.HasPrefix(pkg, "internal") || strings.HasPrefix(pkg, "cmd") || pkg == "testdata" {
			continue
		}
		files, err := filepath.Glob(filepath.Join(root, pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		found, program := false, false
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			program = program || f.Name.Name == "main"
			found = found || f.Doc != nil && strings.Contains(f.Doc.Text(), "Stability")
		}
		if !found && !program {
			t.Errorf("the documentation of %s does not say whether it stays", pkg)
		}
	}
}
