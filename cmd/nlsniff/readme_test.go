package main

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestREADME compares the lines of output in README.md with what the program
// prints of the tour, and of the captures that the commands beside them read.
func TestREADME(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	// The second is what nlsniff trace wrote of the command that is shown.
	commands := []string{"read -V testdata/pcaps/tour.pcapng", "read testdata/golden/trace_lines/input.pcap"}
	for _, m := range regexp.MustCompile(`(?m)^\$ nlsniff (read .*testdata/pcaps/\S+)$`).FindAllStringSubmatch(string(page), -1) {
		commands = append(commands, m[1])
	}
	for _, c := range commands {
		args := regexp.MustCompile(`'[^']*'|\S+`).FindAllString(strings.ReplaceAll(c, "testdata/", "../../testdata/"), -1)
		for i := range args {
			args[i] = strings.Trim(args[i], "'")
		}
		if code := run(args, nil, &out, io.Discard); code != 0 {
			t.Fatalf("nlsniff %s: exit code %d", c, code)
		}
	}
	shown := regexp.MustCompile(`(?m)^ +#?\d+ \d\d:\d\d:\d\d\.\d{6} .*\n(?:      .*\n)*`).FindAllString(string(page), -1)
	if len(shown) < 10 {
		t.Fatalf("only %d messages found in README.md", len(shown))
	}
	for _, s := range shown {
		if !strings.Contains(out.String(), s) {
			t.Errorf("README.md shows what nlsniff does not print:\n%s", s)
		}
	}
}
