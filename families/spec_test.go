package families

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// manual returns docs/descriptions.md.
func manual(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../docs/descriptions.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// section returns what stands between two parts of a text.
func section(t *testing.T, text, from, to string) string {
	t.Helper()
	_, s, ok := strings.Cut(text, from)
	if !ok {
		t.Fatalf("docs/descriptions.md has no %q", from)
	}
	s, _, ok = strings.Cut(s, to)
	if !ok {
		t.Fatalf("docs/descriptions.md has no %q behind %q", to, from)
	}
	return s
}

var code = regexp.MustCompile("`([^`]+)`")

// quoted returns the words in a text that stand in backquotes.
func quoted(s string) []string {
	var out []string
	for _, m := range code.FindAllStringSubmatch(s, -1) {
		out = append(out, strings.Fields(m[1])...)
	}
	return out
}

// TestEverything: the language takes each word that its manual names.
func TestEverything(t *testing.T) {
	f, err := ParseSpec("everything.spec", everything, Embedded().Load)
	if err != nil {
		t.Fatal(err)
	}
	checkFamily(t, f)
	has := map[string]bool{}
	for _, w := range regexp.MustCompile(`[A-Za-z0-9_-]+`).FindAllString(everything, -1) {
		has[w] = true
	}
	text := manual(t)
	var words []string
	for _, block := range strings.Split(text, "```")[1:] {
		for l := range strings.Lines(block) {
			if l == "\n" || l[0] == ' ' || l[0] == '`' || l[0] >= 'A' && l[0] <= 'Z' {
				continue
			}
			if w, _, _ := strings.Cut(l, " "); blockWords[strings.TrimSpace(w)].least > 0 {
				words = append(words, strings.TrimSpace(w))
			}
		}
	}
	if len(words) < 15 {
		t.Errorf("the manual shows only the blocks %q", words)
	}
	types := section(t, text, "| type | meaning |", "An integer may be followed")
	n := len(words)
	for _, row := range strings.Split(types, "\n") {
		if cells := strings.Split(row, "|"); len(cells) > 2 {
			for _, w := range quoted(strings.ReplaceAll(cells[1], `\`, "")) {
				w = regexp.MustCompile(`[\[=+*/].*|…`).ReplaceAllString(w, "")
				if w != "" && strings.ToUpper(w) != w {
					words = append(words, w)
				}
			}
		}
	}
	if len(words)-n < 40 {
		t.Errorf("the manual names only the types %q", words[n:])
	}
	for _, w := range quoted(section(t, text, "Behind the type of a member", "## Choices")) {
		words = append(words, strings.Split(w, "=")[0])
	}
	for _, w := range quoted(section(t, text, "Conditions:", "### Lines")) {
		words = append(words, regexp.MustCompile(`[<!=].*`).ReplaceAllString(w, ""))
	}
	// A file has a protocol and perhaps a subsys, or genl; the next test has
	// the former.
	notOurs := map[string]bool{"unknown": false, "ids": true, "protocol": true, "subsys": true, "base": true, "datagram": true, "NAME": true, "LAYER": true, "array": false, "member": true, "header": true, "-": true, "u8": true, "": true, "SET": true, "STRUCT": true, "TYPE": true}
	for _, w := range words {
		if !has[w] && !notOurs[w] && w != "be|le" && strings.ToUpper(w) != w {
			t.Errorf("the description of everything lacks %s", w)
		}
	}
	for w := range blockWords {
		if !has[w] && !notOurs[w] {
			t.Errorf("the description of everything has no %s", w)
		}
	}
}

// TestManual reads the manual's own examples, as one file.
func TestManual(t *testing.T) {
	text := manual(t)
	var lines []string
	for i, part := range strings.Split(text, "```") {
		if i%2 == 1 {
			lines = append(lines, strings.Split(part, "\n")...)
		}
	}
	known := strings.Join(lines, "\n")
	known = strings.NewReplacer("genl ethtool version 1", "# genl", "datagram uevent", "datagram link", "use common rt-route", "use common rt-common").Replace(known)
	known += `
struct rtgenmsg
  rtgen_family u8 af
attrs bridge-link
  1 IFLA_BRIDGE_FLAGS u16
attrs vxlan
attrs gre
`
	known = strings.Replace(known, "  3 IFLA_IFNAME string", "  3 IFLA_IFNAME string\n  18 IFLA_LINKINFO nest linkinfo", 1)
	known = strings.Replace(known, "  ifi_type u16 arphrd", "  ifi_type u16 arphrd\n  ifi_index s32 ifindex", 1)
	known += "attrs linkinfo\n  1 IFLA_INFO_KIND string\n"
	f, err := ParseSpec("manual.spec", known, Embedded().Load)
	if err != nil {
		t.Fatalf("%v\n%s", err, known)
	}
	if f.Name != "rt-link" || len(f.Messages) != 2 || f.Messages[1].Class != ClassGet || len(f.Groups) != 1 {
		t.Errorf("%s: %d messages, %d groups", f.Name, len(f.Messages), len(f.Groups))
	}
}
