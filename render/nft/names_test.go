package nft

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

// TestNames: attributes have the numbers that the descriptions give them.
func TestNames(t *testing.T) {
	db := families.Embedded()
	numbers := map[string][]uint16{}
	for _, name := range []string{"nft-data", "nft-expr", "nft-set", "nftables"} {
		fam, err := db.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range fam.Sets {
			for _, f := range set.Fields {
				key := strings.ToLower(strings.ReplaceAll(f.Name, "_", "")) // of FLOW_TABLE and FLOWTABLE
				numbers[key] = append(numbers[key], f.ID)
			}
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "names.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		name := spec.Names[0].Name
		got, err := strconv.ParseUint(spec.Values[0].(*ast.BasicLit).Value, 0, 16)
		if want := numbers[strings.ToLower(name)]; err != nil || !slices.Contains(want, uint16(got)) {
			t.Errorf("%s is %d, the descriptions say %d", name, got, want)
		}
		checked++
		return true
	})
	if checked < 100 {
		t.Errorf("only %d names", checked)
	}
}
