package archtest

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var limitRow = regexp.MustCompile("(?m)^\\| `([a-z/0-9]+)\\.([A-Za-z]+)` \\| ([0-9]+) \\|")

// TestLimitsPage: every number on docs/limits.md is that of the constant that
// stands beside it.
func TestLimitsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := limitRow.FindAllStringSubmatch(string(page), -1)
	if len(rows) < 20 || len(rows) != strings.Count(string(page), "\n| `") {
		t.Errorf("%d rows can be read of %d", len(rows), strings.Count(string(page), "\n| `"))
	}
	known := map[string]map[string]string{}
	for _, r := range rows {
		dir, name, want := r[1], r[2], r[3]
		if known[dir] == nil {
			known[dir] = constants(t, filepath.Join("../..", dir))
		}
		if got := known[dir][name]; got != want {
			t.Errorf("%s.%s is %q in the code, %s on the page", dir, name, got, want)
		}
	}
}

// constants evaluates the constants at the top of a package's files; those
// that need another package have no value.
func constants(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var list []*ast.File
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		x, err := parser.ParseFile(fset, f, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		// Constants are all that is wanted.
		x.Decls = onlyConstants(x.Decls)
		list = append(list, x)
	}
	conf := types.Config{Error: func(error) {}}
	pkg, _ := conf.Check(dir, fset, list, nil)
	out := map[string]string{}
	for _, n := range pkg.Scope().Names() {
		if c, ok := pkg.Scope().Lookup(n).(*types.Const); ok && c.Val().Kind() == constant.Int {
			out[n] = c.Val().ExactString()
		}
	}
	return out
}

func onlyConstants(decls []ast.Decl) (out []ast.Decl) {
	for _, d := range decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
			out = append(out, g)
		}
	}
	return out
}
