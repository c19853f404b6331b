package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
)

// TestFilterDoc runs the examples of docs/filter.md over the tour. -update
// writes how many messages match.
func TestFilterDoc(t *testing.T) {
	const page = "../../docs/filter.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```filter\n.*?```").FindAllString(string(text), -1)
	if len(blocks) < 15 {
		t.Fatalf("only %d blocks of examples found", len(blocks))
	}
	example := regexp.MustCompile(`(?m)^(.*?)( +# )(\d+)$`)
	out := regexp.MustCompile("(?s)```filter\n.*?```").ReplaceAllStringFunc(string(text), func(block string) string {
		for line := range strings.Lines(strings.TrimSuffix(strings.TrimPrefix(block, "```filter\n"), "```")) {
			if !example.MatchString(strings.TrimSuffix(line, "\n")) {
				t.Errorf("no number behind %s", line)
			}
		}
		return example.ReplaceAllStringFunc(block, func(line string) string {
			m := example.FindStringSubmatch(line)
			var stdout, stderr bytes.Buffer
			if code := run([]string{"read", "-q", "-Y", m[1], "../../testdata/pcaps/tour.pcapng"}, nil, &stdout, &stderr); code != 0 {
				t.Errorf("%s: %s", m[1], stderr.String())
				return line
			}
			n, _, _ := strings.Cut(stdout.String(), " ")
			if n != m[3] && !*update {
				t.Errorf("%s matches %s messages, docs/filter.md says %s", m[1], n, m[3])
			}
			return m[1] + m[2] + n
		})
	})
	if *update {
		if err := os.WriteFile(page, []byte(out), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if zeros := strings.Count(out, "# 0\n"); zeros > 3 {
		t.Errorf("%d examples match nothing", zeros)
	}
}

// TestRulesDoc reads the colouring rules in docs/filter.md, and finds the
// default ones there.
func TestRulesDoc(t *testing.T) {
	text, err := os.ReadFile("../../docs/filter.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```rules\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of rules", len(blocks))
	}
	for _, b := range blocks {
		if _, err := filter.ParseRules(b[1], filter.NewEnv(families.Embedded(), time.UTC)); err != nil {
			t.Error(err)
		}
	}
	_, own, _ := strings.Cut(filter.DefaultRules, "\n\n")
	if blocks[1][1] != own {
		t.Errorf("docs/filter.md shows\n%s\nthe default rules are\n%s", blocks[1][1], own)
	}
}
