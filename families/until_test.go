package families

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// gone is what Linux had since 4.18 and has no more: the first version without
// it, the upstream commit that removed it, and the module that had it, "" where
// that has other things as well. Maintainers of older kernels removed some of it
// from these too: Linux 5.15.149 and 6.1.79 have no cbq, dsmark and atm.
var gone = []struct {
	what, version, commit, module string
	in                            string // the spaces and structs that describe it
}{
	{"qdisc cbq", "6.3", "051d44209842", "sch_cbq", "tca-cbq"},
	{"qdisc atm", "6.3", "fb38306ceb9e", "sch_atm", "tca-atm"},
	{"qdisc dsmark", "6.3", "bbe77c14ee61", "sch_dsmark", "tca-dsmark"},
	{"classifier tcindex", "6.3", "8c710f75256b", "cls_tcindex", "cls-tcindex"},
	{"classifiers rsvp and rsvp6", "6.3", "265b4da82dbf", "cls_rsvp", "cls-rsvp"},
	{"action ipt", "6.8", "ba24ea129126", "act_ipt", "act-ipt"},
	{"target CLUSTERIP", "6.3", "9db5d918e2c0", "ipt_CLUSTERIP", "ipt_clusterip_tgt_info ipt-clusterip-tgt-info-32"},
	{"links of kind caif", "7.1", "6d5431555de0", "chnl_net", "caif"},
	{"family DLM", "6.4", "01c7a5978993", "", "dlm"},
	{"family WiMAX", "5.13", "18507b8f6310", "wimax", "wimax-msg wimax-rfkill wimax-reset wimax-stget wimax-stch"},
	{"family thermal_event", "5.9", "1ce50e7d408e", "", "thermal-event"},
}

// TestGone: descriptions say of all of that, and of nothing else, when it went,
// and no kernel that is installed here and is as new has the module.
func TestGone(t *testing.T) {
	version := map[string]string{} // by space or struct
	for _, g := range gone {
		for _, name := range strings.Fields(g.in) {
			version[name] = g.version
		}
	}
	all, err := Embedded().LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, f := range all {
		for _, d := range f.Fields() {
			if want := version[d.Set]; d.Field.Until != want {
				t.Errorf("%s in %s of %s: until %q, want %q", d.Field.Name, d.Set, d.Family, d.Field.Until, want)
			}
			said[d.Set] = true
		}
	}
	for name := range version {
		if !said[name] {
			t.Errorf("nothing is described as %s", name)
		}
	}
	kernels, err := filepath.Glob("/lib/modules/*/modules.dep")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range kernels {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		kernel := filepath.Base(filepath.Dir(path))
		for _, g := range gone {
			if g.module != "" && atLeast(kernel, g.version) && bytes.Contains(b, []byte("/"+g.module+".ko")) {
				t.Errorf("Linux %s has %s (%s), which went with %s", kernel, g.what, g.module, g.version)
			}
		}
	}
}

// atLeast compares the first two numbers of versions.
func atLeast(kernel, version string) bool {
	var a, b [2]int
	fmt.Sscanf(kernel, "%d.%d", &a[0], &a[1])
	fmt.Sscanf(version, "%d.%d", &b[0], &b[1])
	return slices.Compare(a[:], b[:]) >= 0
}
