//go:build linux

package export

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// ynlSpec is what of a YNL specification the kernel's tool looks names up in.
type ynlSpec struct {
	Definitions []struct {
		Name    string
		Members []struct{ Name string }
	}
	Sets []struct {
		Name     string
		SubsetOf string `yaml:"subset-of"`
		Attrs    []struct {
			Name   string
			Type   string
			Nested string `yaml:"nested-attributes"`
		} `yaml:"attributes"`
	} `yaml:"attribute-sets"`
	Operations struct {
		Header string `yaml:"fixed-header"`
		List   []struct {
			Name   string
			Set    string `yaml:"attribute-set"`
			Header string `yaml:"fixed-header"`
			Do     any
			Dump   any
		}
	}
}

// names are those of a set's attributes, each with the set that is nested in it.
func (s *ynlSpec) names(set string) map[string]string {
	out := map[string]string{}
	for _, x := range s.Sets {
		if x.Name == set {
			for _, a := range x.Attrs {
				out[a.Name] = a.Nested
			}
		}
	}
	return out
}

// check reports the names in a command's arguments that the specification lacks.
func (s *ynlSpec) check(t *testing.T, line, set, header string, args map[string]any) {
	names := s.names(set)
	for _, d := range s.Definitions {
		if d.Name == header {
			for _, m := range d.Members {
				if _, ok := names[m.Name]; !ok {
					names[m.Name] = ""
				}
			}
		}
	}
	for k, v := range args {
		nested, ok := names[k]
		if !ok {
			t.Errorf("%s: %s has no %q", line, set, k)
			continue
		}
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, x := range list {
			if o, ok := x.(map[string]any); ok && nested != "" {
				s.check(t, line, nested, "", o)
			}
		}
	}
}

// TestYNLNames: the command lines name operations, attributes and members that
// the kernel's specifications have.
func TestYNLNames(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes where it is checked for races, of which it has none")
	}
	dir := need.KernelSource(t, "Documentation/netlink/specs")
	line := regexp.MustCompile(`(?m)^ynl --family (\S+) --(do|dump) (\S+)((?: --(?:create|excl|replace|append))*) --json '(.*)'$`)
	specs := map[string]*ynlSpec{}
	n := 0
	for _, name := range pcaptest.Names {
		c := load(t, name+".pcap")
		plan, err := c.Plan(nil)
		if err != nil {
			continue // programs that only listen
		}
		p, err := New(name, c, plan, true)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := p.Write(&b, "ynl"); err != nil {
			continue // nothing of it has a specification
		}
		if all, matched := strings.Count(b.String(), "\nynl "), len(line.FindAllString(b.String(), -1)); all != matched {
			t.Errorf("%s: %d of %d lines are command lines", name, matched, all)
		}
		for _, m := range line.FindAllStringSubmatch(b.String(), -1) {
			n++
			s := specs[m[1]]
			if s == nil {
				text, err := os.ReadFile(filepath.Join(dir, m[1]+".yaml"))
				if err != nil {
					t.Errorf("%s: %v", m[0], err)
					continue
				}
				s = new(ynlSpec)
				if err := yaml.Unmarshal(text, s); err != nil {
					t.Fatal(err)
				}
				specs[m[1]] = s
			}
			found := false
			for _, op := range s.Operations.List {
				if op.Name != m[3] {
					continue
				}
				found = true
				if m[2] == "do" && op.Do == nil || m[2] == "dump" && op.Dump == nil {
					t.Errorf("%s: %s %s has no %s", name, m[1], m[3], m[2])
				}
				header := op.Header
				if header == "" {
					header = s.Operations.Header
				}
				var args map[string]any
				if err := json.Unmarshal([]byte(strings.ReplaceAll(m[5], `'\''`, "'")), &args); err != nil {
					t.Errorf("%s: %v", m[0], err)
				}
				s.check(t, name+": "+m[1]+" "+m[3], op.Set, header, args)
			}
			if !found {
				t.Errorf("%s: %s has no operation %s", name, m[1], m[3])
			}
		}
	}
	need.Need(t, n > 100, "few requests have a specification")
	t.Logf("%d command lines", n)
}
