package main

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/extcap"
)

// extcapLine is what Wireshark reads: a sentence, or of a filter what is wrong with it, and where.
var extcapLine = regexp.MustCompile(`^(?:(?:extcap|interface|dlt|arg|value) (?:\{[a-z]+=[^{}]*\})+|nlsniff: .*| .*)$`)

// FuzzExtcap: whatever Wireshark asks, it gets sentences, or one line on standard error;
// and whatever the options of a capture hold, they are values of the options of nlsniff
// capture that they are for, and no options of their own.
func FuzzExtcap(f *testing.F) {
	f.Add("--extcap-interfaces\n--extcap-version=4.0", "", "", "", "")
	f.Add("--extcap-interface\nnlsniff\n--extcap-config\n--extcap-reload-option\nnetns", "blue", "auto", "32", "proto route")
	f.Add("--extcap-interface=nlsniff-ebpf\n--extcap-dlts", "--write=/x", "--", "-1", "--netns")
	f.Add("--extcap-interface\nnlsniff\n--extcap-capture-filter\nproto nosuch", "pid:1,a", "nlmon\n", "=", "\x00")
	f.Add("--extcap-interface\n{}\n--extcap-config", "/proc/self/ns/net", "", " ", "type\n1")
	f.Fuzz(func(t *testing.T, args, netns, source, ring, filter string) {
		list := strings.Split(args, "\n")
		if extcap.Called(list) && !strings.Contains(args, "--capture") { // which opens files
			var out, stderr bytes.Buffer
			code := run(list, nil, &out, &stderr)
			for line := range strings.Lines(out.String()) {
				if !extcapLine.MatchString(strings.TrimSuffix(line, "\n")) && !strings.HasPrefix(line, "Usage:") && !slices.Contains(list, "-h") && !slices.Contains(list, "--help") {
					t.Fatalf("%q: %q", list, line)
				}
			}
			if lines := strings.Count(stderr.String(), "\n"); (code == 0) != (lines == 0) || lines > 1 {
				t.Fatalf("%q: code %d, %q", list, code, stderr.String())
			}
		}
		call := extcapCall{iface: extcap.Here, netns: netns, source: source, ring: ring, filter: filter, redact: len(filter)%2 == 1}
		c := newCapture()
		if err := c.ParseFlags(call.arguments()); err != nil {
			if _, wrong := strconv.Atoi(ring); wrong == nil && !strings.Contains(err.Error(), "buffer-size") {
				t.Fatalf("%+v: %v", call, err)
			}
			return
		}
		flags := c.Flags()
		want := map[string]string{"write": "-", "snapshot-length": "258048", "source": source, "filter": filter}
		for name, v := range want {
			if got := flags.Lookup(name).Value.String(); got != v {
				t.Fatalf("--%s is %q, not %q", name, got, v)
			}
		}
		spaces, err := flags.GetStringArray("netns")
		if err != nil || netns != "" && !slices.Equal(spaces, []string{netns}) || len(flags.Args()) > 0 {
			t.Fatalf("namespaces %q, %v, rest %q", spaces, err, flags.Args())
		}
		if redact, err := flags.GetBool("redact"); err != nil || redact != call.redact {
			t.Fatalf("redact %v, %v", redact, err)
		}
	})
}
