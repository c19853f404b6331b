package families_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

var updateKeys = flag.Bool("update-keys", false, "write what is missing into testdata/keymaterial.txt")

// keyWord finds the names that key material has in the kernel's headers, and
// many others.
var keyWord = regexp.MustCompile(`(?i)key|psk|pmk|gmk|kek|kck|ltk|secret|pass|pwd|salt|nonce|seed|rrk|chap|credential|challenge|sak|wep|token|cookie|hash|auth_data|authdata|sae_data|crypt|cipher`)

// keyField says whether a field could be key material, by its name and what it
// holds: bytes, a string, or a number that is called a secret.
func keyField(f *families.Field) bool {
	switch {
	case f.Secret, f.Type.Secret:
		return true
	case !keyWord.MatchString(f.Name), strings.Contains(f.Name, "FLOWER_KEY_"), strings.Contains(f.Name, "TUNNEL_KEY"), strings.HasPrefix(f.Name, "OVS_KEY_"):
		return false // those of the latter kinds are fields of packets to match
	}
	switch f.Type.Kind {
	case families.KindBinary, families.KindString, families.KindArray, families.KindStrings, families.KindTLV:
		return true
	case families.KindUint, families.KindSint:
		return regexp.MustCompile(`(?i)secret|passw|seed|token|nonce`).MatchString(f.Name)
	}
	return false
}

// TestKeyMaterial: all that could be key material by its name is masked, or
// testdata/keymaterial.txt says why it is shown. TestUndescribed sees to it that
// the descriptions have all attributes of the headers.
func TestKeyMaterial(t *testing.T) {
	const file = "testdata/keymaterial.txt"
	listed := map[string]string{}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			family, rest, _ := strings.Cut(line, " ")
			name, verdict, _ := strings.Cut(rest, " ")
			listed[family+" "+name] = strings.TrimSpace(verdict)
		}
	}
	found := map[string]string{}
	for _, f := range embedded(t) {
		for _, x := range f.Fields() {
			if !keyField(x.Field) {
				continue
			}
			verdict := "shown"
			switch {
			case families.IsSecret(x.Field):
				verdict = "masked"
			case families.HoldsSecret(x.Field):
				verdict = "masked inside"
			}
			if k := f.Name + " " + x.Field.Name; found[k] == "" || verdict == "shown" {
				found[k] = verdict
			}
		}
	}
	masked := 0
	var missing strings.Builder
	for _, k := range slices.Sorted(maps.Keys(found)) {
		verdict, why := found[k], listed[k]
		switch {
		case why == "":
			t.Errorf("%s is %s, and not in %s", k, verdict, file)
			fmt.Fprintf(&missing, "%s %s\n", k, verdict)
		case verdict == "shown" && strings.HasPrefix(why, "masked"):
			t.Errorf("%s is shown; it is key material", k)
		case verdict != "shown" && why != verdict:
			t.Errorf("%s is %s, the list says %q", k, verdict, why)
		case verdict == "shown" && len(why) < len("is a size"):
			t.Errorf("%s is shown, and nothing says why", k)
		}
		if verdict != "shown" {
			masked++
		}
	}
	for k := range listed {
		if found[k] == "" {
			t.Errorf("%s is in %s, but not described", k, file)
		}
	}
	t.Logf("%d fields could be key material, %d are masked", len(found), masked)
	if masked < 33 {
		t.Error("too few: the test does not look at what it should")
	}
	if *updateKeys {
		if err := os.WriteFile(file, append(b, missing.String()...), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
